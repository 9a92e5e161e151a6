"""GET /api/v1/admin/search/analytics: what searches come to, for administrators."""

from shared.adapters import probes
from shared.adapters.sql.analytics.report import SqlSearchAnalytics
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.viewer import authorize
from shared.search.analytics.report import AnalyticsQuery, SearchAnalytics

clock = SystemClock()


@http.describes(query=AnalyticsQuery, answer=SearchAnalytics)
def get_search_analytics(request: http.Request) -> http.Reply:
    """Answer with the figures of a period that ends now."""
    found = SqlSearchAnalytics(clock=clock).report(request.query(AnalyticsQuery))
    return http.reply(found, headers={"cache-control": "private, max-age=60"})


handle = http.resource(
    __file__, get_search_analytics, authorize=authorize, probes=[probes.database]
)
