"""/api/v1/admin/rate-limits: the limits of tiers and classes, and what differs from the shipped."""

from functools import cache

from shared.adapters import probes
from shared.adapters.redis.limit_changes import tell
from shared.adapters.sql.limits.changes import SqlLimitChanges
from shared.gateway import limits_admin as limits
from shared.kernel.audit import AuditEvent
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.audit import audit_event, noting_refusals
from shared.runtime.viewer import authorize

clock = SystemClock()
changes = cache(lambda: SqlLimitChanges(tell))
PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=limits.RateLimits)
def list_rate_limits(_request: http.Request) -> http.Reply:
    """Answer with every tier and class, and what was changed of it."""
    items = limits.listed(changes().every())
    return http.reply(limits.RateLimits(items=items), headers=PRIVATE)


@http.describes(query=limits.WhichLimit, answer=limits.RateLimit)
def get_rate_limit(request: http.Request) -> http.Reply:
    """Answer with a tier or class."""
    return _shown(request.query(limits.WhichLimit).name)


@http.describes(query=limits.WhichLimit, body=limits.LimitChange, answer=limits.RateLimit)
def change_rate_limit(request: http.Request) -> http.Reply:
    """Let a tier or class differ from what was shipped, in what is said and nothing else."""
    name = request.query(limits.WhichLimit).name
    said = limits.checked(name, request.json(limits.LimitChange))
    changes().put(name, said, clock.now(), _act(request, name, said))
    return _shown(name)


@http.describes(query=limits.WhichLimit, status=204, media_type="")
def reset_rate_limit(request: http.Request) -> http.Reply:
    """Let a tier or class be as it was shipped."""
    name = request.query(limits.WhichLimit).name
    limits.kind_of(name)
    changes().remove(name, _act(request, name, {}))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


def _shown(name: str) -> http.Reply:
    limits.kind_of(name)
    (found,) = [one for one in limits.listed(changes().every()) if one.name == name]
    return http.reply(found, headers=PRIVATE)


def _act(request: http.Request, name: str, said: dict[str, int]) -> AuditEvent:
    return audit_event(
        request, request.principal, "CONFIG_CHANGE",
        resource_type=limits.RESOURCE, resource_id=name, details={"changed": said},
    )  # fmt: skip


handle = http.resource(
    __file__, list_rate_limits, get_rate_limit, change_rate_limit, reset_rate_limit,
    authorize=noting_refusals(authorize, limits.RESOURCE), probes=[probes.database, probes.redis],
)  # fmt: skip
