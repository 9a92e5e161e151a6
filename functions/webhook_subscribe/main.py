"""/api/v1/webhook-subscriptions: where the caller wants to be told of what."""

import asyncio
from typing import Any
from uuid import UUID

from shared.adapters import connect, probes
from shared.adapters.egress import Egress
from shared.adapters.sealing import sealer
from shared.adapters.sql import audit
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks import outbound
from shared.catalog.webhooks.answers import WebhookSubscription, WebhookSubscriptions
from shared.catalog.webhooks.subscribing import Subscribe, Which
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import http
from shared.runtime.audit import audit_event
from shared.runtime.viewer import authorize

clock = SystemClock()
egress = Egress()


@http.describes(body=Subscribe, answer=WebhookSubscription, status=201)
def create_webhook_subscription(request: http.Request) -> http.Reply:
    """Subscribe an address of the caller's to events."""
    wish = request.json(Subscribe)
    asyncio.run(egress.place(wish.url))
    made = TimeOrderedIds(clock).new()
    sealed = sealer().seal(wish.secret, place=str(made))
    kept = {"id": made, "now": clock.now(), "sealed_secret": sealed}
    with translated(outbound.RESOURCE), connect.engine().begin() as connection:
        found = outbound.add(connection, wish, request.principal.sub, kept=kept)
        _write(connection, request, made, {"url": wish.url, "event_types": wish.event_types})
    return http.reply(found, status=201)


@http.describes(answer=WebhookSubscriptions)
def list_webhook_subscriptions(request: http.Request) -> http.Reply:
    """Answer with the caller's subscriptions, oldest first."""
    return http.reply({"items": outbound.owned(connect.reads(), request.principal.sub)})


@http.describes(query=Which, status=204, media_type="")
def delete_webhook_subscription(request: http.Request) -> http.Reply:
    """End a subscription; what waits for it is not sent any more."""
    asked = request.query(Which)
    with translated(outbound.RESOURCE), connect.engine().begin() as connection:
        outbound.remove(connection, asked.id, request.principal.sub)
        _write(connection, request, asked.id, {"deleted": True})
    return http.Reply(status=204, media_type="")


def _write(connection: Any, request: http.Request, which: UUID, details: dict[str, Any]) -> None:  # noqa: ANN401 - a connection
    said: dict[str, Any] = {"resource_id": str(which), "details": details}
    kind = outbound.RESOURCE
    act = audit_event(request, request.principal, "CONFIG_CHANGE", resource_type=kind, **said)
    audit.write(connection, act)


def secrets() -> None:
    """Make sure that secrets can be sealed."""
    sealer()


handle = http.resource(
    __file__,
    create_webhook_subscription,
    list_webhook_subscriptions,
    delete_webhook_subscription,
    authorize=authorize,
    probes=[probes.database, secrets],
)
