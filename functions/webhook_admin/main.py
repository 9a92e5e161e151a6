"""/api/v1/admin/webhooks: registrations, figures, dead letters; each act is audited."""

from functools import cache
from typing import Any

from shared.adapters import connect, probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql import audit
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks import admin
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.catalog.platforms import platforms
from shared.catalog.webhooks.answers import WebhookReplayed, WebhookSource, WebhookStats
from shared.catalog.webhooks.registration import Registration, ReplayRequest, StatsQuery, Whose
from shared.kernel.clock import SystemClock
from shared.kernel.errors import NotFoundError
from shared.runtime import http
from shared.runtime.audit import audit_event
from shared.runtime.viewer import authorize

clock = SystemClock()
publisher = cache(PubSubPublisher)


@http.describes(body=Registration, answer=WebhookSource, status=201)
def register_webhook_source(request: http.Request) -> http.Reply:
    """Register a platform that pushes, in place of what was registered of it."""
    given = request.json(Registration)
    with translated("webhook_source"), connect.engine().begin() as connection:
        admin.register(connection, given, clock.now())
        _write(connection, request, given.platform, given.model_dump(mode="json"))
    return http.reply(given, status=201)


@http.describes(query=StatsQuery, answer=WebhookStats)
def get_webhook_stats(request: http.Request) -> http.Reply:
    """Answer with what became of notices in the last 24 hours."""
    asked = request.query(StatsQuery)
    found = admin.stats(connect.reads(), asked.platform, clock.now())
    return http.reply(found, headers={"cache-control": "private, max-age=30"})


@http.describes(query=Whose, body=ReplayRequest, answer=WebhookReplayed, status=202)
def replay_webhooks(request: http.Request) -> http.Reply:
    """Process a platform's dead letters once more, oldest first."""
    platform = request.query(Whose).platform
    if platform not in platforms():
        raise NotFoundError(f"there is no platform {platform!r}")
    asked = request.json(ReplayRequest) if request.body else ReplayRequest()
    with translated("webhook_event"), connect.engine().begin() as connection:
        rows = admin.replay(connection, platform, asked.limit, clock.now())
        _write(connection, request, platform, {"replayed": len(rows), "limit": asked.limit})
    publish_now(connect.engine(), publisher(), rows)
    return http.reply({"platform": platform, "replayed": len(rows)}, status=202)


def _write(connection: Any, request: http.Request, platform: str, details: dict[str, Any]) -> None:  # noqa: ANN401 - a connection
    about: dict[str, Any] = {"resource_id": platform, "details": details}
    kind = "webhook-source"
    act = audit_event(request, request.principal, "CONFIG_CHANGE", resource_type=kind, **about)
    audit.write(connection, act)


handle = http.resource(
    __file__,
    register_webhook_source,
    get_webhook_stats,
    replay_webhooks,
    authorize=authorize,
    probes=[probes.database, probes.pubsub],
)
