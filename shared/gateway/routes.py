"""The route table: which service answers which request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from shared.kernel.errors import (
    DeniedError,
    MalformedError,
    MethodNotAllowedError,
    NotFoundError,
)

_PARAMETER = re.compile(r"\{[a-z_]+\}")


@dataclass(frozen=True)
class Route:
    """One line of the table.

    Attributes:
        service: Who answers.
        area: What its timeouts and breakers are kept under.
        timeout_seconds: Longest the gateway waits.
        auth: Who may come: this gateway lets ``public`` in and nobody else.
    """

    service: str
    area: str
    method: str
    path: str
    auth: str
    timeout_seconds: float
    body_limit: int
    pattern: re.Pattern[str]


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
            DeniedError: The route is not open to the public.
        """
        escaped = path.lower()
        dotted = any(part in {".", ".."} for part in unquote(path).split("/"))
        if dotted or "%2f" in escaped or "%5c" in escaped or "\\" in path:
            raise MalformedError("the path has dot segments or encoded slashes")
        matching = [route for route in self._routes if route.pattern.fullmatch(path)]
        if not matching:
            raise NotFoundError(f"there is nothing at {path}")
        for route in matching:
            if route.method == method:
                return self._open(route)
        raise MethodNotAllowedError(path, sorted({route.method for route in matching}))

    @staticmethod
    def _open(route: Route) -> Route:
        """Refuse what needs an identity: none can be shown yet, and the default is no."""
        if route.auth != "public":
            raise DeniedError(f"{route.method} {route.path} is not open to the public")
        return route


def _route(row: Mapping[str, Any]) -> Route:
    template = _PARAMETER.sub("\x00", row["path"])
    pattern = re.escape(template).replace("\x00", "[^/]+")
    return Route(
        service=row["service"],
        area=row["area"],
        method=row["method"],
        path=row["path"],
        auth=row["auth"],
        timeout_seconds=row["timeout_seconds"],
        body_limit=row["body_limit"],
        pattern=re.compile(pattern),
    )
