"""Which titles keep their id when a catalog is taken in again a year later.

Both snapshots go through the product's own reader and resolution, one file after the other, and
titles that were asked about are settled after each. The
aggregator's id is what a listing is called there, as in the product; across platforms it leads
nowhere. Only here, afterwards, it tells which listings of the two years are one title.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.catalog.item import CanonicalItem, Source
from shared.catalog.mapping import preset
from shared.catalog.raw import FieldError
from shared.catalog.tabular import TabularReader
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import CountingIds
from shared.matching.directory import Directory
from shared.matching.evaluation import files
from shared.matching.evaluation.resolution import Timer
from shared.matching.hindsight import Question, questions_of, root, settle
from shared.matching.resolve import resolve

PRESET = "justwatch"
REGION = "US"
ENDING = "_titles"
AT = datetime(2025, 1, 1, tzinfo=UTC)
NEEDED = ("id", "title", "type", "release_year")

Places = Mapping[str, frozenset[UUID]]
"""Where the listings of each title went."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """One snapshot after resolution: where it went, what was asked, and how much was read."""

    places: Places
    questions: set[Question]
    read: int
    set_aside: int


def evaluate_drift(before: Path, after: Path, timer: Timer) -> Mapping[str, Any]:
    """Return how many titles of two snapshots keep their id, came and went.

    ``kept`` are titles that lie under one id in both; ``duplicated`` lie under several in the newer
    one; ``moved`` under one, which is another than before.

    Raises:
        InvalidInputError: Naming the file that is no catalog, or the column it lacks.
    """
    directory, ids = Directory(), CountingIds()
    started = timer()
    older = _taken_in(before, directory, ids)
    known = len(directory.facts)
    kept = settle(older.questions, directory.facts)
    newer = _taken_in(after, directory, ids)
    kept_now = settle(older.questions | newer.questions, directory.facts)
    seconds = max(timer() - started, 1e-9)
    old, new = _joined(older.places, kept), _joined(newer.places, kept_now)
    read, read_again = older.read, newer.read
    return {
        "listings": {"before": read, "after": read_again},
        "set_aside": {"before": older.set_aside, "after": newer.set_aside},
        "titles": {"before": len(old), "after": len(new)},
        **_compared(old, new),
        "new_records": len(directory.facts) - known,
        "joined_later": len(kept_now),
        "records_per_second": round((read + read_again) / seconds),
    }


def _compared(old: Places, new: Places) -> dict[str, Any]:
    both = old.keys() & new.keys()
    duplicated = [name for name in both if len(new[name]) > 1]
    moved = [name for name in both if len(new[name]) == 1 and not new[name] <= old[name]]
    kept = sum(new[name] == old[name] and len(new[name]) == 1 for name in both)
    return {
        "in_both": len(both),
        "kept": kept,
        "kept_share": round(kept / len(both), 4) if both else None,
        "moved": len(moved),
        "duplicated": len(duplicated),
        "added": len(new.keys() - old.keys()),
        "removed": len(old.keys() - new.keys()),
        "duplicated_before": sum(len(found) > 1 for found in old.values()),
        "shared_ids": _shared(new),
    }


def _shared(places: Places) -> int:
    """Return how many ids hold listings of several titles."""
    names: defaultdict[UUID, set[str]] = defaultdict(set)
    for name, found in places.items():
        for content_id in found:
            names[content_id].add(name)
    return sum(len(found) > 1 for found in names.values())


def _taken_in(folder: Path, directory: Directory, ids: CountingIds) -> _Taken:
    places: defaultdict[str, set[UUID]] = defaultdict(set)
    questions: set[Question] = set()
    refused: list[str] = []
    read = 0
    for path in _files(folder):
        for name, item in _items(path, refused):
            made = resolve(item, directory, ids)
            places[name].add(made.content_id)
            questions |= questions_of([made])
            read += 1
    kept = {name: frozenset(found) for name, found in places.items()}
    return _Taken(kept, questions, read, len(refused))


def _joined(places: Places, kept: Mapping[UUID, UUID]) -> Places:
    return {
        name: frozenset(root(kept, content_id) for content_id in found)
        for name, found in places.items()
    }


def _files(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.glob("*.csv*") if path.is_file())
    if not found:
        raise InvalidInputError(f"{folder} holds no CSV file")
    return found


def _items(path: Path, refused: list[str]) -> Iterator[tuple[str, CanonicalItem]]:
    """Yield the title each row names, by the aggregator's id, and the row's item.

    What the product would set aside is added to ``refused``.
    """
    platform = path.name.split(".")[0].removesuffix(ENDING).lower()
    reader = TabularReader(preset(PRESET), platform=platform, region=REGION)
    for number, row in enumerate(files.table(path, NEEDED, refused=refused), 1):
        source = Source(provider=PRESET, fetched_at=AT, raw_uri=f"{path.name}#{number}")
        try:
            yield row["id"], reader.item(row, source)
        except FieldError as error:
            refused.append(f"{path.name}, row {number}: {error}")
