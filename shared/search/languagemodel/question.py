"""What a language model may say of a question (spec/discovery §5.3), and nothing else.

The form is checked, not mended: an answer that breaks it is refused as a whole. Inside the form,
what we do not know is dropped and what is too much is cut, since a model names a genre of its own
now and then, and since a question may talk it into saying anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from shared.catalog.genres import map_genres
from shared.catalog.platforms import platforms as known_platforms
from shared.catalog.values import ContentType
from shared.kernel.errors import UnavailableError
from shared.kernel.text import clean, fold
from shared.search.intent import lexicon
from shared.search.intent.model import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 8
"""Things of one kind."""
LONGEST = 80
"""Letters of a name; what is longer is no name."""
LONGEST_TEXT = 500
FIRST_YEAR, LAST_YEAR = 1870, 2100
LONGEST_MINUTES = 6000
CONTENT = (
    ContentType.MOVIE,
    ContentType.SERIES,
    ContentType.SHORT,
    ContentType.DOCUMENTARY,
    ContentType.SPECIAL,
)
"""Kinds of title that a question can ask for."""


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return names without control characters, each once however it is written."""
    found: dict[str, str] = {}
    for name in map(clean, given):
        folded = fold(name)
        if folded and len(name) <= LONGEST:
            found.setdefault(folded, name)
    return tuple(found.values())[:MOST]


def _genres(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the genres of the taxonomy among names."""
    return map_genres(_names(given)).genres


def _platforms(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return ids of the platforms we have, named by id or in words."""
    ids = (_platform(name) for name in _names(given))
    return tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None))


def _platform(name: str) -> str | None:
    if name in known_platforms():
        return name
    words = fold(name).split()
    found = lexicon.platforms().at(words, 0)
    return found[0] if found is not None and found[1] == len(words) else None


def _year(given: int | None) -> int | None:
    return given if given is not None and FIRST_YEAR <= given <= LAST_YEAR else None


def _minutes(given: int | None) -> int | None:
    return given if given is not None and 1 <= given <= LONGEST_MINUTES else None


def _content(given: str | None) -> ContentType | None:
    return next((kind for kind in CONTENT if kind == given), None)


def _sentence(given: str) -> str:
    return clean(given)[:LONGEST_TEXT]


Names = Annotated[tuple[str, ...], AfterValidator(_names)]
Year = Annotated[int | None, AfterValidator(_year)]


class _Read(BaseModel):
    # Fields of its own that a model adds are not read, so they need not be refused.
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class ReadFilters(_Read):
    """Limits that a question sets; None and empty for none.

    Attributes:
        genres: Of the taxonomy, at most five.
        platforms: Our ids.
        year_from: First year of release, 1870 to 2100.
        year_to: Last one, not before the first.
        content_type: One of `CONTENT`.
        max_runtime: Minutes, 1 to 6000.
        free_only: Nothing shall be paid for.
    """

    genres: Annotated[tuple[str, ...], AfterValidator(_genres)] = ()
    platforms: Annotated[tuple[str, ...], AfterValidator(_platforms)] = ()
    year_from: Year = None
    year_to: Year = None
    content_type: Annotated[str | None, AfterValidator(_content)] = None
    max_runtime: Annotated[int | None, AfterValidator(_minutes)] = None
    free_only: bool | None = None

    @model_validator(mode="after")
    def _without_contradiction(self) -> Self:
        """Return the limits without years that contradict each other: they say nothing."""
        first, last = self.year_from, self.year_to
        if first is None or last is None or first <= last:
            return self
        return self.model_copy(update={"year_from": None, "year_to": None})


class ReadQuestion(_Read):
    """A question as a model read it: plain strings, which nobody takes for more.

    Attributes:
        intent: What the viewer is after.
        mood: Moods, in the model's words.
        themes: What it shall be about.
        references: Titles that the answer shall be like.
        people: Who shall have a part in it.
        search_text: The question without what is said above.
        confidence: 0 to 1, the model's own.
    """

    intent: Purpose
    mood: Names
    themes: Names
    references: Names
    people: Names
    filters: ReadFilters
    search_text: Annotated[str, AfterValidator(_sentence)]
    confidence: float = Field(ge=0, le=1)


def read_question(answer: str | bytes) -> ReadQuestion:
    """Return what a model answered.

    Raises:
        UnavailableError: It is no JSON, or not of the form that was asked for. The message names
            the places, never what stands there: that is a stranger's text.
    """
    try:
        return ReadQuestion.model_validate_json(answer)
    except ValidationError as error:
        raise UnavailableError(f"the model's answer is not of the form: {_places(error)}") from None


def _places(error: ValidationError) -> str:
    known = ReadQuestion.model_fields.keys() | ReadFilters.model_fields.keys()
    found = (".".join(_steps(each["loc"], known)) or "all of it" for each in error.errors()[:MOST])
    return ", ".join(dict.fromkeys(found))


def _steps(place: Iterable[int | str], known: set[str]) -> list[str]:
    return [str(step) for step in place if isinstance(step, int) or step in known]
