"""GET /api/v1/search/suggestions/trending: what many people look for just now."""

from shared.adapters import probes
from shared.adapters.sql.analytics.trending import SqlAskedTexts
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.search.analytics.trending import TrendingParameters, TrendingQueries, trending

clock = SystemClock()


@http.describes(query=TrendingParameters, answer=TrendingQueries)
def list_trending_queries(request: http.Request) -> http.Reply:
    """Answer with texts that may be told to everybody."""
    found = trending(request.query(TrendingParameters), SqlAskedTexts(clock=clock))
    return http.reply(found, headers={"cache-control": "public, max-age=300"})


handle = http.resource(__file__, list_trending_queries, probes=[probes.database])
