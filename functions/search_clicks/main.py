"""POST /api/v1/search/clicks: a viewer opened a title that a search had found."""

from http import HTTPStatus

from shared.adapters import probes
from shared.adapters.sql.analytics.clicks import SqlSearchClicks
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.search.analytics.clicks import Click, ClickReceipt, is_kept

clock = SystemClock()


@http.describes(body=Click, answer=ClickReceipt, status=HTTPStatus.ACCEPTED)
def report_click(request: http.Request) -> http.Reply:
    """Keep one click; the answer is the same for one that is known, or counts nowhere."""
    click = request.json(Click)
    if is_kept(click, clock.now()):
        SqlSearchClicks(clock=clock).keep(click)
    headers = {"cache-control": "no-store"}
    return http.reply(ClickReceipt(), status=HTTPStatus.ACCEPTED, headers=headers)


handle = http.resource(__file__, report_click, probes=[probes.database])
