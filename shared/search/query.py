"""What a viewer asks for, validated."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from shared.catalog.item import PlatformId, Region
from shared.catalog.values import GENRES, ContentType, OfferType
from shared.kernel import text

MAX_CANDIDATES = 1000
"""Where ranked search ends (spec/discovery §3)."""

_GENRE_BY_FOLDED = {text.fold(genre): genre for genre in GENRES}


class Sort(StrEnum):
    """How an answer is ordered."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    HIGHEST_RATED = "highest_rated"
    LOWEST_RATED = "lowest_rated"
    MOST_POPULAR = "most_popular"
    ALPHABETICAL = "alphabetical"
    REVERSE_ALPHABETICAL = "reverse_alphabetical"


class Strategy(StrEnum):
    """Which retrievers are asked."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    KEYWORD = "keyword"


Genre = Annotated[str, WithJsonSchema({"type": "string", "enum": list(GENRES)})]
"""One of ours; letter case and accents are forgiven, so the names alone are documented."""


def _as_kept(rating: float) -> float:
    """Return a rating with the four digits that are kept; SQL refuses what float32 cannot hold."""
    return round(rating, 4)


Rating = Annotated[float, Field(ge=0, le=10), AfterValidator(_as_kept)]


class Filters(BaseModel):
    """Hard filters: every result satisfies all of them.

    Platforms, region and offer types are matched on one and the same offer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    genres: tuple[Genre, ...] = Field(default=(), max_length=22)
    platforms: tuple[PlatformId, ...] = Field(default=(), max_length=50)
    region: Region | None = None
    content_types: tuple[ContentType, ...] = ()
    availability_types: tuple[OfferType, ...] = ()
    free_only: bool = False
    year_from: int | None = Field(default=None, ge=1870, le=2100)
    year_to: int | None = Field(default=None, ge=1870, le=2100)
    min_runtime: int | None = Field(default=None, ge=1, le=6000)
    max_runtime: int | None = Field(default=None, ge=1, le=6000)
    min_rating: Rating | None = None

    @field_validator("genres")
    @classmethod
    def _are_canonical(cls, genres: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [genre for genre in genres if text.fold(genre) not in _GENRE_BY_FOLDED]
        if unknown:
            raise ValueError(f"unknown genre {unknown[0]!r}; known are {', '.join(GENRES)}")
        return tuple(_GENRE_BY_FOLDED[text.fold(genre)] for genre in genres)

    @model_validator(mode="after")
    def _has_ranges_in_order(self) -> Self:
        for low, high in (("year_from", "year_to"), ("min_runtime", "max_runtime")):
            first, last = getattr(self, low), getattr(self, high)
            if first is not None and last is not None and first > last:
                raise ValueError(f"{low} is above {high}")
        return self

    @property
    def wanted_offers(self) -> tuple[OfferType, ...]:
        """Offer types that count, none meaning any."""
        return (OfferType.FREE, OfferType.ADS) if self.free_only else self.availability_types

    @property
    def about_offers(self) -> bool:
        """Tell whether an offer is asked for at all."""
        return bool(self.platforms or self.region or self.wanted_offers)


Words = Annotated[str, StringConstraints(max_length=500)]


class SearchQuery(BaseModel):
    """One search, as the body of a POST.

    Attributes:
        query: Free text; empty asks for what is popular.
        page: From 1. A page past the end is empty.
        explain: Show how each score came about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: Words = ""
    filters: Filters = Filters()
    page: int = Field(default=1, ge=1, le=MAX_CANDIDATES)
    page_size: int = Field(default=20, ge=1, le=100)
    sort: Sort = Sort.RELEVANCE
    strategy: Strategy = Strategy.HYBRID
    explain: bool = False

    @property
    def text(self) -> str:
        """The query as it is compared: NFC, no control characters, white space collapsed."""
        return text.clean(self.query)

    @property
    def depth(self) -> int:
        """How many results are needed to fill this page."""
        return min(self.page * self.page_size, MAX_CANDIDATES)


class SearchParameters(Filters):
    """One search, as the parameters of a GET: the filters stand beside the rest."""

    q: Words = ""
    page: int = Field(default=1, ge=1, le=MAX_CANDIDATES)
    page_size: int = Field(default=20, ge=1, le=100)
    sort: Sort = Sort.RELEVANCE
    strategy: Strategy = Strategy.HYBRID
    explain: bool = False

    def to_query(self) -> SearchQuery:
        """Return the same search in the form of a POST."""
        given: dict[str, Any] = self.model_dump(exclude={"q"})
        filters = {name: given.pop(name) for name in Filters.model_fields}
        return SearchQuery(query=self.q, filters=Filters(**filters), **given)
