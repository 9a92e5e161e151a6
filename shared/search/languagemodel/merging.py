"""What a language model read, added to what the rules did (spec/discovery §5.3).

===========================  ====================================================================
the request's own filters    hold, whatever anybody read
the rules                    win wherever they spoke of the same
limits of the model          hard from confidence `CERTAIN` on, if words of the question say them;
                             else soft
moods and themes             more to look for, and the genres that a mood is mostly found in
titles to be like            only names of the question that the catalog knows
===========================  ====================================================================

Everything that was added is a chip, and none of it is added for a viewer who took that chip away.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from shared.catalog.values import ContentType, OfferType
from shared.kernel.text import fold
from shared.search.filters import Filters
from shared.search.intent import lexicon
from shared.search.intent.filters import filters_of
from shared.search.intent.model import CERTAIN, Found, Intent, Kind, Person, Purpose, Range, Value
from shared.search.languagemodel.places import Places, cut
from shared.search.languagemodel.question import ReadQuestion
from shared.search.ports import Seed
from shared.search.understanding.chips import chip_id, chip_value, label
from shared.search.understanding.fields import applied, fields_of, is_free, is_hard, with_moods
from shared.search.understanding.model import Chip, Strength, Understood
from shared.search.understanding.ports import Names

GUESSED = 0.7
"""Certainty of what no words say, or of what the model is not sure of: never a hard filter."""
MOST_WORDS = 3
"""Moods and themes that are added, so that the viewer's own words stay most of what is sought."""
_ONE_OF = frozenset({Kind.YEARS, Kind.RUNTIME, Kind.CONTENT, Kind.OFFER})
"""Kinds of which one holds: taken away once, the model says no more of them."""
_CUT = frozenset({Kind.PLATFORM, Kind.OFFER})
"""Kinds whose words say nothing of titles, once they are a hard filter."""


def merged(
    understood: Understood,
    reading: ReadQuestion,
    *,
    without: Collection[str] = (),
    names: Names | None = None,
) -> Understood:
    """Return what is looked for by both; merging the same again changes nothing.

    Args:
        understood: By the rules.
        reading: Of the same question, by a model.
        without: Ids of chips that the viewer took away.
        names: The names of the catalog; without them, no people and titles are added.
    """
    return _Merge(understood, reading, frozenset(without), names).understood()


@dataclass(frozen=True)
class _Merge:
    rules: Understood
    reading: ReadQuestion
    without: frozenset[str]
    names: Names | None

    def understood(self) -> Understood:
        """Return what is looked for by both."""
        limits, words, likes = list(self._limits()), list(self._words()), list(self._references())
        hard = [one for one in limits if is_hard(one)]
        filters = applied(self.rules.filters, self._filters(hard))
        wished = applied(self._wished, self._filters(limits))
        soft = with_moods(wished, [str(one.value) for one in words])
        return replace(
            self.rules,
            text=self._text(self.rules.text, hard, words, likes),
            wordy=self.rules.wordy and self._text(self.rules.wordy, hard, words, likes),
            filters=filters,
            soft=None if soft == filters else soft,
            seeds=self.rules.seeds + tuple(self._seeds(likes)),
            found=self.rules.found + tuple(hard),
            chips=self._chips([*limits, *words, *likes]),
            purpose=self._purpose(),
        )

    @cached_property
    def _places(self) -> Places:
        return Places(self.rules.original)

    @property
    def _wished(self) -> Filters:
        """All that the rules filter by, softly too."""
        return self.rules.soft or self.rules.filters

    @property
    def _is_sure(self) -> bool:
        return self.reading.confidence >= CERTAIN

    @cached_property
    def _is_name(self) -> bool:
        """Whether the words to look for are the name of a title."""
        return self.names is not None and self.names.title(fold(self.rules.text)) is not None

    def _limits(self) -> Iterator[Found]:
        """Yield what is filtered by and said by nobody else."""
        said = {chip.kind for chip in self.rules.chips}
        for kind, value in (*self._said(), *self._people()):
            span = self._places.of(kind, value)
            sure = self._is_sure and span is not None
            certainty = CERTAIN if sure or kind is Kind.PERSON else GUESSED
            one = Found(kind, value, span or self._places.whole, certainty)
            if kind not in said and is_free(one, self._wished) and self._is_wanted(one):
                yield one

    def _said(self) -> Iterator[tuple[Kind, Value]]:
        limits = self.reading.filters
        yield from ((Kind.GENRE, (genre,)) for genre in limits.genres)
        yield from ((Kind.PLATFORM, platform) for platform in limits.platforms)
        if limits.year_from is not None or limits.year_to is not None:
            yield Kind.YEARS, Range(limits.year_from, limits.year_to)
        if limits.max_runtime is not None:
            yield Kind.RUNTIME, Range(None, limits.max_runtime)
        if limits.content_type == ContentType.DOCUMENTARY:
            yield Kind.GENRE, ("Documentary",)  # a documentary film is kept as either
        elif limits.content_type is not None:
            yield Kind.CONTENT, ContentType(limits.content_type)
        if limits.free_only:
            yield Kind.OFFER, (OfferType.FREE, OfferType.ADS)

    def _people(self) -> Iterator[tuple[Kind, Value]]:
        """Yield the people of the catalog whose names stand in the question."""
        for name in self.reading.people:
            known = None if self.names is None else self.names.person(fold(name))
            if known is not None and self._places.of_name(name) is not None:
                yield Kind.PERSON, Person(known)

    def _words(self) -> Iterator[Found]:
        """Yield moods and themes that are more to look for."""
        if not self._is_sure or self._is_name:
            return
        moods = [_as_ours(mood) for mood in self.reading.mood]
        for word in list(dict.fromkeys((*moods, *self.reading.themes)))[:MOST_WORDS]:
            span = self._places.of(Kind.MOOD, word)
            one = Found(Kind.MOOD, word, span or self._places.whole, GUESSED)
            if self._is_wanted(one) and not self._is_unwanted_mood(one):
                yield one

    def _is_unwanted_mood(self, one: Found) -> bool:
        """Tell whether the rules took the words of a mood away: "not too scary"."""
        left = Places(self.rules.text)
        return one.span != self._places.whole and left.of(Kind.MOOD, one.value) is None

    def _references(self) -> Iterator[Found]:
        """Yield titles that the answer shall be like, where the rules know of none."""
        if not self._may_be_like or self.names is None:
            return
        for name in self.reading.references:
            known, span = self.names.title(fold(name)), self._places.of_name(name)
            stays = Places(self.rules.text).of_name(name) is not None
            if known is not None and span is not None and stays:
                one = Found(Kind.REFERENCE, known, span, CERTAIN)
                if self._is_wanted(one):
                    yield one

    @property
    def _may_be_like(self) -> bool:
        """Whether a title that is named is not looked for itself."""
        wish = self.reading.intent is Purpose.RECOMMENDATION
        return wish and self._is_sure and not self._is_name and not self.rules.seeds

    def _is_wanted(self, one: Found) -> bool:
        """Tell whether the viewer did not take it away, and it is no chip of the rules."""
        away = {id_.partition(":")[0] for id_ in self.without}
        if one.kind in _ONE_OF and one.kind in away:
            return False
        id_ = chip_id(one)
        return id_ not in self.without and all(chip.id != id_ for chip in self.rules.chips)

    def _filters(self, found: Iterable[Found]) -> Filters:
        return filters_of(Intent(self.rules.original, tuple(found)))

    def _seeds(self, likes: Iterable[Found]) -> Iterator[Seed]:
        for one in likes:
            id_ = self.names and self.names.title_id(fold(str(one.value)))
            if id_:
                yield Seed(id_)

    def _text(
        self, text: str, hard: Iterable[Found], words: Iterable[Found], likes: Iterable[Found]
    ) -> str:
        for one in hard:
            if one.kind in _CUT:
                text = cut(text, Places(text).of(one.kind, one.value)) or text
        for one in likes:
            text = cut(text, Places(text).of_name(self._as_written(one)))
        known = set(fold(text).split())
        more = [
            str(one.value) for one in words if not known.issuperset(fold(str(one.value)).split())
        ]
        return " ".join(filter(None, (text, *more)))

    def _as_written(self, one: Found) -> str:
        return self.rules.original[one.span.start : one.span.end]

    def _chips(self, added: Iterable[Found]) -> tuple[Chip, ...]:
        """Return the chips in the order of the text, those of no words of their own last."""
        new = {chip.id: chip for chip in map(_chip, added)}
        chips = (*self.rules.chips, *new.values())
        whole = self._places.whole
        return tuple(sorted(chips, key=lambda chip: (chip.span == whole, chip.span.start)))

    def _purpose(self) -> Purpose:
        """Return what the viewer is after; a title's name is the catalog's to know."""
        guessed = self.reading.intent
        if self.rules.purpose is not Purpose.SEARCH or guessed is Purpose.NAVIGATION:
            return self.rules.purpose
        return guessed if self._is_sure else self.rules.purpose


def _as_ours(mood: str) -> str:
    """Return the mood that rules call so, as it is where they know of none."""
    words = fold(mood).split()
    found = lexicon.moods().at(words, 0)
    return found[0] if found is not None and found[1] == len(words) else fold(mood)


def _chip(one: Found) -> Chip:
    is_filter = bool(fields_of(one))
    strength = Strength.HARD if is_hard(one) else Strength.SOFT
    return Chip(
        id=chip_id(one),
        kind=one.kind,
        value=chip_value(one.value),
        label=label(one),
        span=one.span,
        strength=strength if is_filter else Strength.WORDS,
    )
