"""Which stored titles turn out to be one, of those that ingestion asked about.

A question is raised when an item is resolved; the answer may only be known later, when both titles
know more. So the two titles are compared again as they are now, and joined where they are alike
enough for what was asked. The bars are learned (docs/matching.md); what reaches none stays a
question for a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

import orjson

from shared.matching.facts import Facts
from shared.matching.features import compare
from shared.matching.resolve import Decision, has_agreed
from shared.matching.scorer import Score, scored
from shared.matching.vetoes import sequels_differ, veto

FILE = Path(__file__).parent / "bars.json"
REASONS = ("both-match", "similar-title", "years-apart")
"""Questions about names, which more knowledge can answer; those about ids are a person's."""
YEARS = "years-apart"

Bars = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """Two titles that may be one, and why it is asked."""

    reason: str
    content_id: UUID
    candidate_id: UUID


def questions_of(made: Iterable[Decision]) -> set[Question]:
    """Return what was asked when items were resolved, once each."""
    return {
        Question(review.reason, one.content_id, review.candidate_id)
        for one in made
        for review in one.reviews
    }


@cache
def learned_bars() -> Bars:
    """Return the probability from which on two titles are joined, by reason, as it is shipped."""
    table = orjson.loads(FILE.read_bytes())
    return {reason: bar for reason, bar in table["bars"].items() if bar is not None}


def evidence(reason: str, left: Facts, right: Facts) -> Score | None:
    """Return how likely two titles are one as they are now; None where they cannot be joined.

    Years more than one apart forbid it except where the question is about just that: one film
    dated twice. Types and numbers always do.
    """
    if reason not in REASONS:
        return None
    compared = compare(left, right)
    why = veto(left, right, compared.pair)
    if why == "year" and reason == YEARS:
        why = "sequel" if sequels_differ(compared.pair) else None
    if why is not None or not compared.is_candidate:
        return None
    found = scored(compared)
    return found if has_agreed(left, right, found, alone=False) else None


def are_one(reason: str, left: Facts, right: Facts, bars: Bars | None = None) -> Score | None:
    """Return how likely two titles are one where that is enough to join them, else None."""
    bar = (learned_bars() if bars is None else bars).get(reason)
    found = evidence(reason, left, right) if bar is not None else None
    return found if found is not None and bar is not None and found.value >= bar else None


def settle(
    questions: Iterable[Question], facts: Mapping[UUID, Facts], bars: Bars | None = None
) -> dict[UUID, UUID]:
    """Return which titles are joined into which, the older one being kept.

    The likeliest two come first. Titles that have been joined meanwhile are compared again, all
    that is known of them together.

    Args:
        questions: What was asked, in any order.
        facts: The titles.
        bars: By reason; what is shipped where none is given.
    """
    known, kept = dict(facts), dict[UUID, UUID]()
    for question in _in_order(questions, facts, bars):
        old, new = sorted(root(kept, one) for one in (question.content_id, question.candidate_id))
        if old != new and are_one(question.reason, known[old], known[new], bars):
            known[old] = known[old].joined(known[new])
            kept[new] = old
    return {content_id: root(kept, content_id) for content_id in kept}


def _in_order(
    questions: Iterable[Question], facts: Mapping[UUID, Facts], bars: Bars | None
) -> list[Question]:
    found = []
    for asked in set(questions):
        alike = are_one(asked.reason, facts[asked.content_id], facts[asked.candidate_id], bars)
        if alike is not None:
            found.append((alike.value, asked))
    return [asked for _, asked in sorted(found, key=lambda one: likeliest_first(*one))]


def likeliest_first(value: float, asked: Question) -> tuple[float, str, UUID, UUID]:
    """Return what orders questions: the likeliest two titles first."""
    return -value, asked.reason, asked.content_id, asked.candidate_id


def root(kept: Mapping[UUID, UUID], content_id: UUID) -> UUID:
    """Return the title that another was joined into, however many steps away."""
    while content_id in kept:
        content_id = kept[content_id]
    return content_id
