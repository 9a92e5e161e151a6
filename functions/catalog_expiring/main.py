"""GET /api/v1/content/expiring: titles that leave soon."""

from shared.adapters import probes
from shared.adapters.sql.expiry.notices import SqlExpiry
from shared.catalog.expiry_answers import Expiring, ExpiringQuery
from shared.runtime import http
from shared.runtime.viewer import authorize
from shared.search.viewers import sight

expiry = SqlExpiry()


@http.describes(query=ExpiringQuery, answer=Expiring)
def list_expiring(request: http.Request) -> http.Reply:
    """Answer with what leaves within the asked days, soonest first."""
    asked = request.query(ExpiringQuery)
    found = expiry.expiring(**asked.model_dump(), sight=sight(request.principal))
    return http.reply({"window_days": asked.days, **found})


handle = http.resource(__file__, list_expiring, authorize=authorize, probes=[probes.database])
