"""GET /api/v1/content/tv/{id}/seasons/…: seasons of a series, and episodes by their place."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import probes
from shared.adapters.sql.titles import SqlTitlePages
from shared.catalog.answers import SeasonPage, TitlePage
from shared.catalog.item import Region
from shared.gateway.vary import TAGS_HEADER
from shared.runtime import http
from shared.runtime.viewer import authorize
from shared.search.maturity import RatingLimit
from shared.search.viewers import sight

titles = SqlTitlePages()


class SeasonParameters(BaseModel):
    """Which season (specials: 0), for a viewer where (none: anywhere) of which limit."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    season: int = Field(ge=0, le=10_000)
    region: Region | None = None
    content_rating_limit: RatingLimit | None = None


class EpisodeParameters(SeasonParameters):
    """Which of its episodes."""

    episode: int = Field(ge=0, le=100_000)


@http.describes(query=SeasonParameters, answer=SeasonPage)
def get_season(request: http.Request) -> http.Reply:
    """Answer with one season of a series, and what is known of its episodes."""
    asked = request.query(SeasonParameters)
    seen = sight(request.principal, ceiling=asked.content_rating_limit)
    page = titles.season(asked.id, asked.season, asked.region, sight=seen)
    parts = [page["id"], *(one["id"] for one in page["episodes"])]
    return _reply(page, page["series_id"], *filter(None, parts))


@http.describes(query=EpisodeParameters, answer=TitlePage)
def get_episode(request: http.Request) -> http.Reply:
    """Answer with everything about the episode that stands there."""
    asked = request.query(EpisodeParameters)
    seen = sight(request.principal, ceiling=asked.content_rating_limit)
    page = titles.episode(asked.id, (asked.season, asked.episode), asked.region, sight=seen)
    return _reply(page, page["part_of"]["series_id"], page["id"])


def _reply(page: dict[str, object], *depends_on: str) -> http.Reply:
    return http.reply(page, headers={TAGS_HEADER: ",".join(depends_on)})


handle = http.resource(
    __file__, get_season, get_episode, authorize=authorize, probes=[probes.database]
)
