"""POST /api/v1/links/outcomes: what a link came to on a viewer's device."""

from shared.adapters import probes
from shared.adapters.secrets import secret
from shared.adapters.sql.links.reports import LinkReport, SqlLinkReports
from shared.catalog.links_answers import OutcomeReceipt, OutcomeReport
from shared.catalog.links_health import reporter, week_of
from shared.kernel.clock import SystemClock
from shared.kernel.principal import Kind, Principal
from shared.runtime import http
from shared.runtime.settings import settings
from shared.runtime.viewer import authorize

clock = SystemClock()
reports = SqlLinkReports(clock=clock)


@http.describes(body=OutcomeReport, answer=OutcomeReceipt)
def report_outcome(request: http.Request) -> http.Reply:
    """Count one report; that of a viewer who is known is a vote on the template."""
    said = request.json(OutcomeReport)
    known = _reporter(request.principal, said)
    taken = reports.take(
        LinkReport(said.report_id, said.template, said.device, said.outcome, known)
    )
    receipt = OutcomeReceipt(
        status="duplicate" if taken.duplicate else "accepted", counted=taken.counted
    )
    return http.reply(receipt, headers={"cache-control": "no-store"})


def _reporter(who: Principal, said: OutcomeReport) -> bytes | None:
    """Return what stands for a viewer; nobody does without the key by which they are told apart."""
    reference = settings().log_key
    if who.kind is not Kind.USER or not reference:
        return None
    week = week_of(clock.now().date())
    key = secret(reference).encode()
    return reporter(key, who.sub, template=said.template, device=said.device, week=week)


handle = http.resource(__file__, report_outcome, authorize=authorize, probes=[probes.database])
