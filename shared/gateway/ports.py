"""What the door needs of the world; every call may be made by many requests at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence


MICROSECONDS = 1_000_000


class Repeated(NamedTuple):
    """The head of an answer that went out before, and goes out again.

    Attributes:
        lines: Fields that are the same again, as they are sent.
        changed: Those that are not.
    """

    lines: bytes
    changed: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What is answered to a caller.

    Attributes:
        headers: Names in lower case.
        stream: Comes piece by piece in place of `body`; to be read to its end, or closed.
        repeated: The same headers, and the length of the body, where most are encoded already.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    stream: AsyncGenerator[bytes] | None = field(default=None, compare=False)
    repeated: Repeated | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Quota:
    """One limit that a request counts against.

    Attributes:
        name: Its policy's name in ``RateLimit-Policy``.
        key: Whose it is, ``{class}:{tier}:{principal}``.
        limit: Requests in a window.
        window_seconds: Length of the window.
        burst: Most that may come at once.
    """

    name: str
    key: str
    limit: int
    window_seconds: float
    burst: int

    @cached_property
    def most(self) -> str:
        """What ``X-RateLimit-Limit`` says: most requests of a window, or at once."""
        return str(max(self.limit, self.burst))

    @cached_property
    def interval(self) -> int:
        """Microseconds between two requests that come evenly, at least 1."""
        return max(1, ceil(self.window_seconds * MICROSECONDS / self.limit))


class Admission(NamedTuple):
    """Whether a request may come in, by the quota that says least.

    Attributes:
        admitted: All quotas had room; only then did it count.
        quota: The tightest.
        remaining: Requests it has left, at least 0.
        reset_seconds: Until it is whole again.
        retry_after_seconds: Until a request would be admitted; 0 where this one was.
    """

    admitted: bool
    quota: Quota
    remaining: int
    reset_seconds: float
    retry_after_seconds: float


class Limiter(Protocol):
    """Counts requests, for every instance together."""

    async def admit(self, quotas: Sequence[Quota]) -> Admission:
        """Count one request against all of `quotas` (at least one), or against none."""


@dataclass(frozen=True)
class Entry:
    """A stored answer.

    Attributes:
        stored_at: Unix second at which it was stored.
        fresh_seconds: How long it is fresh from then on.
        tags: Ids by which events purge it.
    """

    answer: Answer
    stored_at: float
    fresh_seconds: float
    tags: tuple[str, ...] = ()


class CacheStore(Protocol):
    """Keeps answers for every instance together."""

    async def get(self, key: str) -> Entry | None:
        """Return what is kept under `key`."""

    async def put(self, key: str, entry: Entry, *, keep_seconds: float) -> None:
        """Keep an entry; its tags lead to it as long."""

    async def lease(self, key: str, *, seconds: float) -> tuple[bool, Entry | None]:
        """Return whether this caller is the one who asks about `key` now, and what is kept then."""

    async def release(self, key: str) -> None:
        """Give a lease back."""

    async def purge(self, tags: Sequence[str]) -> int:
        """Forget every entry with one of `tags`; return how many there were."""


class Outcome(StrEnum):
    """How a call of a service went, as a breaker counts."""

    SUCCESS = "success"
    FAILURE = "failure"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Permit:
    """Leave to call a service.

    Attributes:
        allowed: False while its breaker is open.
        generation: State in which leave was given; a later state ignores what comes of it.
        probe: This call alone decides whether the breaker closes.
        retry_after_seconds: When to come again, where not allowed.
    """

    allowed: bool
    generation: int = 0
    probe: bool = False
    retry_after_seconds: float = 0.0


class Breakers(Protocol):
    """One circuit breaker for each area, shared by every instance."""

    async def permit(self, area: str) -> Permit:
        """Return whether a service of `area` may be called now."""

    async def record(self, area: str, permit: Permit, outcome: Outcome) -> None:
        """Count how the call went."""

    async def hold(self, area: str, *, seconds: float) -> None:
        """Keep the breaker open for so long: the service asked for it (429 with Retry-After)."""


class Stage(StrEnum):
    """How far a request with an idempotency key is."""

    NEW = "new"
    RUNNING = "running"
    DONE = "done"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Claim:
    """What is known of an idempotency key.

    Attributes:
        stage: ``new``: it is the caller's to run; ``different``: it was used for another request.
        answer: What was answered, where it is done.
    """

    stage: Stage
    answer: Answer | None = field(default=None)


class IdempotencyStore(Protocol):
    """Remembers what was answered to a key for 24 hours."""

    async def claim(self, key: str, fingerprint: str) -> Claim:
        """Claim `key` for one request, known by its fingerprint."""

    async def finish(self, key: str, fingerprint: str, answer: Answer) -> None:
        """Remember what was answered."""

    async def abandon(self, key: str) -> None:
        """Give the key back: nothing was done."""
