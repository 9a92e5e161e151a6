"""GET titles, their offers, genres and platforms."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import probes
from shared.adapters.sql.titles import SqlTitlePages
from shared.catalog.answers import Availability, GenreList, PlatformList, TitlePage
from shared.catalog.item import PlatformId, Region
from shared.gateway.vary import TAGS_HEADER
from shared.runtime import http
from shared.search.maturity import RatingLimit

titles = SqlTitlePages()


class TitleParameters(BaseModel):
    """Which title, for a viewer where (none: anywhere) of which limit; a series' which season."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    region: Region | None = None
    content_rating_limit: RatingLimit | None = None
    season: int | None = Field(default=None, ge=0, le=10_000)


class AvailabilityParameters(BaseModel):
    """Offers of which title, where, on which platform (none: all), and how sure at least."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    region: Region
    platform: PlatformId | None = None
    min_confidence: float = Field(default=0, ge=0, le=1)


class NoParameters(BaseModel):
    """Nothing to say."""

    model_config = ConfigDict(extra="forbid")


@http.describes(query=TitleParameters, answer=TitlePage)
def get_title(request: http.Request) -> http.Reply:
    """Answer with everything about one title."""
    asked = request.query(TitleParameters)
    limit, season = asked.content_rating_limit, asked.season
    page = titles.page(asked.id, asked.region, limit=limit, season=season)
    return http.reply(page, headers=_about(page["id"]))


@http.describes(query=AvailabilityParameters, answer=Availability)
def get_availability(request: http.Request) -> http.Reply:
    """Answer with the live offers of one title in one region."""
    asked = request.query(AvailabilityParameters)
    current, offers = titles.availability(
        asked.id, asked.region, asked.platform, min_confidence=asked.min_confidence
    )
    return http.reply({"items": offers}, headers=_about(current))


def _about(title: str) -> dict[str, str]:
    """Return whose events make an answer untrue: those of what an asked title became."""
    return {TAGS_HEADER: title}


@http.describes(query=NoParameters, answer=GenreList)
def list_genres(request: http.Request) -> http.Reply:
    """Answer with the genres that titles have."""
    request.query(NoParameters)
    return http.reply({"items": titles.genres()})


@http.describes(query=NoParameters, answer=PlatformList)
def list_platforms(request: http.Request) -> http.Reply:
    """Answer with the platforms that offer anything now."""
    request.query(NoParameters)
    return http.reply({"items": titles.platforms()})


handle = http.resource(
    __file__, get_title, get_availability, list_genres, list_platforms, probes=[probes.database]
)
