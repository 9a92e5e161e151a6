"""From a search as it was asked to what it is understood as (spec/discovery §5.1 to §5.3)."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from shared.kernel.clock import Clock
from shared.kernel.text import fold
from shared.search.filters import Filters
from shared.search.intent.filters import filters_of
from shared.search.intent.model import Found, Intent, Kind, Purpose, Range
from shared.search.intent.understand import keeping, understand
from shared.search.intent.vocabulary import NO_NAMES, Vocabulary
from shared.search.ports import Seed
from shared.search.query import SearchQuery
from shared.search.understanding.chips import chip_id, chip_value, label
from shared.search.understanding.fields import applied, fields_of, is_free, is_hard, with_moods
from shared.search.understanding.model import Chip, State, Strength, Understood, verbatim
from shared.search.understanding.ports import Names
from shared.search.understanding.spelled import Spelled, spelled

logger = logging.getLogger(__name__)

WORDS = frozenset({Kind.PERSON, Kind.MOOD, Kind.REFERENCE, Kind.TITLE})
"""Kinds that are no filter and are searched by."""


@dataclass(frozen=True)
class Understanding:
    """Understands searches; whatever goes wrong with that costs the reading, never the answer.

    Attributes:
        names: The names of the catalog, None while there are none.
        clock: Tells the present year.
    """

    names: Callable[[], Names | None]
    clock: Clock

    def __call__(self, query: SearchQuery) -> Understood:
        """Return what ``query`` is taken for."""
        if query.verbatim or not query.text:
            return verbatim(query)
        try:
            return self._read(query).understood(query)
        except Exception:  # a fault of ours in here leaves the search as it was asked
            logger.exception("question.not_understood")
            return verbatim(query)

    def _read(self, query: SearchQuery) -> "_Reading":
        names, year = self.names(), self.clock.now().year
        vocabulary: Vocabulary = names or NO_NAMES
        text = Spelled(query.text)
        intent = understand(text.text, vocabulary, year=year)
        if names is not None and intent.purpose is not Purpose.NAVIGATION:
            text = spelled(query.text, names, intent)
            if text.edits:
                intent = understand(text.text, vocabulary, year=year)
        kept = [one for one in intent.found if _counts(one, query)]
        return _Reading(keeping(intent, kept, vocabulary, year=year), text, names, year)


@dataclass(frozen=True)
class _Reading:
    """What was read.

    Attributes:
        intent: Without what the viewer took away.
        text: What it was read from.
    """

    intent: Intent
    text: Spelled
    names: Names | None
    year: int

    def understood(self, query: SearchQuery) -> Understood:
        """Return what is looked for; what the request filters by itself always holds."""
        free = [one for one in self.intent.found if fields_of(one) and is_free(one, query.filters)]
        hard = [one for one in free if is_hard(one)]
        filters = applied(query.filters, self._filters(hard))
        wished = [one for one in free if not is_hard(one) and is_free(one, filters)]
        soft = with_moods(applied(filters, self._filters(wished)), self.intent.moods)
        seeds = self._seeds()
        years = {one for one in hard if one.kind is Kind.YEARS}
        doubted = {one for one in wished if _is_one_year(one)}
        return Understood(
            original=query.text,
            text=self._text(seeds, doubted, wished),
            filters=filters,
            given=query.filters,
            soft=None if soft == filters else soft,
            seeds=tuple(dict.fromkeys(seeds.values())),
            found=tuple(hard),
            chips=tuple(self._chips({*hard, *wished})),
            searched=self.text.text if self.text.edits else None,
            wordy=self._words(seeds, spared=doubted | years) if years else None,
            purpose=self.intent.purpose,
            confidence=self.intent.confidence,
        )

    def _filters(self, found: Iterable[Found]) -> Filters:
        return filters_of(replace(self.intent, found=tuple(found)))

    def _seeds(self) -> dict[str, Seed]:
        """Return the titles that the answer shall be like, by what they were called."""
        if self.names is None:
            return {}
        known = {title: self.names.title_id(fold(title)) for title in self.intent.references}
        return {title: Seed(id_) for title, id_ in known.items() if id_ is not None}

    def _text(self, seeds: Mapping[str, Seed], doubted: set[Found], wished: Iterable[Found]) -> str:
        """Return the words to look for; "films" is one where it stands beside others."""
        text = self._words(seeds, spared=doubted)
        kinds = {one for one in wished if one.kind is Kind.CONTENT}
        return self._words(seeds, spared=doubted | kinds) if text and kinds and not seeds else text

    def _words(self, seeds: Mapping[str, Seed], *, spared: set[Found]) -> str:
        """Return the words to look for; a title that is not known by its name is words.

        Args:
            seeds: The titles that are known.
            spared: What was read and may be of a name all the same.
        """
        kept = [one for one in self.intent.found if one not in spared]
        if not kept:
            return self.text.text  # "top gun" may be a title that is not known yet
        intent = keeping(self.intent, kept, self.names or NO_NAMES, year=self.year)
        unknown = [title for title in intent.references if title not in seeds]
        return " ".join(filter(None, (intent.search_text, *unknown)))

    def _chips(self, in_force: set[Found]) -> Iterable[Chip]:
        """Yield everything that was read and does anything."""
        for one in self.intent.found:
            is_filter = bool(fields_of(one))
            if not is_filter and (one.excluded or one.kind not in WORDS):
                continue
            strength = Strength.HARD if is_hard(one) else Strength.SOFT
            holds = not is_filter or one in in_force
            yield Chip(
                id=chip_id(one),
                kind=one.kind,
                value=chip_value(one.value),
                label=label(one),
                span=self.text.given(one.span),
                strength=strength if is_filter else Strength.WORDS,
                state=State.APPLIED if holds else State.OVERRIDDEN,
            )


def _counts(one: Found, query: SearchQuery) -> bool:
    """Tell whether a thing that was read holds: the viewer may have taken it away.

    An order is the request's alone: "top gun" and "best in show" are titles more often than orders.
    """
    return one.kind is not Kind.SORT and chip_id(one) not in query.without


def _is_one_year(one: Found) -> bool:
    return (
        one.kind is Kind.YEARS and isinstance(one.value, Range) and one.value.low == one.value.high
    )
