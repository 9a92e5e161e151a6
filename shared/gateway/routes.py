"""The route table: which service answers which request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from shared.kernel.errors import (
    MalformedError,
    MethodNotAllowedError,
    NotFoundError,
)

_PARAMETER = re.compile(r"\{[a-z_]+\}")


@dataclass(frozen=True)
class Fallback:
    """Where the answer is from that stands in for a route (`shared.gateway.fallback`).

    Attributes:
        path: Asked with GET, without parameters, as nobody.
        ignores: Parameters, or fields of a body, that the answer need not honor.
    """

    path: str
    ignores: frozenset[str]


@dataclass(frozen=True)
class Route:
    """One line of the table.

    Attributes:
        service: Who answers.
        area: What its timeouts and breakers are kept under.
        timeout_seconds: Longest the gateway waits.
        auth: Who may come.
        scopes: What their token has to cover.
        rate: Class of its rate limit, None where only the caller's tier counts.
        cache_seconds: How long an answer may be kept; 0 is not at all.
        idempotent: An ``Idempotency-Key`` is honored.
        stream: The answer is passed on as it comes.
        fallback: What stands in while the service is lost.
        page: It is for browsers: cookies of ours pass, and the policy of the page.
        by_limits: What of its caller an answer depends on is what they may see, and nothing else.
    """

    service: str
    area: str
    method: str
    path: str
    auth: str
    timeout_seconds: float
    body_limit: int
    pattern: re.Pattern[str]
    scopes: tuple[str, ...] = ()
    rate: str | None = None
    cache_seconds: int = 0
    idempotent: bool = False
    stream: bool = False
    fallback: Fallback | None = None
    page: bool = False
    by_limits: bool = False


class RouteTable:
    """Routes made from the manifests; a static path beats a template."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        ordered = sorted(rows, key=lambda row: (row["path"].count("{"), row["path"]))
        self._routes = [_route(row) for row in ordered]

    def find(self, method: str, path: str) -> Route:
        """Return the route of a request.

        Args:
            method: Upper case.
            path: As it stands in the request line, escapes and all: a decoded slash would pass for
                the end of a segment.

        Raises:
            MalformedError: The path would leave its template (dot segments, encoded slashes).
            NotFoundError: No route has this path.
            MethodNotAllowedError: Some have, but not with this method.
        """
        matching = self._matching(path)
        for route in matching:
            if route.method == method:
                return route
        raise MethodNotAllowedError(path, sorted({route.method for route in matching}))

    @property
    def paths(self) -> list[str]:
        """Templates of every route."""
        return [route.path for route in self._routes]

    @property
    def services(self) -> list[str]:
        """Every service that has a route, sorted."""
        return sorted({route.service for route in self._routes})

    def methods(self, path: str) -> list[str]:
        """Return the methods that a path takes, sorted.

        Raises:
            MalformedError: As `find`.
            NotFoundError: No route has this path.
        """
        return sorted({route.method for route in self._matching(path)})

    def scripted(self, path: str) -> list[str]:
        """Return the methods of a path that scripts of other origins may use: no page's.

        Raises:
            MalformedError: As `find`.
            NotFoundError: No route has this path.
        """
        return sorted({route.method for route in self._matching(path) if not route.page})

    def keeps(self, path: str) -> bool:
        """Tell whether answers of some route with this path are kept."""
        return any(route.cache_seconds for route in self._matching(path))

    def _matching(self, path: str) -> list[Route]:
        escaped = path.lower()
        dotted = any(part in {".", ".."} for part in unquote(path).split("/"))
        if dotted or "%2f" in escaped or "%5c" in escaped or "\\" in path:
            raise MalformedError("the path has dot segments or encoded slashes")
        matching = [route for route in self._routes if route.pattern.fullmatch(path)]
        if not matching:
            raise NotFoundError(f"there is nothing at {path}")
        return matching


def _route(row: Mapping[str, Any]) -> Route:
    template = _PARAMETER.sub("\x00", row["path"])
    pattern = re.escape(template).replace("\x00", "[^/]+")
    other = row.get("fallback")
    return Route(
        service=row["service"],
        area=row["area"],
        method=row["method"],
        path=row["path"],
        auth=row["auth"],
        timeout_seconds=row["timeout_seconds"],
        body_limit=row["body_limit"],
        pattern=re.compile(pattern),
        scopes=tuple(row.get("scopes", ())),
        rate=row.get("rate"),
        cache_seconds=row.get("cache_seconds", 0),
        idempotent=row.get("idempotent", False),
        stream=row.get("stream", False),
        fallback=Fallback(other["path"], frozenset(other["ignores"])) if other else None,
        page=row.get("page", False),
        by_limits=row.get("view") == "limits",
    )
