"""GET /api/v1/admin/audit: who did what. Reading is an act too.

What was asked is written with the first page, in one transaction; that somebody read on, or was
refused, is noted behind the answer.
"""

from shared.adapters import connect, probes
from shared.adapters.sql import audit
from shared.adapters.sql.statement import translated
from shared.kernel.audit import AuditEvent
from shared.kernel.pages import Listing, Page
from shared.runtime import http
from shared.runtime.audit import (
    RESOURCE,
    AuditEntry,
    AuditQuery,
    audit_event,
    cursors,
    note,
    noting_refusals,
)
from shared.runtime.viewer import authorize


@http.describes(query=AuditQuery, answer=Page[AuditEntry])
def list_audit(request: http.Request) -> http.Reply:
    """Answer an administrator with one page of entries."""
    query = request.query(AuditQuery)
    listing = Listing(request.path, query, cursors())
    asked = listing.position()
    with translated("audit_log"), connect.engine().begin() as connection:
        found = audit.find(connection, query.criteria(), asked, limit=query.per_page)
        act = _act(request, query, len(found.window.rows))
        if asked is None:
            audit.write(connection, act)
    if asked is not None:
        note(act)
    page = listing.page(found.window, AuditEntry.model_validate, total=found.total)
    links = page.link_header(listing.target())
    return http.reply(page.document(), headers={"link": links, "cache-control": "no-store"})


def _act(request: http.Request, query: AuditQuery, rows: int) -> AuditEvent:
    details = {"filters": query.filters(), "rows": rows, "first_page": query.cursor is None}
    return audit_event(
        request, request.principal, "ADMIN_ACTION", resource_type=RESOURCE, details=details
    )


def secrets() -> None:
    """Make sure that cursors can be signed."""
    cursors()


handle = http.resource(
    __file__,
    list_audit,
    authorize=noting_refusals(authorize, RESOURCE),
    probes=[probes.database, secrets],
)
