"""What was read from a question, each thing with the place in the text it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from shared.catalog.values import ContentType, OfferType


class Kind(StrEnum):
    """What a thing that was read is about, and the type of its value."""

    PLATFORM = "platform"
    """`str`: one of our platform ids."""
    GENRE = "genre"
    """`tuple[str, ...]`: names of the taxonomy, all of them meant."""
    MOOD = "mood"
    """`str`: one of the moods of ``words.json``."""
    YEARS = "years"
    """`Range` of years of release."""
    RUNTIME = "runtime"
    """`Range` in minutes."""
    MATURITY = "maturity"
    """`Range` of ranks 0 to 4 (spec/discovery §5.6)."""
    RATING = "rating"
    """`Range` of viewers' ratings, 0 to 10."""
    PERSON = "person"
    """`Person`."""
    REFERENCE = "reference"
    """`str`: a title that the answer shall be like."""
    TITLE = "title"
    """`str`: a title that is asked for by its name, among other words; a tagger's to tell."""
    CONTENT = "content"
    """`ContentType`."""
    OFFER = "offer"
    """`tuple[OfferType, ...]`: on what terms."""
    LEAVING = "leaving"
    """`int`: days within which an offer ends."""
    ADDED = "added"
    """`int`: days within which an offer began."""
    REGION = "region"
    """`str`: ISO 3166-1 α-2."""
    LANGUAGE = "language"
    """`str`: BCP 47."""
    SORT = "sort"
    """`str`: one of `shared.search.query.Sort`."""


class Purpose(StrEnum):
    """What the viewer is after (spec/discovery §5.3)."""

    SEARCH = "search"
    RECOMMENDATION = "recommendation"
    TRIVIA = "trivia"
    NAVIGATION = "navigation"


class Role(StrEnum):
    """What a person is asked for as."""

    ACTOR = "actor"
    DIRECTOR = "director"
    WRITER = "writer"
    ANY = "any"


@dataclass(frozen=True)
class Span:
    """A place in the text as it was given: code points, ``end`` exclusive."""

    start: int
    end: int


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both included; None is open."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Person:
    """Somebody's name, as the vocabulary writes it or as it was given."""

    name: str
    role: Role = Role.ANY


Value = str | int | tuple[str, ...] | tuple[OfferType, ...] | Range | Person | ContentType


@dataclass(frozen=True)
class Found:
    """One thing that was read.

    Attributes:
        kind: What it is about.
        value: What it says; its type follows from the kind.
        span: Where it was said, with the words that announce it.
        core: The name itself, where words before it announce it.
        certainty: From 0 to 1; from `CERTAIN` on it may be a hard filter (spec/discovery §5.3).
        excluded: It is what the viewer does not want.
    """

    kind: Kind
    value: Value
    span: Span
    certainty: float = 0.9
    excluded: bool = False
    core: Span | None = None


CERTAIN = 0.8


@dataclass(frozen=True)
class Intent:
    """A question, understood as far as it was.

    Attributes:
        text: The question as it was given.
        found: What was read, in the order of the text; no two spans overlap.
        residual: What was not read, without words that only ask ("show me some movies").
        search_text: What retrieval by words and meaning is asked for: the residual with names of
            people, moods and languages left in. Empty where filters say it all.
        purpose: What the viewer is after.
        confidence: From .5 (rules alone, spec/discovery §5.3) to 1, by the share that was read.
    """

    text: str
    found: tuple[Found, ...] = ()
    residual: str = ""
    search_text: str = ""
    purpose: Purpose = Purpose.SEARCH
    confidence: float = 0.5

    def values(self, kind: Kind, *, excluded: bool = False) -> Iterator[Value]:
        """Yield what was read of a kind, wanted or unwanted, in the order of the text."""
        for one in self.found:
            if one.kind is kind and one.excluded is excluded:
                yield one.value

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody that was named and is wanted."""
        return tuple(v for v in self.values(Kind.PERSON) if isinstance(v, Person))

    @property
    def references(self) -> tuple[str, ...]:
        """Titles that the answer shall be like."""
        return tuple(v for v in self.values(Kind.REFERENCE) if isinstance(v, str))

    @property
    def moods(self) -> tuple[str, ...]:
        """Moods that are wanted, each once."""
        return tuple(dict.fromkeys(v for v in self.values(Kind.MOOD) if isinstance(v, str)))
