"""The audit log at the edge: what a request makes of an act, and how administrators ask for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.kernel.audit import ActorType, AuditEvent, Kind, Name, Outcome
from shared.kernel.clock import SystemClock
from shared.kernel.errors import DeniedError, UnauthenticatedError, UnavailableError
from shared.kernel.ids import TimeOrderedIds
from shared.kernel.pages import CursorQuery, Cursors
from shared.kernel.principal import ANONYMOUS, Principal, Role
from shared.kernel.principal import Kind as Caller
from shared.runtime.audit_queue import queue
from shared.runtime.logging import request_id
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from shared.kernel.audit_archive import Archive
    from shared.runtime.http import Authorize, Request

LONGEST = timedelta(days=30)
"""Most that one query covers (spec/gateway §5.8)."""
ANYBODY = "anonymous"
RESOURCE = "audit-log"
"""Type of the log itself, where it is what an act is about."""

_clock = SystemClock()
_ids = TimeOrderedIds(_clock)


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC: databases take no zone that is 16 hours away, or more."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is outside the years 1 to 9999") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class AuditQuery(CursorQuery):
    """Which entries, newest first.

    Attributes:
        start: First moment, with its zone.
        end: Last moment, at most 30 days after `start`.
        action: Exactly this one, or every one that begins so, where it ends with ``%``.
    """

    start: Moment
    end: Moment
    action: str | None = Field(default=None, max_length=64, pattern=r"^[A-Z][A-Z_]*%?$")
    actor_id: Name | None = None
    resource_type: Kind | None = None
    resource_id: Name | None = None
    outcome: Outcome | None = None
    per_page: int = Field(default=50, ge=1, le=200)

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if not timedelta(0) <= self.end - self.start <= LONGEST:
            raise ValueError(f"end is before start, or more than {LONGEST.days} days after it")
        return self

    def criteria(self) -> dict[str, Any]:
        """Return the filters as `shared.adapters.sql.audit.find` takes them."""
        found = self.filters()
        if self.action and self.action.endswith("%"):
            found |= {"action": None, "action_prefix": self.action.removesuffix("%")}
        return found


class AuditEntry(BaseModel):
    """One entry of the audit log.

    Attributes:
        ip: The address, or its network once the address was forgotten.
        number: Its place in the chain.
        hash: Over the entry and the one before it in the chain, hexadecimal.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "019b76da-a800-7b31-8000-2f3c5a1d9e40",
                    "occurred_at": "2026-01-01T00:00:00Z",
                    "actor_id": "7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11",
                    "actor_type": "admin",
                    "act_on_behalf_of": None,
                    "action": "ADMIN_ACTION",
                    "resource_type": "audit-log",
                    "resource_id": "",
                    "outcome": "success",
                    "details": {"filters": {"action": "MFA_%"}, "rows": 20},
                    "ip": "203.0.113.7",
                    "user_agent": "curl/8.9.1",
                    "request_id": "0f6b2a52-8f0e-4d0a-9a3e-0c5b7d1c9e11",
                    "chain": "main",
                    "number": 1204,
                    "hash": "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab",
                }
            ]
        },
    )

    id: UUID
    occurred_at: datetime
    actor_id: str
    actor_type: ActorType
    act_on_behalf_of: str | None
    action: str
    resource_type: str
    resource_id: str
    outcome: Outcome
    details: dict[str, Any]
    ip: str | None
    user_agent: str
    request_id: str
    chain: str
    number: int
    hash: str


def audit_event(
    request: Request,
    who: Principal,
    action: str,
    *,
    ip: IPv4Address | IPv6Address | None = None,
    **said: Any,  # noqa: ANN401 - further fields of the event
) -> AuditEvent:
    """Return the act that a request is, for `shared.adapters.sql.audit.write` or `note`.

    Args:
        request: Gives its id and the user agent.
        who: Verified.
        action: One of `shared.kernel.audit.ACTIONS`, or of a family.
        ip: The caller's address, where something trustworthy told it.
        said: Further fields of `AuditEvent`.
    """
    found = {"request_id": request.request_id, "ip": ip, **said}
    return _event(request.headers, who, action, **found)


def _event(headers: Mapping[str, str], who: Principal, action: str, **said: Any) -> AuditEvent:  # noqa: ANN401 - as above
    acting = who.actor or who.sub or (settings().service if who.kind is Caller.SERVICE else ANYBODY)
    return AuditEvent(
        id=_ids.new(),
        occurred_at=_clock.now(),
        actor_id=acting,
        actor_type=actor_type(who),
        act_on_behalf_of=who.sub if who.actor else None,
        action=action,
        user_agent=headers.get("user-agent", ""),
        **said,
    )


def note(event: AuditEvent) -> None:
    """Have an act written that is worth noting and changes nothing; never waits, never fails."""
    queue().add(event)


def noting_refusals(authorize: Authorize, resource_type: str) -> Authorize:
    """Return `authorize`, which also notes who was refused.

    Args:
        authorize: Says who calls.
        resource_type: What they asked for.
    """

    async def judged(auth: str, scopes: Sequence[str], headers: Mapping[str, str]) -> Principal:
        try:
            return await authorize(auth, scopes, headers)
        except (UnauthenticatedError, DeniedError) as error:
            who = ANONYMOUS
            if isinstance(error, DeniedError):  # the token is good, so this tells whose it is
                who = await authorize("optional", (), headers)
            found = {"resource_type": resource_type, "request_id": request_id.get()}
            refusal = {"outcome": Outcome.DENIED, "details": {"code": error.code}}
            note(_event(headers, who, "ADMIN_ACTION", **found, **refusal))
            raise

    return judged


def actor_type(who: Principal) -> ActorType:
    """Return what sort of actor a caller is.

    Who acts as somebody else does so as administrator, unless it is the application itself.
    """
    if who.kind is Caller.SERVICE or (who.actor and who.actor == who.client_id):
        return ActorType.SERVICE
    return ActorType.ADMIN if who.actor or Role.ADMIN in who.roles else ActorType.USER


def system_event(actor: str, action: str, **said: Any) -> AuditEvent:  # noqa: ANN401 - further fields of the event
    """Return an act that nobody asked for, a schedule's: upon the log, if nothing else is said.

    Args:
        actor: The deployable that acts.
        action: As of `audit_event`.
        said: Further fields of `AuditEvent`.
    """
    return AuditEvent(
        id=_ids.new(),
        occurred_at=_clock.now(),
        actor_id=actor,
        actor_type=ActorType.SYSTEM,
        action=action,
        **{"resource_type": RESOURCE, **said},
    )


@cache
def archive() -> Archive:
    """Return where closed days of the log are kept."""
    from shared.adapters.audit_archive import archive_at  # noqa: PLC0415 - only where it is used

    return archive_at(settings().audit_archive)


@cache
def cursors() -> Cursors:
    """Return what signs cursors, with the keys that the settings name.

    Raises:
        UnavailableError: No key is named, one cannot be read, or one is too short.
    """
    from shared.adapters.secrets import secret  # noqa: PLC0415 - only where lists are walked

    try:
        return Cursors([secret(name).encode() for name in settings().cursor_keys], _clock)
    except ValueError as error:
        raise UnavailableError(f"MEDIA_GATEWAY_CURSOR_KEYS: {error}") from None
