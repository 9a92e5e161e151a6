"""Who did what: the events of the audit log, and the chain that shows whether one was touched.

    entry 1 ── hash ──▶ entry 2 ── hash ──▶ entry 3

A chain's entries are numbered from 1. Each hash is over the one before it, the entry's number and
everything the entry says, so no entry can be changed, taken out or moved without breaking the next.
The number and hash of a chain's last entry, kept elsewhere, hold for all before it (an anchor).
Entries that were archived may be removed; where they were, their numbers and hashes stay (`Gone`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from heapq import merge
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Annotated, Any, Self
from uuid import UUID

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from shared.kernel.text import clean

DETAILS_BYTES = 8192
USER_AGENT_LENGTH = 512
_WHOLE = range(-(1 << 63), 1 << 64)
"""Whole numbers that JSON readers of 64 bits keep apart from fractions."""

ACTIONS = frozenset(
    {
        "AUTH_LOGIN",
        "AUTH_LOGOUT",
        "AUTH_FAILED",
        "TOKEN_REFRESH",
        "TOKEN_REUSE_DETECTED",
        "CODE_REUSED",
        "ADMIN_ACTION",
        "IMPERSONATE",
        "CONTENT_CREATE",
        "CONTENT_UPDATE",
        "CONTENT_DELETE",
        "PREFERENCE_CHANGE",
        "DATA_EXPORT",
        "DATA_DELETE",
        "CONFIG_CHANGE",
    }
)
FAMILIES = ("MFA_", "PASSWORD_", "API_KEY_", "USER_")
"""Beginnings under which further actions may be named (spec/gateway §5.8)."""

_OF_FAMILY = re.compile(rf"(?:{'|'.join(FAMILIES)})[A-Z]+(?:_[A-Z]+)*")

Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Kind = Annotated[str, StringConstraints(max_length=64, pattern=r"^(?:[a-z]+(?:[_-][a-z]+)*)?$")]


class ActorType(StrEnum):
    """What acted."""

    USER = "user"
    ADMIN = "admin"
    SERVICE = "service"
    SYSTEM = "system"


class Outcome(StrEnum):
    """How it ended."""

    SUCCESS = "success"
    DENIED = "denied"
    ERROR = "error"


class AuditEvent(BaseModel):
    """One act.

    Attributes:
        id: Time-ordered (UUID version 7).
        actor_id: Who acted, never a name or an address.
        act_on_behalf_of: As whom, where an administrator acts as somebody else.
        action: One of `ACTIONS`, or a name that begins as `FAMILIES` do.
        details: What else there is to say; at most `DETAILS_BYTES` as JSON.
        ip: Kept apart from the entry, which says the network alone, so that it can be forgotten.
        user_agent: Cut at `USER_AGENT_LENGTH`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    occurred_at: AwareDatetime
    actor_id: Name = Field(min_length=1)
    actor_type: ActorType
    act_on_behalf_of: Name | None = None
    action: str
    resource_type: Kind = ""
    resource_id: Name = ""
    outcome: Outcome = Outcome.SUCCESS
    details: Mapping[str, Any] = Field(default_factory=dict)
    ip: IPv4Address | IPv6Address | None = None
    user_agent: str = ""
    request_id: Name = ""

    @field_validator("action")
    @classmethod
    def _is_known(cls, action: str) -> str:
        if action not in ACTIONS and not _OF_FAMILY.fullmatch(action):
            raise ValueError(f"{action!r} is no action that is audited")
        return action

    @field_validator("user_agent", mode="before")
    @classmethod
    def _fits(cls, given: str) -> str:
        # The caller wrote it: an odd one must not keep the act out of the log.
        return clean(given.encode("utf-8", "replace").decode())[:USER_AGENT_LENGTH]

    @field_validator("details")
    @classmethod
    def _is_small_json(cls, details: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            written = orjson.dumps(_plain(orjson.loads(orjson.dumps(dict(details)))))
        except TypeError as error:
            raise ValueError(f"details have no JSON form: {error}") from None
        if len(written) > DETAILS_BYTES:
            raise ValueError(f"details have {len(written)} bytes, at most {DETAILS_BYTES}")
        found: dict[str, Any] = orjson.loads(written)
        return found

    def entry(self) -> dict[str, Any]:
        """Return what the log says of the act; see `canonical`."""
        entry = self.model_dump(exclude={"ip"}, mode="json")
        entry["occurred_at"] = moment(self.occurred_at)
        return entry | {"network": network(self.ip)}


def moment(at: datetime) -> str:
    """Return a time as entries write it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def network(ip: IPv4Address | IPv6Address | None) -> str | None:
    """Return the network that an address is in: /24, or /48 of version 6."""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip is None:
        return None
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False))  # noqa: PLR2004


def _plain(value: Any) -> Any:  # noqa: ANN401 - raw JSON
    """Return JSON that a database gives back as it was: no NUL, whole numbers without fraction."""
    if isinstance(value, dict):
        return {_plain(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, str):
        return value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, float) and value.is_integer() and int(value) in _WHOLE:
        return int(value)
    return value


def canonical(entry: Mapping[str, Any]) -> bytes:
    """Return the one way an entry is written: JSON, names sorted, no blanks, UTF-8."""
    return orjson.dumps(dict(entry), option=orjson.OPT_SORT_KEYS)


def genesis(chain: str) -> bytes:
    """Return what stands for the hash before a chain's first entry."""
    return hashlib.sha256(chain.encode()).digest()


def link(previous: bytes, number: int, entry: bytes) -> bytes:
    """Return an entry's hash: SHA-256 over the hash before it, its number (8 bytes) and itself."""
    return hashlib.sha256(previous + number.to_bytes(8, "big") + entry).digest()


@dataclass(frozen=True)
class Anchor:
    """A chain's state at some time; number 0 is a chain without entries."""

    number: int
    hash: bytes


@dataclass(frozen=True)
class Link:
    """An entry in its chain, as it is kept."""

    number: int
    prev_hash: bytes
    hash: bytes
    entry: bytes


@dataclass(frozen=True)
class Finding:
    """A place where a chain is broken.

    Attributes:
        number: The first entry concerned.
        fault: ``changed``: it is not what was written; ``missing``: it is not there; ``unlinked``:
            it does not follow the one before it; ``unanchored``: an anchor says otherwise.
    """

    number: int
    fault: str


@dataclass(frozen=True)
class Gone:
    """Entries in a row that were archived and then removed.

    Attributes:
        first: Number of the first of them.
        last: Number of the last.
        prev_hash: The hash before the first.
        hash: The last one's own.
    """

    first: int
    last: int
    prev_hash: bytes
    hash: bytes


def start(chain: str) -> Anchor:
    """Return a chain's state before its first entry."""
    return Anchor(0, genesis(chain))


@dataclass
class Walk:
    """A chain's verification, link by link.

    Attributes:
        head: The chain's end, as it must be.
        anchors: States known from elsewhere, by number.
        first: Number of the first entry that was met, None where there was none.
    """

    head: Anchor
    anchors: Mapping[int, bytes]
    _last: Anchor
    first: int | None = None

    @classmethod
    def of(cls, begin: Anchor, head: Anchor, anchors: Iterable[Anchor] = ()) -> Self:
        """Return the verification of a chain from `begin` (see `start`) to its end, `head`."""
        return cls(head, {anchor.number: anchor.hash for anchor in anchors}, begin)

    def findings(self, links: Iterable[Link], gone: Iterable[Gone] = ()) -> Iterator[Finding]:
        """Yield every break.

        Args:
            links: What is there, by number.
            gone: What was removed in good order, by number.
        """
        both: tuple[Iterable[Link | Gone], ...] = (links, gone)
        for found in merge(*both, key=_first):
            if isinstance(found, Gone):
                yield from self._joint(found.first, found.prev_hash)
                self._last = Anchor(found.last, found.hash)
            else:
                yield from self._step(found)
            if self.anchors.get(self._last.number, self._last.hash) != self._last.hash:
                yield Finding(self._last.number, "unanchored")
        if self.head.number > self._last.number:
            yield Finding(self._last.number + 1, "missing")
        elif self._last.hash != self.head.hash:
            yield Finding(self._last.number, "unanchored")

    def _step(self, found: Link) -> Iterator[Finding]:
        if link(found.prev_hash, found.number, found.entry) != found.hash:
            yield Finding(found.number, "changed")
        yield from self._joint(found.number, found.prev_hash)
        self.first = found.number if self.first is None else self.first
        self._last = Anchor(found.number, found.hash)

    def _joint(self, number: int, prev_hash: bytes) -> Iterator[Finding]:
        if number > self._last.number + 1:
            yield Finding(self._last.number + 1, "missing")
        elif number != self._last.number + 1 or prev_hash != self._last.hash:
            yield Finding(number, "unlinked")


def _first(found: Link | Gone) -> int:
    return found.first if isinstance(found, Gone) else found.number
