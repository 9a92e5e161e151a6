"""A search as it was understood: what is looked for, and the chips that say why."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from shared.search.filters import Filters
from shared.search.intent.model import Found, Kind, Purpose, Span
from shared.search.ports import Asked, Seed
from shared.search.query import SearchQuery


class Strength(StrEnum):
    """What a thing that was read does to the answer (spec/discovery §5.3)."""

    HARD = "hard"
    """Every result satisfies it."""
    SOFT = "soft"
    """Results that satisfy it are lifted."""
    WORDS = "words"
    """It is searched by, or started from."""


class State(StrEnum):
    """Whether a thing that was read holds."""

    APPLIED = "applied"
    RELAXED = "relaxed"
    """Some results do not satisfy it, since too few did."""
    OVERRIDDEN = "overridden"
    """The request's own filter of the same field holds instead."""


@dataclass(frozen=True)
class Chip:
    """One thing that was read, as a viewer sees it and may take it away.

    Attributes:
        id: The same for the same thing said, wherever it stands: ``platform:netflix``.
        kind: What it is about.
        value: As JSON has it.
        label: As a viewer reads it.
        span: Its place in `Understood.original`.
        strength: What it does.
        state: Whether it holds.
    """

    id: str
    kind: Kind
    value: Any
    label: str
    span: Span
    strength: Strength
    state: State = State.APPLIED


@dataclass(frozen=True)
class Understood:
    """What is looked for.

    Attributes:
        original: The query as it is compared: NFC, no control characters, white space collapsed.
        text: Words to look for.
        filters: Hard filters: the request's own, and those read with certainty.
        given: The request's own alone.
        soft: Filters whose results are lifted, `filters` among them; None for none.
        seeds: Titles that the answer shall be like; they are not in it.
        found: What of the question is a hard filter.
        chips: Everything that was read, in the order of the text.
        searched: What was read in place of `original`, where that has slips.
        wordy: `text` with the words of years in it: what is no filter is a word again.
        pending: A language model is reading the question, so that the next answer may be better:
            this one is not worth keeping for long.
    """

    original: str
    text: str
    filters: Filters
    given: Filters
    soft: Filters | None = None
    seeds: tuple[Seed, ...] = ()
    found: tuple[Found, ...] = ()
    chips: tuple[Chip, ...] = ()
    searched: str | None = None
    wordy: str | None = None
    purpose: Purpose = Purpose.SEARCH
    confidence: float = 1.0
    pending: bool = field(default=False, compare=False)

    @property
    def asked(self) -> Asked:
        """What retrievers are asked."""
        return Asked(self.text, self.filters, self.seeds)

    @property
    def is_open(self) -> bool:
        """Tell whether nothing is looked for in particular: any title that passes will do."""
        return not self.text and not self.seeds

    @cached_property
    def references(self) -> frozenset[str]:
        """The titles that the answer shall be like, by id."""
        return frozenset(seed.content_id for seed in self.seeds)

    def relaxed(self, kinds: frozenset[Kind]) -> "Understood":
        """Return the same with chips that say what was relaxed."""
        chips = tuple(
            replace(chip, state=State.RELAXED)
            if chip.kind in kinds and (chip.strength, chip.state) == _HOLDS
            else chip
            for chip in self.chips
        )
        return replace(self, chips=chips)


_HOLDS = (Strength.HARD, State.APPLIED)


def verbatim(query: SearchQuery) -> Understood:
    """Return ``query`` as it stands: its words are words, its filters the request's own."""
    return Understood(query.text, query.text, query.filters, query.filters)
