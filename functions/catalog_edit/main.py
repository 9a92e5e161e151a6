"""/api/v1/admin/catalog/content/{id}: what a person reads and writes of a title, and its end."""

from functools import cache
from typing import Any

from shared.adapters import connect, probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql import audit
from shared.adapters.sql.life import edit
from shared.adapters.sql.life.merge import Act
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.catalog.life_answers import TitleOnly
from shared.catalog.life_edit import EditedTitle, TitleDeletion, TitleEdit
from shared.kernel.audit import AuditEvent
from shared.runtime import http
from shared.runtime.audit import audit_event
from shared.runtime.viewer import authorize

publisher = cache(PubSubPublisher)


@http.describes(query=TitleOnly, answer=EditedTitle, refusals=(409, 410))
def get_catalog_title(request: http.Request) -> http.Reply:
    """Answer with a title, and who wrote each of its fields."""
    asked = request.query(TitleOnly)
    with translated("titles"), connect.reads().connect() as connection:
        found = edit.read_title(connection, asked.id)
    return http.reply(found, headers={"cache-control": "no-store"})


@http.describes(query=TitleOnly, body=TitleEdit, answer=EditedTitle, refusals=(410,))
def edit_catalog_title(request: http.Request) -> http.Reply:
    """Write fields over what sources say."""
    asked, changes = request.query(TitleOnly), request.json(TitleEdit).changes()
    said = _said(request, "CONTENT_UPDATE", str(asked.id), {"fields": sorted(changes)})
    with translated("titles"), connect.engine().begin() as connection:
        rows = edit.edit_title(connection, asked.id, changes, act=_act(said))
        audit.write(connection, said)
        found = edit.read_title(connection, asked.id)
    publish_now(connect.engine(), publisher(), rows)
    return http.reply(found, headers={"cache-control": "no-store"})


@http.describes(query=TitleDeletion, status=204, media_type="", refusals=(410,))
def delete_catalog_title(request: http.Request) -> http.Reply:
    """Delete a title, and keep its listings from bringing it back."""
    asked = request.query(TitleDeletion)
    said = _said(request, "CONTENT_DELETE", str(asked.id), {"reason": asked.reason})
    with translated("titles"), connect.engine().begin() as connection:
        rows = edit.delete_title(connection, asked.id, asked.reason, act=_act(said))
        audit.write(connection, said)
    publish_now(connect.engine(), publisher(), rows)
    return http.Reply(status=204, media_type="")


def _said(request: http.Request, action: str, title: str, details: dict[str, Any]) -> AuditEvent:
    who = request.principal
    return audit_event(
        request, who, action, resource_type="content", resource_id=title, details=details
    )


def _act(said: AuditEvent) -> Act:
    return Act(said.id, said.actor_id, said.occurred_at)


handle = http.resource(
    __file__, get_catalog_title, edit_catalog_title, delete_catalog_title,
    authorize=authorize, probes=[probes.database, probes.pubsub],
)  # fmt: skip
