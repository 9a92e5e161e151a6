"""GET /api/v1/search/suggestions/trending: what many people look for just now."""

from shared.adapters import probes
from shared.adapters.sql.analytics.trending import SqlAskedTexts
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.viewer import authorize
from shared.search.analytics.trending import TrendingParameters, TrendingQueries, trending
from shared.search.viewers import kept_for

clock = SystemClock()
KEPT_SECONDS = 300


@http.describes(query=TrendingParameters, answer=TrendingQueries)
def list_trending_queries(request: http.Request) -> http.Reply:
    """Answer with texts that may be told to everybody."""
    asked, who = request.query(TrendingParameters), request.principal
    found = trending(asked, SqlAskedTexts(clock=clock), viewer=who)
    return http.reply(found, headers={"cache-control": kept_for(who, KEPT_SECONDS)})


handle = http.resource(
    __file__, list_trending_queries, authorize=authorize, probes=[probes.database]
)
