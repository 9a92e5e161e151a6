"""/api/v1/admin/dead-letters: what could not be taken in, and once more; each replay is audited."""

from shared.adapters import connect, probes
from shared.adapters.sql import audit
from shared.adapters.sql.dead_letters.store import DeadLetters
from shared.adapters.sql.statement import translated
from shared.kernel.clock import SystemClock
from shared.kernel.pages import Listing, Page
from shared.runtime import http
from shared.runtime.audit import audit_event, cursors, noting_refusals
from shared.runtime.dead_letters import (
    RESOURCE,
    TURN_SECONDS,
    DeadLetterAnswer,
    DeadLettersQuery,
    DeadLettersReplayed,
    ReplayDeadLetters,
)
from shared.runtime.viewer import authorize

clock = SystemClock()


@http.describes(query=DeadLettersQuery, answer=Page[DeadLetterAnswer])
def list_dead_letters(request: http.Request) -> http.Reply:
    """Answer with one page of what could not be taken in, the newest first."""
    query = request.query(DeadLettersQuery)
    listing = Listing(request.path, query, cursors())
    letters = DeadLetters(connect.reads(), clock)
    found = letters.page(query.filters(), listing.position(), limit=query.per_page)
    page = listing.page(found, DeadLetterAnswer.model_validate)
    links = page.link_header(listing.target())
    return http.reply(page.document(), headers={"link": links, "cache-control": "no-store"})


@http.describes(body=ReplayDeadLetters, answer=DeadLettersReplayed, status=202)
def replay_dead_letters(request: http.Request) -> http.Reply:
    """Let dead letters be delivered again at the next turn, the oldest first."""
    asked = request.json(ReplayDeadLetters) if request.body else ReplayDeadLetters()
    letters = DeadLetters(connect.engine(), clock)
    with translated("rejected_event"), connect.engine().begin() as connection:
        replayed = letters.replay(connection, asked.chosen())
        details = {**asked.chosen(), "replayed": replayed}
        act = audit_event(
            request, request.principal, "ADMIN_ACTION", resource_type=RESOURCE, details=details
        )
        audit.write(connection, act)
    said = DeadLettersReplayed(replayed=replayed, within_seconds=TURN_SECONDS)
    return http.reply(said, status=202)


def secrets() -> None:
    """Make sure that cursors can be signed."""
    cursors()


handle = http.resource(
    __file__,
    list_dead_letters,
    replay_dead_letters,
    authorize=noting_refusals(authorize, RESOURCE),
    probes=[probes.database, secrets],
)
