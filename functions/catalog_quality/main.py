"""GET /api/v1/admin/content/quality-report: how good records are, and which are poorest."""

from shared.adapters import probes
from shared.adapters.sql.life.genres import GenreMisses
from shared.adapters.sql.life.quality import SqlQuality
from shared.adapters.sql.links.checks import SqlLinkChecks
from shared.catalog.quality_report import PoorTitles, PoorTitlesQuery
from shared.runtime import http
from shared.runtime.viewer import authorize

titles = SqlQuality()
links = SqlLinkChecks()
misses = GenreMisses()


@http.describes(query=PoorTitlesQuery, answer=PoorTitles)
def get_quality_report(request: http.Request) -> http.Reply:
    """Answer with the poorest titles, and the whole catalog as of its last recalculation."""
    asked = request.query(PoorTitlesQuery)
    found = titles.poorest(asked.threshold, limit=asked.limit)
    found = found.model_copy(update={"links": links.latest(), "genre_misses": misses.latest()})
    return http.reply(found, headers={"cache-control": "no-store"})


handle = http.resource(__file__, get_quality_report, authorize=authorize, probes=[probes.database])
