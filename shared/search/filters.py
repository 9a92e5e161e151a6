"""Hard filters: what every result of a search satisfies (spec/discovery §5.6)."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from shared.catalog.expiry import LONGEST_DAYS
from shared.catalog.item import PlatformId, Region
from shared.catalog.values import GENRES, ContentType, OfferType
from shared.kernel import text
from shared.search.maturity import RatingLimit

_GENRE_BY_FOLDED = {text.fold(genre): genre for genre in GENRES}
_LOW_OF = {"year_to": "year_from", "max_runtime": "min_runtime", "max_rating": "min_rating"}


class GenreMatch(StrEnum):
    """Whether one of the asked genres is enough."""

    ANY = "any"
    ALL = "all"


class RatingBand(StrEnum):
    """How viewers rated a title, in words: from 8, from 7, from 5, below, and not at all."""

    EXCELLENT = "Excellent"
    GOOD = "Good"
    AVERAGE = "Average"
    BELOW_AVERAGE = "Below average"
    UNRATED = "Unrated"


def _one_or_more(given: object) -> object:
    """Return one value as a list of one: ``region`` is a single one on every other page."""
    if isinstance(given, list):
        # What passed through Python is no JSON any more, where a list would do for a tuple.
        return tuple(given)
    return (given,) if isinstance(given, str) else given


def _as_kept(number: float) -> float:
    """Return a number with the four digits that are kept; SQL refuses what float32 cannot hold."""
    return round(number, 4)


Genre = Annotated[str, WithJsonSchema({"type": "string", "enum": list(GENRES)})]
"""One of ours; letter case and accents are forgiven, so the names alone are documented."""
FIRST_DECADE = 1980
CLASSIC = "Classic"
"""All years before the first decade."""
Decade = Annotated[str, StringConstraints(pattern=rf"^((19[89]|20\d)0s|{CLASSIC})$")]
"""``1990s``, from the first decade on, or `CLASSIC`."""
Rating = Annotated[float, Field(ge=0, le=10), AfterValidator(_as_kept)]
Share = Annotated[float, Field(ge=0, le=1), AfterValidator(_as_kept)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-([A-Z]{2}|\d{3}))?$")]
"""BCP 47; without a region it stands for all of them."""
Name = Annotated[str, AfterValidator(text.clean), StringConstraints(min_length=1, max_length=100)]


class Filters(BaseModel):
    """Hard filters: every result satisfies all of them; of several values of one, any will do.

    Platforms, regions, offer types, languages and days are matched on one and the same offer.

    Attributes:
        genre_match: Whether a title needs one of the genres, or all.
        blocked_genres: Titles of none of these.
        content_rating_limit: Titles up to this, unrated ones taken for R.
        allow_unrated: A limit lets titles pass that nobody rated; not for a child's profile.
        region: One country or several.
        years: Decades; with `year_from` and `year_to`, both hold.
        ratings: Bands of `average_rating`; with `min_rating` and `max_rating`, both hold.
        languages: Spoken in the offer, whatever the original was.
        keywords: Themes of the title.
        creators: People who have a part in it, before the camera or behind.
        min_data_quality_score: How good the record is, 0 to 1; a record without a score has 0.
        leaving_days: The offer ends within so many days.
        added_days: The offer began within so many days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    genres: tuple[Genre, ...] = Field(default=(), max_length=22)
    genre_match: GenreMatch = GenreMatch.ANY
    blocked_genres: tuple[Genre, ...] = Field(default=(), max_length=22)
    content_rating_limit: RatingLimit | None = None
    allow_unrated: bool = False
    platforms: tuple[PlatformId, ...] = Field(default=(), max_length=50)
    region: Annotated[tuple[Region, ...], BeforeValidator(_one_or_more)] = Field(
        default=(), max_length=50
    )
    content_types: tuple[ContentType, ...] = ()
    availability_types: tuple[OfferType, ...] = ()
    free_only: bool = False
    year_from: int | None = Field(default=None, ge=1870, le=2100)
    year_to: int | None = Field(default=None, ge=1870, le=2100)
    years: tuple[Decade, ...] = Field(default=(), max_length=20)
    min_runtime: int | None = Field(default=None, ge=1, le=6000)
    max_runtime: int | None = Field(default=None, ge=1, le=6000)
    min_rating: Rating | None = None
    max_rating: Rating | None = None
    ratings: tuple[RatingBand, ...] = ()
    languages: tuple[Language, ...] = Field(default=(), max_length=20)
    keywords: tuple[Name, ...] = Field(default=(), max_length=20)
    creators: tuple[Name, ...] = Field(default=(), max_length=20)
    min_data_quality_score: Share | None = None
    leaving_days: int | None = Field(default=None, ge=1, le=LONGEST_DAYS)
    added_days: int | None = Field(default=None, ge=1, le=365)

    @field_validator("genres", "blocked_genres")
    @classmethod
    def _are_canonical(cls, genres: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [genre for genre in genres if text.fold(genre) not in _GENRE_BY_FOLDED]
        if unknown:
            raise ValueError(f"unknown genre {unknown[0]!r}; known are {', '.join(GENRES)}")
        return tuple(_GENRE_BY_FOLDED[text.fold(genre)] for genre in genres)

    @field_validator(*_LOW_OF)
    @classmethod
    def _is_not_below_its_low_end(cls, high: float | None, info: ValidationInfo) -> float | None:
        name = _LOW_OF[info.field_name or ""]
        low = info.data.get(name)
        if low is not None and high is not None and low > high:
            raise ValueError(f"{name} is above {info.field_name}")
        return high

    @property
    def wanted_offers(self) -> tuple[OfferType, ...]:
        """Offer types that count, none meaning any."""
        return (OfferType.FREE, OfferType.ADS) if self.free_only else self.availability_types

    @property
    def about_offers(self) -> bool:
        """Tell whether an offer is asked for at all."""
        asked = (self.platforms, self.region, self.wanted_offers, self.languages)
        return any(asked) or self.leaving_days is not None or self.added_days is not None

    @property
    def maturity_rank(self) -> int | None:
        """The highest rank that may be shown, 0 to 4; None for all."""
        return None if self.content_rating_limit is None else self.content_rating_limit.rank

    def cleared(self, *names: str) -> Self:
        """Return the same filters, those named as if they had not been asked for."""
        return self.model_copy(
            update={name: type(self).model_fields[name].get_default() for name in names}
        )
