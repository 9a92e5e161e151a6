"""A request on its way through the door, and what its steps are done with."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.gateway.access import Authorize
    from shared.gateway.api_keys import ApiKeys
    from shared.gateway.caching import ResponseCache
    from shared.gateway.cors import Cors
    from shared.gateway.fallback import Fallbacks
    from shared.gateway.idempotency import IdempotentDoor
    from shared.gateway.limits import Limits
    from shared.gateway.live_limits import LiveLimits
    from shared.gateway.ports import Answer, Limiter
    from shared.gateway.recall import Way
    from shared.gateway.routes import Route
    from shared.gateway.upstream import Upstream
    from shared.kernel.errors import AppError


class Incoming(NamedTuple):
    """A request as it came.

    Attributes:
        target: Path and query as they stand in the request line.
        headers: Names in lower case, repeated ones joined by commas.
        peer: Address at the other end of the connection.
        request_id: Already validated.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    peer: str
    request_id: str


class Watch(Protocol):
    """Hears what becomes of requests."""

    def routed(self, route: Route) -> None:
        """The request at hand has this route."""

    def limited(self, tier: str, rate_class: str) -> None:
        """A request was over a limit."""

    def cached(self, label: str) -> None:
        """The cache answered ``HIT``, ``MISS``, ``STALE`` or ``BYPASS``."""


@dataclass(frozen=True)
class Steps:
    """What the steps are done with.

    Attributes:
        trusted_hops: Entries that our own proxies append to ``X-Forwarded-For``.
        problem: Turns an error into what the caller is told of it.
        fallbacks: What stands in for services that are lost, where anything does.
        keys: Trades API keys for tokens; without it they are taken for bad tokens.
        page: Turns a problem into a page that says the same; blocking.
        random: Spreads over what time callers come again.
    """

    authorize: Authorize
    cors: Cors
    limits: Limits | LiveLimits
    limiter: Limiter
    idempotent: IdempotentDoor
    cache: ResponseCache
    upstream: Upstream
    watch: Watch
    problem: Callable[[AppError, str], Answer]
    trusted_hops: int = 0
    fallbacks: Fallbacks | None = None
    keys: ApiKeys | None = None
    page: Callable[[Answer], Answer] | None = None
    random: Random = field(default_factory=SystemRandom)


@dataclass
class Passage:
    """One request on its way.

    Attributes:
        told: Headers that its answer will carry besides its own.
        hit: How it came to an answer that was kept, and that answer; where it did.
        page: Its route is for browsers.
        by_token: With another token, or none, its answer may be another.
        key: The API key in whose place a token stands, or empty.
    """

    incoming: Incoming
    told: dict[str, str] = field(default_factory=dict)
    hit: tuple[Way, Answer] | None = None
    page: bool = False
    by_token: bool = False
    key: str = ""
