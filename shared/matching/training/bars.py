"""From which probability on two titles that were asked about are joined, learned by reason.

The records of the learning half are resolved alone, and every question that is raised is compared
again as `shared.matching.hindsight` does. Of the questions of one reason, the share that was about
one title is fitted as a function that never falls with the probability (isotonic regression by
pool adjacent violators; Ayer et al., Annals of Mathematical Statistics 1955). The bar is the lowest
probability at which the fitted share, its counts raised by a half, reaches the one from which an
item joins a title.

A half of the entities holds half of the pairs that are one title and a quarter of those that are
two, so the latter count double (Horvitz and Thompson, JASA 1952).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.kernel.ids import CountingIds
from shared.matching.directory import Directory
from shared.matching.evaluation.records import Labelled
from shared.matching.hindsight import REASONS, evidence, questions_of
from shared.matching.resolve import ACCEPT, Decision, resolve

HALF = 0.5
TWO_WEIGH = 2.0
DIGITS = 4

Answer = tuple[float, bool]
"""Probability that two titles are one, and whether they are."""


@dataclass(frozen=True, slots=True)
class Block:
    """Neighboring answers of one fitted share: the lowest probability, those right, all."""

    lowest: float
    right: float
    total: float

    @property
    def share(self) -> float:
        """The fitted share."""
        return self.right / self.total

    def with_next(self, other: "Block") -> "Block":
        """Return both as one; the other follows."""
        return Block(self.lowest, self.right + other.right, self.total + other.total)


def learned_bars_of(records: Sequence[Labelled]) -> dict[str, Any]:
    """Return the table ``bars`` that the confirmed records of the learning half teach."""
    taught = [one for one in records if one.confirmed and not one.half]
    answers = answers_of(taught)
    return {
        "about": {
            "method": "Isotonic regression of questions; see docs/matching.md.",
            "records": len(taught),
            "questions": {
                reason: {"one": sum(same for _, same in found), "all": len(found)}
                for reason, found in answers.items()
            },
        },
        "bars": {reason: bar_of(found) for reason, found in answers.items()},
    }


def answers_of(records: Sequence[Labelled]) -> Mapping[str, list[Answer]]:
    """Return what the questions come to that records raise, by reason."""
    directory, ids = Directory(), CountingIds()
    made = [resolve(one.item, directory, ids) for one in records]
    entities = _entities(records, made)
    found: dict[str, list[Answer]] = {reason: [] for reason in REASONS}
    for asked in sorted(questions_of(made), key=lambda one: (one.content_id, one.candidate_id)):
        pair = asked.content_id, asked.candidate_id
        alike = evidence(asked.reason, *(directory.facts[one] for one in pair))
        if alike is not None:
            found[asked.reason].append(
                (round(alike.value, DIGITS), entities[pair[0]] == entities[pair[1]])
            )
    return found


def _entities(records: Sequence[Labelled], made: Sequence[Decision]) -> dict[UUID, str]:
    """Return of which entity most records of each title are."""
    counted: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for one, decision in zip(records, made, strict=True):
        counted[decision.content_id][one.entity] += 1
    return {title: found.most_common(1)[0][0] for title, found in counted.items()}


def bar_of(answers: Iterable[Answer]) -> float | None:
    """Return the lowest probability from which on joining is right often enough, None if none."""
    sure = [one.lowest for one in fitted(answers) if _raised(one) >= ACCEPT]
    return min(sure) if sure else None


def _raised(block: Block) -> float:
    return (block.right + HALF) / (block.total + 2 * HALF)


def fitted(answers: Iterable[Answer]) -> list[Block]:
    """Return the shares that fit best and never fall, from the lowest probability on.

    Answers of one probability are always one block.
    """
    tied: dict[float, Block] = {}
    for value, same in sorted(answers):
        one = Block(value, float(same), 1.0 if same else TWO_WEIGH)
        tied[value] = tied[value].with_next(one) if value in tied else one
    blocks: list[Block] = []
    for block in tied.values():
        pooled = block
        while blocks and blocks[-1].share >= pooled.share:
            pooled = blocks.pop().with_next(pooled)
        blocks.append(pooled)
    return blocks
