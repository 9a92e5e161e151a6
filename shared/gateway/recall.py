"""Requests whose way through the door is known, since the very same one came a moment ago.

Most requests of a busy day are the same few: nobody in particular asks for a page that is kept.
Each time their route, alias, cache key, condition and header lists come out the same, and finding
them again costs more than all the rest. So what came out is remembered, under everything that
decided it: the request line and the fields in `DECIDING`.

What may differ from one request to the next is done each time, by the same code as ever: who asks
from where, the limit, the age, metrics and the line. Above all the store is asked each time whether
the entry still stands there: what is purged, over or renewed is seen as soon as without all this.

Never remembered: a request with a body or with ``Authorization``, a route that streams or takes an
idempotency key, what is kept for one viewer, and what varies on a field that is not in `DECIDING`.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.gateway.headers import REQUEST_HEADERS
from shared.gateway.limits import FIELDS
from shared.kernel.principal import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.gateway.cache_policy import Asked
    from shared.gateway.caching import Standing
    from shared.gateway.ports import Answer
    from shared.gateway.routes import Route
    from shared.kernel.principal import Principal

DECIDING = ("accept", "accept-language", "if-none-match", "origin")
"""Fields that change the answer to a caller who is nobody: variants, 304, and CORS."""
MOST = 2048
LONGEST = 1024
"""Most characters of what decides a request that is remembered."""

_ITS_OWN = frozenset({"x-request-id", "x-request-deadline-ms"})
_UNSETTLED = (REQUEST_HEADERS | _ITS_OWN) - {"accept", "accept-language"}
"""What reaches a service and is not in `DECIDING`; any other field no service ever sees."""
_EACH_TIME = FIELDS | {"age"}

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Way:
    """What was found out about a request on its way.

    Attributes:
        target: Path and query after aliases.
        told: What its alias tells the caller.
        asked: What the cache was asked.
    """

    route: Route
    principal: Principal
    target: tuple[str, str]
    told: Mapping[str, str]
    asked: Asked


@dataclass(frozen=True)
class Recalled:
    """A way, and the answer at its end.

    Attributes:
        status: 200, or 304 where the request had a condition.
        headers: Of the answer as it went out, without what is told each time.
        lines: The same as they are sent, with the length of the body.
        standing: The entry it was made of.
    """

    way: Way
    status: int
    headers: Mapping[str, str]
    lines: bytes
    standing: Standing


def recall_key(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Key | None:
    """Return all that decides the answer to a request, None where that is more than can be told.

    Args:
        method: Upper case.
        target: Path and query as they stand in the request line.
        headers: Names in lower case.
        body: Whole.
    """
    if method != "GET" or body or "authorization" in headers:
        return None
    return (target, *map(headers.get, DECIDING))


def may_recall(way: Way, standing: Standing) -> bool:
    """Tell whether the next request of the same key would go the same way."""
    route = way.route
    return (
        way.principal == ANONYMOUS
        and way.asked.is_shared
        and not route.idempotent
        and not route.stream
        and not _UNSETTLED & set(standing.names)
    )


class Recall:
    """The ways that are known; all are forgotten where there are too many, and soon found again."""

    def __init__(self) -> None:
        self._known: dict[Key, Recalled] = {}

    def find(self, key: Key | None) -> Recalled | None:
        """Return what is known of requests with this key."""
        return None if key is None else self._known.get(key)

    def keep(self, key: Key, way: Way, answer: Answer, standing: Standing) -> None:
        """Remember a way and the answer that went out, where both would be the same again."""
        if not may_recall(way, standing) or sum(len(part or "") for part in key) > LONGEST:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        told = _EACH_TIME | way.told.keys()
        kept = {name: value for name, value in answer.headers.items() if name not in told}
        self._known[key] = Recalled(way, answer.status, kept, _lines(kept, answer), standing)

    def forget(self, key: Key) -> None:
        """Forget a way whose end is no longer there."""
        self._known.pop(key, None)


def _lines(headers: Mapping[str, str], answer: Answer) -> bytes:
    """Return fields as they are sent; a 304 has no length of its own (RFC 9110 §15.4.5)."""
    length = (
        {}
        if answer.status == HTTPStatus.NOT_MODIFIED
        else {"content-length": str(len(answer.body))}
    )
    fields = {**headers, **length}.items()
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")
