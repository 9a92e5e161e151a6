"""POST /api/v1/admin/content/{id}/merge and /split: what is one title, decided by a person."""

from functools import cache

from shared.adapters import connect, probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql import audit
from shared.adapters.sql.life import merge, split
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.catalog.life_answers import Merge, MergeAnswer, Split, SplitAnswer, TitleOnly
from shared.kernel.audit import AuditEvent
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import http
from shared.runtime.audit import audit_event
from shared.runtime.viewer import authorize

ids = TimeOrderedIds(SystemClock())
publisher = cache(PubSubPublisher)


@http.describes(query=TitleOnly, body=Merge, answer=MergeAnswer, refusals=(410,))
def merge_title(request: http.Request) -> http.Reply:
    """Make the title one with another; the older of the two is kept, the other leads to it."""
    title, other = request.query(TitleOnly).id, request.json(Merge).into
    said = _event(request, str(title), {"merge_into": str(other)})
    with translated("titles"), connect.engine().begin() as connection:
        done = merge.merge_titles(connection, title, other, act=_act(said))
        audit.write(connection, said)
    publish_now(connect.engine(), publisher(), done.outbox)
    return http.reply({"content_id": str(done.kept), "merged_id": str(done.merged)})


@http.describes(query=TitleOnly, body=Split, answer=SplitAnswer, refusals=(410,))
def split_title(request: http.Request) -> http.Reply:
    """Give some of the title's listings to a title of their own."""
    title, wanted = request.query(TitleOnly).id, request.json(Split).platform_ids
    said = _event(request, str(title), {"split": wanted})
    with translated("titles"), connect.engine().begin() as connection:
        done = split.split_title(connection, title, wanted, act=_act(said), ids=ids)
        audit.write(connection, said)
    publish_now(connect.engine(), publisher(), done.outbox)
    found = {"content_id": str(done.kept), "split_id": str(done.parted), "is_new": done.is_new}
    return http.reply({**found, "platform_ids": [":".join(one) for one in done.listings]})


def _event(request: http.Request, title: str, details: dict[str, object]) -> AuditEvent:
    who, kind = request.principal, "content"
    return audit_event(
        request, who, "CONTENT_UPDATE", resource_type=kind, resource_id=title, details=details
    )


def _act(said: AuditEvent) -> merge.Act:
    return merge.Act(said.id, said.actor_id, said.occurred_at)


handle = http.resource(
    __file__,
    merge_title,
    split_title,
    authorize=authorize,
    probes=[probes.database, probes.pubsub],
)
