"""/api/v1/admin/ingestion/…: runs, how far they have come, and what is left of quotas."""

from shared.adapters import connect, probes
from shared.adapters.sql.runs_admin.overview import RunsOverview
from shared.catalog.life_runs import NothingAsked, Quotas, Run, RunDetails, RunOnly, RunsQuery
from shared.kernel.clock import SystemClock
from shared.kernel.pages import Listing, Page
from shared.runtime import http
from shared.runtime.audit import cursors
from shared.runtime.viewer import authorize

FRESH = {"cache-control": "no-store"}
clock = SystemClock()


@http.describes(query=RunsQuery, answer=Page[Run])
def list_runs(request: http.Request) -> http.Reply:
    """Answer with one page of runs, the newest first."""
    query = request.query(RunsQuery)
    listing = Listing(request.path, query, cursors())
    found = _overview().runs(query.filters(), listing.position(), limit=query.per_page)
    page = listing.page(found, lambda run: run)
    links = page.link_header(listing.target())
    return http.reply(page.document(), headers={"link": links, **FRESH})


@http.describes(query=RunOnly, answer=RunDetails)
def get_run(request: http.Request) -> http.Reply:
    """Answer with one run, part by part."""
    return http.reply(_overview().run(request.query(RunOnly).id), headers=FRESH)


@http.describes(query=NothingAsked, answer=Quotas)
def list_quotas(request: http.Request) -> http.Reply:
    """Answer with what every provider's key has used and may use."""
    request.query(NothingAsked)
    return http.reply(Quotas(items=_overview().quotas(clock.now())), headers=FRESH)


def _overview() -> RunsOverview:
    return RunsOverview(connect.reads())


def secrets() -> None:
    """Make sure that cursors can be signed."""
    cursors()


handle = http.resource(
    __file__,
    list_runs,
    get_run,
    list_quotas,
    authorize=authorize,
    probes=[probes.database, secrets],
)
