"""Titles and offers that a person adds, as the API documents it (spec/discovery §3)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    field_validator,
    model_validator,
)

from shared.catalog.item import CanonicalItem, Currency, Offer, PlatformId, Region, Source
from shared.catalog.life_edit import Genre, Text
from shared.catalog.links_templates import links_of
from shared.catalog.platforms import platforms
from shared.catalog.values import GENRES, ContentType, ExternalIdType, OfferType, Quality
from shared.kernel import ids
from shared.kernel.errors import ConflictError, FieldIssue, InvalidInputError
from shared.kernel.events import Event

MANUAL = "manual"
NOWHERE = "ZZ"
"""Region of an item that is of none (CLDR: unknown region); nothing is kept of it."""
Listing = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\s\x00-\x1f\x7f]+$")
]
Number = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,9}$")]


def _known(name: str) -> str:
    if name not in platforms():
        raise ValueError(f"there is no platform {name!r}")
    return name


class _Listed:
    """Lets the document name every platform there is."""

    def __get_pydantic_json_schema__(
        self,
        core: Any,  # noqa: ANN401 - pydantic-core's schema, which has no own package here
        handler: GetJsonSchemaHandler,
    ) -> dict[str, Any]:
        return {**handler(core), "enum": sorted(platforms())}


KnownPlatform = Annotated[PlatformId, AfterValidator(_known), _Listed()]
"""A platform that is configured."""


class TitleExistsError(ConflictError):
    """What is to be added belongs to a title already."""

    code = "title-exists"

    def __init__(self, what: str, content_id: UUID) -> None:
        super().__init__(f"{what} belongs to title {content_id}")


class IdsGiven(BaseModel):
    """Ids that others gave a title; TMDb's are of films or of series."""

    model_config = ConfigDict(extra="forbid")

    eidr: str | None = Field(default=None, pattern=r"^10\.5240/([0-9A-F]{4}-){5}[0-9A-Z]$")
    imdb: str | None = Field(default=None, pattern=r"^tt[0-9]{7,10}$")
    tmdb_movie: Number | None = None
    tmdb_tv: Number | None = None
    tvdb: Number | None = None


class TitleCreation(BaseModel):
    """A title that no source tells of, by what one platform calls it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "Heat",
                    "content_type": "movie",
                    "platform": "netflix",
                    "platform_content_id": "60027695",
                    "release_year": 1995,
                    "runtime_minutes": 170,
                    "genres": ["Crime"],
                    "external_ids": {"imdb": "tt0113277"},
                }
            ]
        },
    )

    title: Text = Field(max_length=500)
    content_type: Literal["movie", "series", "short", "documentary", "special"]
    platform: KnownPlatform
    platform_content_id: Listing
    original_title: Text | None = Field(default=None, max_length=500)
    overview: Text | None = Field(default=None, max_length=1000)
    release_year: int | None = Field(default=None, ge=1870, le=2100)
    release_date: date | None = None
    runtime_minutes: int | None = Field(default=None, gt=0, le=6000)
    genres: list[Genre] = Field(default=[], max_length=5)
    external_ids: IdsGiven = IdsGiven()

    @field_validator("genres")
    @classmethod
    def _are_known(cls, genres: list[str]) -> list[str]:
        unknown = [genre for genre in genres if genre not in GENRES]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no genre of the catalog")
        return genres

    def item(self, act: UUID, at: datetime) -> CanonicalItem:
        """Return what the person says, as if a source had said it."""
        given = self.external_ids.model_dump(exclude_none=True)
        said = self.model_dump(exclude={"external_ids", "content_type", "genres"})
        return CanonicalItem(
            **said,
            source=source(act, at),
            region=NOWHERE,
            content_type=ContentType(self.content_type),
            genres=tuple(dict.fromkeys(self.genres)),
            external_ids={ExternalIdType(kind): value for kind, value in given.items()},
        )


class OfferGiven(BaseModel):
    """Terms on which a title can be watched, by what tells offers apart.

    Attributes:
        price_cents: In the currency's smallest unit.
        deep_link: The title's page on the platform.
        platform_content_id: Needed where the title has none there, or several.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "platform": "apple_tv_plus",
                    "region": "US",
                    "availability_type": "rental",
                    "platform_content_id": "umc.cmc.4mt8s4gdlvdmwe6amv1zfpszr",
                    "quality": "hd",
                    "price_cents": 399,
                    "currency": "USD",
                }
            ]
        },
    )

    platform: KnownPlatform
    region: Region
    availability_type: OfferType
    tier: Text | None = Field(default=None, max_length=60)
    quality: Quality | None = None
    price_cents: int | None = Field(default=None, ge=0, le=100_000_000)
    currency: Currency | None = None
    deep_link: str | None = Field(default=None, max_length=2000)
    available_from: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    platform_content_id: Listing | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.price_cents is None) != (self.currency is None):
            raise ValueError("price_cents and currency come together")
        begins, ends = self.available_from, self.expires_at
        if begins and ends and begins >= ends:
            raise ValueError("expires_at is not after available_from")
        return self

    def offer(self, at: datetime) -> Offer:
        """Return the offer.

        Raises:
            InvalidInputError: The link leads to no title of the platform, or the offer's time is
                over.
        """
        if self.expires_at is not None and self.expires_at <= at:
            raise _unfit("expires_at", "future", "the offer's time is over")
        links = links_of(self.platform)
        link = links.provider_link(self.deep_link) if links else None
        if self.deep_link is not None and link is None:
            raise _unfit("deep_link", "own", f"the link leads to no title of {self.platform}")
        return Offer(
            type=self.availability_type,
            tier=self.tier,
            quality=self.quality,
            price_minor=self.price_cents,
            currency=self.currency,
            link=link,
            available_from=self.available_from,
            expires_at=self.expires_at,
        )


class OfferKept(BaseModel):
    """An offer as it is kept.

    Attributes:
        changed: A viewer sees something new; then it was told as ``availability.changed``.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    content_id: UUID
    platform: PlatformId
    region: Region
    platform_content_id: str
    offer: dict[str, Any]
    changed: bool


def source(act: UUID, at: datetime) -> Source:
    """Return a person as a source; the act is in the audit log."""
    return Source(provider=MANUAL, fetched_at=at, raw_uri=f"{MANUAL}/{act}")


def chosen_listing(asked: OfferGiven, known: list[str]) -> str:
    """Return the platform's own id that an offer is of.

    Args:
        asked: The offer.
        known: What the platform calls the title, as far as is known.

    Raises:
        InvalidInputError: None is named, and the title has none there, or several.
    """
    if asked.platform_content_id is not None:
        return asked.platform_content_id
    if len(known) != 1:
        found = "several ids" if known else "no id"
        message = f"the title has {found} on {asked.platform}: name one"
        raise _unfit("platform_content_id", "given", message)
    return known[0]


def made_event(content_id: UUID, *, at: datetime, cause: str) -> Event:
    """Return what there is to tell of a title that a person made."""
    return _event("content.ingested", {"content_ids": [str(content_id)]}, at, cause)


def offered_event(item: CanonicalItem, changes: Sequence[Mapping[str, Any]], at: datetime) -> Event:
    """Return what there is to tell of offers that a person wrote."""
    place = {"platform": item.platform, "region": item.region}
    data = {"content_ids": [one["content_id"] for one in changes], "changes": changes, **place}
    return _event("availability.changed", data, at, item.source.raw_uri)


def _event(kind: str, data: Mapping[str, object], at: datetime, cause: str) -> Event:
    return Event(
        event_id=ids.named(kind, cause),
        event_type=kind,
        occurred_at=at,
        correlation_id=cause,
        data=data,
    )


def _unfit(field: str, rule: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, issues=[FieldIssue(field, rule, message)])
