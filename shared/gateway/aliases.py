"""Other names of routes, and how callers hear that a route will end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTICE = timedelta(days=365)
"""How long a route goes on after it was deprecated, at least (spec/gateway §3)."""

_PARAMETER = re.compile(r"\\\{([a-z_]+)\\\}")


@dataclass(frozen=True)
class Ending:
    """A route that callers should leave.

    Attributes:
        since: Day of the deprecation.
        sunset: Day from which it may not answer any more; None while that is open.
        link: Page that says what to do instead, or empty.

    Raises:
        ValueError: `sunset` gives callers less than `NOTICE`.
    """

    since: date
    sunset: date | None = None
    link: str = ""

    def __post_init__(self) -> None:
        if self.sunset is not None and self.sunset - self.since < NOTICE:
            raise ValueError(f"sunset comes {NOTICE.days} days after deprecation, or later")

    def headers(self) -> dict[str, str]:
        """Return ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594) and ``Link``, as there are."""
        found = {"deprecation": f"@{int(_midnight(self.since).timestamp())}"}
        if self.sunset is not None:
            found["sunset"] = format_datetime(_midnight(self.sunset), usegmt=True)
        if self.link:
            found["link"] = f'<{self.link}>; rel="deprecation"; type="text/html"'
        return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True)
class Alias:
    """Another name of a route.

    Attributes:
        old: Template; its parameters are those of `path`.
        path: Template of the route as the table has it.
        redirected: GET and HEAD are sent to the route (308, RFC 9110 §15.4.9); other methods, and
            all where this is False, are answered under the old name.
        ending: Where callers should leave the old name.
    """

    old: str
    path: str
    redirected: bool = True
    ending: Ending | None = None


ALIASES = (
    Alias("/liveness", "/health/live", redirected=False),
    Alias("/ready", "/health/ready", redirected=False),
    Alias("/api/v1/discovery/suggest", "/api/v1/search/autocomplete"),
    Alias("/api/v1/quality/report", "/api/v1/admin/content/quality-report"),
    Alias("/api/v1/analytics", "/api/v1/admin/search/analytics"),
    Alias("/api/v1/admin/audit-logs", "/api/v1/admin/audit"),
    Alias("/api/v1/sona/recommendations", "/api/v1/recommendations"),
    Alias("/api/v1/sona/personalization/score", "/api/v1/personalization/score"),
    Alias("/api/v1/sona/experiments/{id}/metrics", "/api/v1/experiments/{id}/metrics"),
)
"""Spec/gateway §3: permanent names, so none of them ends."""


@dataclass(frozen=True)
class Known:
    """What a path that is an alias leads to.

    Attributes:
        target: Path and query of the route.
        redirect: The caller is sent there, instead of being answered here.
        headers: For the answer.
    """

    target: str
    redirect: bool
    headers: dict[str, str]


class Aliases:
    """The aliases whose routes exist.

    Args:
        paths: Templates of the route table; parameters may have other names there.
        aliases: All there are.
    """

    def __init__(self, paths: Iterable[str], aliases: Iterable[Alias] = ALIASES) -> None:
        there = {_shape(path) for path in paths}
        self._aliases = [(_pattern(a.old), a) for a in aliases if _shape(a.path) in there]

    def find(self, method: str, target: str) -> Known | None:
        """Return what a request leads to, None where its path is no alias.

        Args:
            method: Upper case.
            target: Path and query as they stand in the request line.
        """
        path, mark, query = target.partition("?")
        for pattern, alias in self._aliases:
            if found := pattern.fullmatch(path):
                # What a parameter matched has no slash, so it stays one segment where it is put.
                new = alias.path.format(**found.groupdict()) + mark + query
                redirect = alias.redirected and method in {"GET", "HEAD"}
                return Known(new, redirect, _headers(alias, new))
        return None


def _headers(alias: Alias, target: str) -> dict[str, str]:
    """Return what an answer under an old name says (RFC 5829 §3.3 for the relation)."""
    if alias.ending is None:
        return {}
    ending = alias.ending.headers()
    links = [ending.pop("link", ""), f'<{target}>; rel="successor-version"']
    return {**ending, "link": ", ".join(filter(None, links))}


def _shape(path: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "{}", path)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", re.escape(template)))
