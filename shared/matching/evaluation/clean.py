"""Two tables without duplicates of their own and the pairs that are one (clean-clean).

A folder holds ``gt.csv`` (columns D1, D2: row ids of the first and the second table by name) and
two more CSV files, all with bars between the columns and compressed or not. Column names may be
addresses; their last part says what they hold. Nothing is learned from such a folder.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.catalog.raw import FieldError
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import CountingIds
from shared.matching.directory import Directory
from shared.matching.evaluation import files
from shared.matching.evaluation.measure import Pairs
from shared.matching.evaluation.records import item_of
from shared.matching.evaluation.resolution import Timer
from shared.matching.facts import Facts, facts_of
from shared.matching.features import compare
from shared.matching.hindsight import questions_of, root, settle
from shared.matching.resolve import ACCEPT, resolve
from shared.matching.scorer import scored
from shared.matching.vetoes import veto

TRUTH = "gt"
BAR = "|"
HOLDS = {
    "title": ("title", "name", "label"),
    "year": ("startyear", "releaseyear", "year", "releasedate"),
    "runtime": ("runtimeminutes", "runtime"),
    "description": ("abstract", "overview", "description"),
    "genres": ("genre_list", "genres", "genre"),
}
"""Last parts of column names, the better one first."""

Row = tuple[str, Facts, Any]
"""Id, facts and item."""


def clean_folders(folder: Path) -> list[Path]:
    """Return the folders inside one that hold two tables and their pairs."""
    found = {path.parent for path in folder.glob(f"*/{TRUTH}.csv*")}
    return sorted(found)


def evaluate_clean(folder: Path, timer: Timer) -> Mapping[str, Any]:
    """Return how well the pairs of two tables are found.

    ``matched`` pairs one row with one row, likeliest first, from the probability on at which the
    product joins; ``resolved`` is what the product makes of the second table after the first,
    questions settled.

    Raises:
        InvalidInputError: Naming the file, and the column or id at fault.
    """
    refused: list[str] = []
    left, right = (_rows(path, refused) for path in _tables(folder))
    true = _truth(folder, left, right)
    started = timer()
    matched = _one_to_one(left, right)
    seconds = max(timer() - started, 1e-9)
    return {
        "rows": len(left) + len(right),
        "set_aside": len(refused),
        "records_per_second": round((len(left) + len(right)) / seconds),
        "matched": _judged(matched, true),
        "resolved": _judged(_resolved(left, right), true),
    }


def _tables(folder: Path) -> Sequence[Path]:
    found = sorted(path for path in folder.glob("*.csv*") if path.name.split(".")[0] != TRUTH)
    if len(found) != 2:  # noqa: PLR2004 - a pair of tables
        raise InvalidInputError(f"{folder} holds {len(found)} tables beside {TRUTH}.csv, not two")
    return found


def _truth(folder: Path, left: Sequence[Row], right: Sequence[Row]) -> set[tuple[str, str]]:
    path = files.find(folder, f"{TRUTH}.csv")
    pairs = {(row["D1"], row["D2"]) for row in files.table(path, ("D1", "D2"), delimiter=BAR)}
    known = {name for name, _, _ in left}, {name for name, _, _ in right}
    lost = next((pair for pair in sorted(pairs) if not _known(pair, known)), None)
    if lost is not None:
        raise InvalidInputError(f"{path}: pair {lost[0]}, {lost[1]} names a row that is not there")
    return pairs


def _known(pair: tuple[str, str], ids: tuple[set[str], set[str]]) -> bool:
    return pair[0] in ids[0] and pair[1] in ids[1]


def _rows(path: Path, refused: list[str]) -> list[Row]:
    found = []
    for row in files.table(path, ("id",), delimiter=BAR, refused=refused):
        record = {**_record(row), "rid": row["id"], "source": path.stem, "platform": "table"}
        try:
            item = item_of(record)
        except FieldError as error:
            if record["title"]:
                raise InvalidInputError(f"{path}, id {row['id']}: {error}") from None
            item = item_of({**record, "title": f"row {row['id']} of {path.stem}"})
        found.append((row["id"], facts_of(item), item))
    return found


def _record(row: Mapping[str, str]) -> dict[str, Any]:
    by_part = {_last_part(name): value for name, value in row.items() if value}
    said = {
        name: next((by_part[part] for part in parts if part in by_part), None)
        for name, parts in HOLDS.items()
    }
    year, runtime = said["year"], said["runtime"]
    return {
        **said,
        "year": int(year[:4]) if year and year[:4].isdecimal() else None,
        "runtime": int(runtime) if runtime and runtime.isdecimal() else None,
        "genres": (said["genres"] or "").split(","),
    }


def _last_part(name: str) -> str:
    return name.replace("#", "/").rpartition("/")[2].lower()


def _one_to_one(left: Sequence[Row], right: Sequence[Row]) -> set[tuple[str, str]]:
    """Return pairs in which no row stands twice, the likeliest ones first.

    Unique mapping clustering (Lacoste-Julien et al., SIGMA, KDD 2013); ties by the order of rows.
    """
    found = sorted(_candidates(left, right), key=lambda pair: (-pair[0], pair[1:]))
    taken_left, taken_right = set[int](), set[int]()
    pairs = set()
    for _, one, other in found:
        if one in taken_left or other in taken_right:
            continue
        taken_left.add(one)
        taken_right.add(other)
        pairs.add((left[one][0], right[other][0]))
    return pairs


def _candidates(left: Sequence[Row], right: Sequence[Row]) -> Iterable[tuple[float, int, int]]:
    directory, ids = Directory(), CountingIds(0)
    for _, facts, _ in left:
        directory.add(ids.new(), facts)
    for other, (_, facts, _) in enumerate(right):
        for content_id in directory.similar(facts):
            known = directory.facts[content_id]
            compared = compare(facts, known)
            if not compared.is_candidate or veto(facts, known, compared.pair):
                continue
            likely = scored(compared).value
            if likely >= ACCEPT:
                yield likely, content_id.int, other


def _resolved(left: Sequence[Row], right: Sequence[Row]) -> set[tuple[str, str]]:
    directory, ids = Directory(), CountingIds(0)
    for _, facts, _ in left:
        directory.add(ids.new(), facts)
    made = [resolve(item, directory, ids, facts=facts) for _, facts, item in right]
    kept = settle(questions_of(made), directory.facts)
    together: defaultdict[UUID, list[str]] = defaultdict(list)
    for number, (name, _, _) in enumerate(left):
        together[root(kept, UUID(int=number))].append(name)
    return {
        (one, name)
        for (name, _, _), decision in zip(right, made, strict=True)
        for one in together.get(root(kept, decision.content_id), ())
    }


def _judged(found: set[tuple[str, str]], true: set[tuple[str, str]]) -> Mapping[str, Any]:
    return Pairs(len(found & true), len(found), len(true)).report()
