"""GET /api/v1/admin/audit: who did what. Reading is an act too, and is written with the answer."""

from shared.adapters import connect, probes
from shared.adapters.sql import audit
from shared.adapters.sql.statement import translated
from shared.kernel.pages import Listing, Page
from shared.runtime import http
from shared.runtime.audit import AuditEntry, AuditQuery, audit_event, cursors
from shared.runtime.viewer import authorize


@http.describes(query=AuditQuery, answer=Page[AuditEntry])
def list_audit(request: http.Request) -> http.Reply:
    """Answer an administrator with one page of entries."""
    query = request.query(AuditQuery)
    listing = Listing(request.path, query, cursors())
    asked = listing.position()
    with translated("audit_log"), connect.engine().begin() as connection:
        found = audit.find(connection, query.criteria(), asked, limit=query.per_page)
        details = {"filters": query.filters(), "rows": len(found.window.rows)}
        act = audit_event(
            request, request.principal, "ADMIN_ACTION", resource_type="audit-log", details=details
        )
        audit.write(connection, act)
    page = listing.page(found.window, AuditEntry.model_validate, total=found.total)
    links = page.link_header(listing.target())
    return http.reply(page.document(), headers={"link": links, "cache-control": "no-store"})


def secrets() -> None:
    """Make sure that cursors can be signed."""
    cursors()


handle = http.resource(__file__, list_audit, authorize=authorize, probes=[probes.database, secrets])
