"""Which requests a kept answer may serve, which answers may be kept, and for how long.

Decisions of a shared cache (RFC 9111 §3 and §4), as functions of the route, the request and the
answer. What is kept for one viewer alone is a private cache of that viewer's.

A client's ``no-cache``, ``no-store`` and ``max-age=0`` change nothing: request directives are
advice (RFC 9111 §5.2.1), and one who followed it would let anybody load the services at will.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.gateway.cache_control import (
    directives,
    initial_age,
    lifetime,
    stale_windows,
)
from shared.gateway.conditional import etag_of
from shared.gateway.ports import Answer, Entry
from shared.gateway.vary import TAGS_HEADER, tags_of, vary_names
from shared.kernel.principal import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from shared.gateway.access import Caller
    from shared.gateway.routes import Route

BODY_LIMIT = 1 << 20
"""Most bytes of a body that is kept."""
CLIENT_SECONDS = 60
"""How long a browser may keep an answer whose service said nothing: no event can reach it there."""
JITTER = 0.1
"""Part of a route's time by which answers end earlier or later, so that not all end at once."""

_READS = frozenset({"GET", "HEAD"})
_SAFE = _READS | {"OPTIONS", "TRACE"}
_NEVER = re.compile(r"(?:/api/v\d+)?/(?:user|sync|admin|auth)")
_OPENS = frozenset({"public", "s-maxage", "must-revalidate"})
_NOT_KEPT = frozenset(
    {
        "age",
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "server-timing",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-cache",
        "x-request-id",
        TAGS_HEADER,
    }
)
"""Fields of one connection (RFC 9111 §3.1), or of one request."""


@dataclass(frozen=True)
class Scope:
    """Whose an answer is: with another of these it would be another answer."""

    subject: str
    tier: str
    max_rating: str


@dataclass(frozen=True)
class Asked:
    """A request, as far as a cache looks at it.

    Attributes:
        method: Upper case.
        path: As it stands in the request line.
        query: As it stands there, without the question mark.
        headers: What goes to the service, names in lower case, with the caller's conditions.
        cache_seconds: How long the route lets an answer be kept; 0 is not at all.
        scope: Whose the answer is, None where it may be anybody's.
        also_cached: Another method of this path keeps answers, which this one may make untrue.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cache_seconds: int = 0
    scope: Scope | None = None
    also_cached: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether the answer may be anybody's."""
        return self.scope is None


class Freshness(StrEnum):
    """What a kept answer is good for."""

    FRESH = "fresh"
    RENEWING = "renewing"
    ON_ERROR = "on-error"
    GONE = "gone"


def may_look_up(asked: Asked) -> bool:
    """Tell whether a kept answer may serve a request (RFC 9111 §4; spec/gateway §5.11)."""
    return asked.method in _READS and asked.cache_seconds > 0 and not _NEVER.match(asked.path)


def invalidates(asked: Asked, answer: Answer) -> bool:
    """Tell whether a request made what is kept of its URI untrue (RFC 9111 §4.4)."""
    return (
        asked.also_cached and asked.method not in _SAFE and answer.status < HTTPStatus.BAD_REQUEST
    )


def may_store(asked: Asked, answer: Answer) -> bool:
    """Tell whether an answer may be kept for the next who asks (RFC 9111 §3).

    ``no-cache`` and ``private`` count whole, with a list of fields too (RFC 9111 §5.2.2.4, §5.2.2.7
    allow it): nothing here asks a service whether a kept answer is still good.
    """
    found = directives(answer.headers.get("cache-control", "")).keys()
    forbidden = {"no-store", "no-cache"} | ({"private"} if asked.is_shared else set())
    return (
        may_look_up(asked)
        and answer.status == HTTPStatus.OK
        and "set-cookie" not in answer.headers
        and "*" not in vary_names(answer.headers)
        and len(answer.body) <= BODY_LIMIT
        and not found & forbidden
        and (not asked.is_shared or "authorization" not in asked.headers or bool(found & _OPENS))
    )


def entry_of(
    asked: Asked, answer: Answer, *, asked_at: float, now: float, random: Random
) -> Entry | None:
    """Return an answer as it is kept, None where it may not be or is stale already.

    What the answer says of its own life is a bound, the route's time is another; only the second
    may be stretched. Its age counts from `asked_at`, so a purge after that moment is seen.
    """
    tags = tags_of(asked, answer.headers)
    if tags is None or not may_store(asked, answer):
        return None
    fresh = asked.cache_seconds * random.uniform(1 - JITTER, 1 + JITTER)
    said = lifetime(answer.headers, shared=asked.is_shared, received=now)
    fresh = fresh if said is None else min(fresh, said)
    age = initial_age(answer.headers, asked=asked_at, received=now)
    if fresh <= age:
        return None
    kept = Answer(answer.status, _kept_headers(asked, answer), answer.body)
    return Entry(kept, now - age, fresh, tags)


def _kept_headers(asked: Asked, answer: Answer) -> dict[str, str]:
    named = {n.strip().lower() for n in answer.headers.get("connection", "").split(",")}
    left_out = _NOT_KEPT | named
    kept = {name: value for name, value in answer.headers.items() if name not in left_out}
    return kept | tagged(asked, answer)


def tagged(asked: Asked, answer: Answer) -> dict[str, str]:
    """Return the entity tag that an answer lacks: a HEAD shows no body to make one of."""
    named = "etag" in answer.headers or asked.method != "GET" or answer.status != HTTPStatus.OK
    return {} if named else {"etag": etag_of(answer.body)}


def keep_seconds(entry: Entry, *, shared: bool) -> float:
    """Return how long an entry is of any use."""
    return entry.fresh_seconds + max(stale_windows(entry.answer.headers, shared=shared))


def freshness(entry: Entry, *, shared: bool, now: float) -> Freshness:
    """Return what a kept answer is good for now (RFC 9111 §4.2, RFC 5861)."""
    over = now - entry.stored_at - entry.fresh_seconds
    if over < 0:
        return Freshness.FRESH
    renewing, failing = stale_windows(entry.answer.headers, shared=shared)
    if over < renewing:
        return Freshness.RENEWING
    return Freshness.ON_ERROR if over < failing else Freshness.GONE


def advertised(entry: Entry, *, shared: bool) -> str:
    """Return the ``Cache-Control`` of an answer whose service gave none.

    Browsers ask again soon, with the tag; a shared cache before us keeps it as long as we do.
    """
    fresh = int(entry.fresh_seconds)
    client = min(CLIENT_SECONDS, fresh)
    return f"public, max-age={client}, s-maxage={fresh}" if shared else f"private, max-age={client}"


def scope_of(route: Route, caller: Caller) -> Scope | None:
    """Return whose an answer is: a public route's is anybody's, and so is an anonymous caller's.

    Where limits alone decide, it is anybody's who has the same, and everybody's who has none.
    """
    who = caller.principal
    if route.by_limits:
        return Scope(caller.limits, "", who.max_rating) if caller.limits else None
    if route.auth == "public" or (route.auth == "optional" and who.kind is Kind.ANONYMOUS):
        return None
    return Scope(caller.view, who.tier.value, str(who.max_rating))
