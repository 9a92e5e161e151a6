"""POST /api/v1/admin/catalog/content and …/{id}/availability: what a person adds to the catalog."""

from functools import cache
from typing import Any
from uuid import UUID

from shared.adapters import connect, probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql import audit
from shared.adapters.sql.life import create
from shared.adapters.sql.life.edit import read_title
from shared.adapters.sql.life.merge import Act
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.catalog.life_answers import TitleOnly
from shared.catalog.life_create import OfferGiven, OfferKept, TitleCreation
from shared.catalog.life_edit import EditedTitle
from shared.kernel.audit import AuditEvent
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import http
from shared.runtime.audit import audit_event
from shared.runtime.viewer import authorize

ids = TimeOrderedIds(SystemClock())
publisher = cache(PubSubPublisher)


@http.describes(body=TitleCreation, answer=EditedTitle, status=201)
def create_title(request: http.Request) -> http.Reply:
    """Add a title that no source tells of."""
    asked, content_id = request.json(TitleCreation), ids.new()
    told = {"platform": asked.platform, "platform_content_id": asked.platform_content_id}
    said = _said(request, "CONTENT_CREATE", content_id, told)
    item = asked.item(said.id, said.occurred_at)
    with translated("titles"), connect.engine().begin() as connection:
        rows = create.create_title(connection, item, content_id, act=_act(said))
        audit.write(connection, said)
        found = read_title(connection, content_id)
    publish_now(connect.engine(), publisher(), rows)
    return http.reply(found, status=201, headers={"location": f"{request.path}/{content_id}"})


@http.describes(query=TitleOnly, body=OfferGiven, answer=OfferKept, refusals=(410,))
def put_offer(request: http.Request) -> http.Reply:
    """Write an offer of a title over what is known of it."""
    title, asked = request.query(TitleOnly).id, request.json(OfferGiven)
    said = _said(request, "CONTENT_UPDATE", title, {"offer": asked.model_dump(mode="json")})
    with translated("titles"), connect.engine().begin() as connection:
        done = create.put_offer(connection, title, asked, act=_act(said))
        audit.write(connection, said)
    publish_now(connect.engine(), publisher(), done.outbox)
    return http.reply(done.kept, headers={"cache-control": "no-store"})


def _said(request: http.Request, action: str, title: UUID, details: dict[str, Any]) -> AuditEvent:
    who = request.principal
    return audit_event(
        request, who, action, resource_type="content", resource_id=str(title), details=details
    )


def _act(said: AuditEvent) -> Act:
    return Act(said.id, said.actor_id, said.occurred_at)


handle = http.resource(
    __file__,
    create_title,
    put_offer,
    authorize=authorize,
    probes=[probes.database, probes.pubsub],
)
