"""Labelled records resolved one after the other and settled, as the product does it, and judged."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.kernel.ids import CountingIds
from shared.matching.blocks import BlockIndex, asked_blocks, stored_blocks
from shared.matching.directory import Directory
from shared.matching.evaluation.measure import Placed, report
from shared.matching.evaluation.records import Labelled, read_labelled
from shared.matching.facts import Facts, facts_of
from shared.matching.hindsight import questions_of, root, settle
from shared.matching.resolve import Decision, resolve

Timer = Callable[[], float]
"""Seconds from some moment on."""


class CountingDirectory(Directory):
    """A directory that counts what it proposes."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.proposed = 0

    def similar(self, facts: Facts) -> Iterable[UUID]:
        """Return titles whose name is equal or may be similar, in the order of their ids."""
        found = list(super().similar(facts))
        self.asked += 1
        self.proposed += len(found)
        return found


def evaluate_records(folder: Path, timer: Timer) -> Mapping[str, Any]:
    """Return what resolution makes of the labelled records of a folder.

    ``confirmed`` are the records whose label can be relied on, ``held_out`` those of them that are
    of the half of the entities from which nothing was learned. All records are resolved; then the
    questions are settled, as the job ``catalog_join`` does it.

    Raises:
        NotFoundError: A file is missing.
        InvalidInputError: Naming the file, and the line, column or record at fault.
    """
    read = read_labelled(folder)
    directory = CountingDirectory()
    started = timer()
    decided = _resolved(read.records, directory)
    kept = settle(questions_of(decided), directory.facts)
    seconds = max(timer() - started, 1e-9)
    placed = [
        (one, _placed(one, root(kept, made.content_id)))
        for one, made in zip(read.records, decided, strict=True)
    ]
    sure = [(one, place) for one, place in placed if one.confirmed]
    return {
        "records": len(placed),
        "set_aside": len(read.set_aside),
        "records_per_second": round(len(placed) / seconds),
        "titles": len(directory.facts) - len(kept),
        "joined_later": len(kept),
        "reviews": sum(len(made.reviews) for made in decided),
        "candidates_per_record": round(directory.proposed / max(1, directory.asked), 2),
        "pair_completeness": pair_completeness([one for one, _ in sure]),
        "confirmed": report([place for _, place in sure]),
        "held_out": report([place for one, place in sure if one.half]),
        "all": report([place for _, place in placed]),
    }


def _resolved(records: Sequence[Labelled], directory: Directory) -> list[Decision]:
    ids = CountingIds()
    return [resolve(one.item, directory, ids) for one in records]


def _placed(one: Labelled, content_id: UUID) -> Placed:
    keys = facts_of(one.item).keys
    is_one_word = bool(keys) and " " not in keys[0]
    return Placed(content_id, one.entity, one.source, one_word=is_one_word)


def pair_completeness(records: Sequence[Labelled]) -> float | None:
    """Return the share of true pairs that share a name or a block, so that they can be compared."""
    groups: dict[str, list[Facts]] = {}
    for one in records:
        groups.setdefault(one.entity, []).append(facts_of(one.item))
    met = Counter(_meet(*pair) for found in groups.values() for pair in combinations(found, 2))
    return round(met[True] / met.total(), 4) if met else None


def _meet(left: Facts, right: Facts) -> bool:
    if not set(left.keys).isdisjoint(right.keys):
        return True
    kept: BlockIndex[str] = BlockIndex()
    blocks = stored_blocks(right.keys, right.family, right.year, segments=right.segments)
    kept.add(blocks, right.year, "right")
    asked = asked_blocks(left.keys, left.family, left.year, segments=left.segments)
    return bool(kept.find(asked))
