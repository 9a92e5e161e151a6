"""The canonical item: what one source says about one title on one platform in one region.

Every normalizer ends here, whatever the source's own shape; everything after reads only this
(spec/ingestion §4.1).
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.catalog.values import (
    ContentType,
    CreditRole,
    ExternalIdType,
    ImageKind,
    OfferType,
    Quality,
)

Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
PlatformId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Value):
    """Where an item comes from; `raw_uri` is relative to the raw folder and ends in ``#index``."""

    provider: str = Field(min_length=1, max_length=60)
    fetched_at: datetime
    raw_uri: str = Field(min_length=1, max_length=500)


class Credit(_Value):
    """One person's part."""

    name: str = Field(min_length=1, max_length=200)
    role: CreditRole
    character: str | None = Field(default=None, max_length=200)
    order: int = Field(default=0, ge=0)


class Image(_Value):
    """One picture; `width` in pixels."""

    kind: ImageKind
    width: int = Field(gt=0, le=10_000)
    url: str = Field(max_length=2000, pattern=r"^https?://")


class Maturity(_Value):
    """A rating board's verdict, as given (``MPA``, ``PG-13``)."""

    system: str = Field(max_length=40)
    value: str = Field(max_length=40)


class Series(_Value):
    """How long a series is."""

    seasons: int | None = Field(default=None, ge=0, le=1000)
    episodes: int | None = Field(default=None, ge=0, le=100_000)
    status: str | None = Field(default=None, max_length=40)


class PartOf(_Value):
    """The series that a season or an episode belongs to; specials are season 0."""

    title: str | None = Field(default=None, max_length=500)
    external_ids: dict[ExternalIdType, str] = Field(default_factory=dict)
    season: int | None = Field(default=None, ge=0, le=10_000)
    episode: int | None = Field(default=None, ge=0, le=100_000)


class Offer(_Value):
    """One way to watch. Price in minor units of `currency`; times UTC; languages BCP 47."""

    type: OfferType
    tier: str | None = Field(default=None, max_length=60)
    price_minor: int | None = Field(default=None, ge=0, le=100_000_000)
    currency: Currency | None = None
    quality: Quality | None = None
    link: str | None = Field(default=None, max_length=2000, pattern=r"^https?://")
    video_link: str | None = Field(default=None, max_length=2000, pattern=r"^https?://")
    audio: tuple[str, ...] = ()
    subtitles: tuple[str, ...] = ()
    available_from: datetime | None = None
    expires_at: datetime | None = None


class CanonicalItem(_Value):
    """What one source says about one title on one platform in one region.

    Nothing is invented: what the source does not say is None or empty.
    """

    source: Source
    platform: PlatformId
    platform_content_id: str = Field(min_length=1, max_length=300)
    region: Region
    entity_id: UUID | None = None
    title: str = Field(min_length=1, max_length=500)
    original_title: str | None = Field(default=None, max_length=500)
    titles: dict[str, str] = Field(default_factory=dict)
    overview: str | None = Field(default=None, max_length=1000)
    content_type: ContentType
    release_year: int | None = Field(default=None, ge=1870, le=2100)
    release_date: date | None = None
    runtime_minutes: int | None = Field(default=None, gt=0, le=6000)
    genres: tuple[str, ...] = Field(default=(), max_length=5)
    themes: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = Field(default=(), max_length=20)
    external_ids: dict[ExternalIdType, str] = Field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    images: tuple[Image, ...] = ()
    maturity: Maturity | None = None
    user_rating: float | None = Field(default=None, ge=0, le=10)
    vote_count: int | None = Field(default=None, ge=0)
    popularity: float | None = Field(default=None, ge=0, le=1)
    is_original: bool = False
    series: Series | None = None
    part_of: PartOf | None = None
    sample: bool = False
    updated_at: datetime | None = None
