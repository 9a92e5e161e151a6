"""What many people look for just now, as far as everybody may be told.

A text is told only if five people or more used it that week, it found something, and a title that
may be shown has every word of it that tells titles apart. So a list that nobody asked for repeats
nothing but words of the catalog, and never those of titles alone that a limit hides.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.catalog.item import Region
from shared.kernel import text
from shared.kernel.principal import ANONYMOUS, Principal
from shared.search.filters import Filters, Genre
from shared.search.maturity import RatingLimit
from shared.search.viewers import sight

SPARE = 4
"""So many times more texts are looked at than asked for: some may not be shown."""
HIGHEST = RatingLimit.R
"""What a viewer of whom nobody knows anything may be told of."""


class TrendingParameters(BaseModel):
    """What may be told.

    Attributes:
        region: Only what leads to something that can be watched there; none: anywhere.
        content_rating_limit: Only what leads to titles up to this, unrated ones taken for R.
        blocked_genres: Nothing that only titles of these have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: Region | None = None
    limit: int = Field(default=10, ge=1, le=50)
    content_rating_limit: RatingLimit = HIGHEST
    blocked_genres: tuple[Genre, ...] = Field(default=(), max_length=22)

    @field_validator("content_rating_limit")
    @classmethod
    def _is_no_higher(cls, limit: RatingLimit) -> RatingLimit:
        return limit if limit.rank <= HIGHEST.rank else HIGHEST

    @field_validator("blocked_genres")
    @classmethod
    def _are_canonical(cls, genres: tuple[str, ...]) -> tuple[str, ...]:
        return Filters(genres=genres).genres

    def filters(self, viewer: Principal) -> Filters:
        """Return what a title has to satisfy to be told to a viewer."""
        seen = sight(viewer, ceiling=self.content_rating_limit, blocked=self.blocked_genres)
        return Filters(
            region=() if self.region is None else (self.region,),
            content_rating_limit=seen.ceiling,
            blocked_genres=seen.blocked_genres,
        )


class TrendingQuery(BaseModel):
    """A text to search for."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    query: str


class TrendingQueries(BaseModel):
    """What is looked for, what most people do first; empty where too few people do."""

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        json_schema_extra={"examples": [{"items": [{"query": "dune"}]}]},
    )

    items: list[TrendingQuery]


class AskedTexts(Protocol):
    """Texts that may be told, and what they lead to."""

    def rising(self, *, limit: int) -> Sequence[str]:
        """Return texts by how many people used them lately, most first."""

    def leading(self, texts: Sequence[str], filters: Filters) -> Collection[str]:
        """Return those with all telling words in a title that passes every filter."""


def trending(
    asked: TrendingParameters, texts: AskedTexts, *, viewer: Principal = ANONYMOUS
) -> TrendingQueries:
    """Return what may be told, each once however it is written.

    Raises:
        UnavailableError: The database does not answer.
    """
    once: dict[str, str] = {}
    for each in texts.rising(limit=asked.limit * SPARE):
        once.setdefault(text.fold(each), each)
    found = texts.leading(list(once.values()), asked.filters(viewer))
    shown = [each for each in once.values() if each in found][: asked.limit]
    return TrendingQueries(items=[TrendingQuery(query=each) for each in shown])
