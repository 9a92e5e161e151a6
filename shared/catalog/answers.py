"""What callers are told of titles, as the API documents it.

The answers themselves come out of the database as JSON and are handed on unread; a test holds them
to these models.
"""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from shared.catalog.values import (
    ContentType,
    CreditRole,
    ExternalIdType,
    ImageKind,
    OfferType,
    Quality,
)

_IMAGE: JsonDict = {"kind": "poster", "width": 480, "url": "https://images.example/heat-480.jpg"}
_HEAT = "019b76da-a800-7b31-8000-2f3c5a1d9e40"
_PICTURE: JsonDict = {
    "kind": "poster",
    "width": 342,
    "url": f"/api/v1/content/{_HEAT}/images/poster?width=342",
}
_SOURCE: JsonDict = {
    "source": "streaming_availability",
    "first_seen": "2025-11-20T00:00:00+00:00",
    "last_seen": "2026-01-01T00:00:00+00:00",
    "taken_back_at": None,
}


class _Answer(BaseModel):
    # What handlers answer is described by these, not passed through them: they are built where the
    # API's document is made, not at every start.
    model_config = ConfigDict(extra="forbid", defer_build=True)


class ImageAnswer(_Answer):
    """One picture; `width` in pixels."""

    kind: ImageKind
    width: int
    url: str


class CreditAnswer(_Answer):
    """One person's part, the most important first."""

    name: str
    role: CreditRole
    character: str | None


class SeriesAnswer(_Answer):
    """How much of a series there is."""

    seasons: int | None
    episodes: int | None
    status: str | None


class PartOfAnswer(_Answer):
    """Where a season or an episode stands in its series, and what stands before and after it."""

    series_id: UUID
    title: str
    season: int
    episode: int | None
    previous_id: UUID | None
    next_id: UUID | None


class SeasonCount(_Answer):
    """A season of a series: its own title, where it has one, and how many episodes are known."""

    season: int
    id: UUID | None
    episodes: int


class EpisodeAnswer(_Answer):
    """One episode, and where it can be watched now."""

    id: UUID
    episode: int
    title: str
    overview: str | None
    release_date: date | None
    runtime_minutes: int | None
    platforms: list[str] | None


class SeasonPage(_Answer):
    """One season of a series.

    Attributes:
        id: Its own title, where a platform tells of it as one.
        previous: Number of the known season before it; specials are 0.
        next: Likewise after it.
        episodes: Those that are known, in order.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "series_id": _HEAT,
                    "series_title": "Breaking Bad",
                    "season": 1,
                    "id": None,
                    "previous": None,
                    "next": 2,
                    "episodes": [
                        {
                            "id": "019b76da-a800-7b31-8000-2f3c5a1d9e41",
                            "episode": 1,
                            "title": "Pilot",
                            "overview": None,
                            "release_date": "2008-01-20",
                            "runtime_minutes": 58,
                            "platforms": ["netflix"],
                        }
                    ],
                }
            ]
        },
    )

    series_id: UUID
    series_title: str
    season: int
    id: UUID | None
    previous: int | None
    next: int | None
    episodes: list[EpisodeAnswer]


class TitlePage(_Answer):
    """Everything about one title.

    Attributes:
        titles: In other languages, by BCP 47 tag.
        images: Where their providers have them, which ends after months.
        pictures: Copies of them by us, in each width that there is, at addresses of this API that
            stay; they lead to the picture.
        part_of: Where a season or an episode stands, once its series is known.
        seasons: Of a series, those of which something is known; specials are 0.
        episodes: Those that are known of the asked season, in order.
        maturity_rank: From 0, for everybody, upward.
        average_rating: 0 to 10.
        popularity_score: 0 to 1.
        quality_score: How much is known of it, 0 to 1.
        sample: Made up for development.
        platforms: Where it can be watched now, in the asked region where one was asked for.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": _HEAT,
                    "title": "Heat",
                    "original_title": None,
                    "titles": {"de": "Heat"},
                    "overview": "A thief and a detective",
                    "content_type": "movie",
                    "release_year": 1995,
                    "release_date": "1995-12-15",
                    "runtime_minutes": 170,
                    "countries": ["US"],
                    "genres": ["Crime", "Drama"],
                    "themes": ["heist"],
                    "credits": [{"name": "Michael Mann", "role": "director", "character": None}],
                    "images": [_IMAGE],
                    "pictures": [_PICTURE],
                    "external_ids": {"imdb": "tt0113277"},
                    "series": None,
                    "part_of": None,
                    "seasons": None,
                    "episodes": None,
                    "maturity_rank": 3,
                    "average_rating": 8.3,
                    "vote_count": 700000,
                    "popularity_score": 0.9,
                    "quality_score": 0.95,
                    "is_original": False,
                    "sample": False,
                    "updated_at": "2026-01-01T00:00:00+00:00",
                    "platforms": ["netflix"],
                }
            ]
        },
    )

    id: UUID
    title: str
    original_title: str | None
    titles: dict[str, str] | None
    overview: str | None
    content_type: ContentType
    release_year: int | None
    release_date: date | None
    runtime_minutes: int | None
    countries: list[str]
    genres: list[str] | None
    themes: list[str] | None
    credits: list[CreditAnswer] | None
    images: list[ImageAnswer] | None
    pictures: list[ImageAnswer]
    external_ids: dict[ExternalIdType, str] | None
    series: SeriesAnswer | None
    part_of: PartOfAnswer | None
    seasons: list[SeasonCount] | None
    episodes: list[EpisodeAnswer] | None
    maturity_rank: int | None
    average_rating: float | None
    vote_count: int | None
    popularity_score: float = Field(ge=0, le=1)
    quality_score: float | None
    is_original: bool
    sample: bool
    updated_at: datetime
    platforms: list[str] | None


class OfferSource(_Answer):
    """Who says that an offer plays.

    Attributes:
        first_seen: When it first said so.
        last_seen: When it last did.
        taken_back_at: When it no longer said so, while another source still does.
    """

    source: str
    first_seen: datetime
    last_seen: datetime
    taken_back_at: datetime | None


class OfferAnswer(_Answer):
    """One way to watch a title now.

    Attributes:
        price_minor: In the smallest unit of `currency`.
        link: Leads to the title, `video_link` straight to playing it.
        first_seen: When a source first said so.
        last_seen: When one last did.
        sources: Who says so, by name.
        confidence: Probability that it plays now, from the age of the freshest word, how many
            sources agree, and how fast such offers ended before (docs/receipts.md).
        stale: Nobody has confirmed it for over eight days.
    """

    platform: str
    type: OfferType
    tier: str | None
    quality: Quality | None
    price_minor: int | None
    currency: str | None
    link: str | None
    video_link: str | None
    audio: list[str]
    subtitles: list[str]
    available_from: datetime | None
    expires_at: datetime | None
    first_seen: datetime
    last_seen: datetime
    sources: list[OfferSource]
    confidence: float = Field(ge=0, le=1)
    stale: bool


class Availability(_Answer):
    """Live offers, cheapest terms first."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "platform": "netflix",
                            "type": "rental",
                            "tier": None,
                            "quality": "uhd",
                            "price_minor": 399,
                            "currency": "USD",
                            "link": "https://www.netflix.com/title/60",
                            "video_link": None,
                            "audio": ["en"],
                            "subtitles": ["de", "fr"],
                            "available_from": None,
                            "expires_at": "2026-06-01T00:00:00+00:00",
                            "first_seen": "2025-11-20T00:00:00+00:00",
                            "last_seen": "2026-01-01T00:00:00+00:00",
                            "sources": [_SOURCE],
                            "confidence": 0.969,
                            "stale": False,
                        }
                    ]
                }
            ]
        },
    )

    items: list[OfferAnswer]


class GenreCount(_Answer):
    """A genre, and how many titles have it."""

    id: str
    titles: int


class GenreList(_Answer):
    """Genres that titles have, by name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"items": [{"id": "Drama", "titles": 4211}]}]},
    )

    items: list[GenreCount]


class PlatformCount(_Answer):
    """A platform, and how many titles it offers by region."""

    id: str
    regions: dict[str, int]


class PlatformList(_Answer):
    """Platforms that offer anything now, by name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"items": [{"id": "netflix", "regions": {"US": 6120}}]}]},
    )

    items: list[PlatformCount]
