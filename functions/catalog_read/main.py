"""GET titles, their offers, genres and platforms."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import probes
from shared.adapters.sql.titles import SqlTitlePages
from shared.catalog.answers import Availability, GenreList, PlatformList, TitlePage
from shared.catalog.asked import AvailabilityParameters, NoParameters
from shared.catalog.item import Region
from shared.gateway.vary import TAGS_HEADER
from shared.runtime import http
from shared.runtime.viewer import authorize
from shared.search.maturity import RatingLimit
from shared.search.viewers import sight

titles = SqlTitlePages()


class TitleParameters(BaseModel):
    """Which title, for a viewer where (none: anywhere) of which limit; a series' which season."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    region: Region | None = None
    content_rating_limit: RatingLimit | None = None
    season: int | None = Field(default=None, ge=0, le=10_000)


@http.describes(query=TitleParameters, answer=TitlePage)
def get_title(request: http.Request) -> http.Reply:
    """Answer with everything about one title."""
    asked = request.query(TitleParameters)
    seen = sight(request.principal, ceiling=asked.content_rating_limit)
    page = titles.page(asked.id, asked.region, sight=seen, season=asked.season)
    return http.reply(page, headers=_about(page["id"]))


@http.describes(query=AvailabilityParameters, answer=Availability)
def get_availability(request: http.Request) -> http.Reply:
    """Answer with the live offers of one title in one region."""
    asked = request.query(AvailabilityParameters)
    current, offers = titles.availability(
        asked.id,
        asked.region,
        asked.platform,
        min_confidence=asked.min_confidence,
        sight=sight(request.principal),
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
    __file__, get_title, get_availability, list_genres, list_platforms,
    authorize=authorize, probes=[probes.database],
)  # fmt: skip
