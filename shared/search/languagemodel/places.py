"""Where a question says what a model read from it; what it says nowhere is the model's guess."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from shared.kernel.text import fold
from shared.search.intent import lexicon
from shared.search.intent.lexicon import Phrases
from shared.search.intent.model import Kind, Range, Span, Value
from shared.search.intent.tokens import Token, tokens_of

Said = TypeVar("Said", bound=str)

_MINUTES = frozenset({"min", "mins", "minute", "minutes", "hour", "hours", "hr", "hrs", "h"})
_FREE = frozenset({"free"})
_HOUR = 60
_CENTURY = 100


@dataclass(frozen=True)
class Places:
    """The words of one question, looked up by what they say.

    Attributes:
        text: As it was given; spans point into it.
    """

    text: str

    @cached_property
    def tokens(self) -> list[Token]:
        """The words, and where each stands."""
        return tokens_of(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The folded words."""
        return [token.word for token in self.tokens]

    @property
    def whole(self) -> Span:
        """All of it: the place of what no words of their own say."""
        return Span(0, len(self.text))

    def of_name(self, name: str) -> Span | None:
        """Return where a name stands, None where it does not stand in one piece."""
        wanted = fold(name).split()
        starts = range(len(self.words) - len(wanted) + 1) if wanted else ()
        return next(
            (self.between(at, at + len(wanted)) for at in starts if self._stands(wanted, at)), None
        )

    def of(self, kind: Kind, value: Value) -> Span | None:
        """Return where words stand that say this of this kind, None where none do.

        Only kinds that `LanguageModel` readings have; others have no place.
        """
        find = _FINDERS.get(kind)
        return find(self, value) if find else None

    def phrase(self, phrases: Phrases[Said], value: str) -> Span | None:
        """Return where a phrase stands that says ``value``."""
        for at in range(len(self.words)):
            found = phrases.at(self.words, at)
            if found is not None and found[0] == value:
                return self.between(at, found[1])
        return None

    def word(self, wanted: Callable[[str], bool]) -> Span | None:
        """Return where the first word stands that is wanted."""
        places = (self.between(n, n + 1) for n, word in enumerate(self.words) if wanted(word))
        return next(places, None)

    def between(self, start: int, end: int) -> Span:
        """Return the place of the words from ``start`` to before ``end``."""
        return Span(self.tokens[start].span.start, self.tokens[end - 1].span.end)

    def _stands(self, wanted: list[str], at: int) -> bool:
        return self.words[at : at + len(wanted)] == wanted


def cut(text: str, span: Span | None) -> str:
    """Return ``text`` without what stands at ``span``, as it is where that is nowhere."""
    if span is None:
        return text
    return " ".join(f"{text[: span.start]} {text[span.end :]}".split())


def _genre(places: Places, value: Value) -> Span | None:
    wanted = set(value) if isinstance(value, tuple) else set()
    for at in range(len(places.words)):
        found = lexicon.genres().at(places.words, at)
        if found is not None and wanted <= set(found[0]):
            return places.between(at, found[1])
    return None


def _platform(places: Places, value: Value) -> Span | None:
    return places.phrase(lexicon.platforms(), str(value))


def _content(places: Places, value: Value) -> Span | None:
    return places.phrase(lexicon.contents(), str(value))


def _mood(places: Places, value: Value) -> Span | None:
    return places.phrase(lexicon.moods(), str(value)) or places.of_name(str(value))


def _years(places: Places, value: Value) -> Span | None:
    """Return where one of the years stands, or its decade: "1994", "1990s", "90s"."""
    if not isinstance(value, Range):
        return None
    years = [int(end) for end in (value.low, value.high) if end is not None]
    said = {str(year) for year in years}
    decades = {year - year % 10 for year in years}
    said |= {f"{decade}s" for decade in decades}
    said |= {f"{decade % _CENTURY:02}s" for decade in decades}
    return places.word(lambda word: word.replace("'", "") in said)


def _runtime(places: Places, value: Value) -> Span | None:
    """Return where a length in minutes or hours stands; its figure has to be the model's."""
    minutes = value.high if isinstance(value, Range) else None
    if minutes is None or not _MINUTES.intersection(places.words):
        return None
    said = {f"{minutes:g}", f"{minutes / _HOUR:g}"}
    return places.word(said.__contains__)


def _offer(places: Places, _value: Value) -> Span | None:
    return places.word(_FREE.__contains__)


_FINDERS: dict[Kind, Callable[[Places, Value], Span | None]] = {
    Kind.GENRE: _genre,
    Kind.PLATFORM: _platform,
    Kind.CONTENT: _content,
    Kind.MOOD: _mood,
    Kind.YEARS: _years,
    Kind.RUNTIME: _runtime,
    Kind.OFFER: _offer,
}
