"""The weekly look at pages: over TLS on loopback, a real database, and the quality report."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.egress import Egress
from shared.adapters.sql.links.checks import SqlLinkChecks
from shared.adapters.web_pages import WebPages
from shared.kernel.clock import FixedClock
from tests.contracts.sql.conftest import Catalog
from tests.fakes.edge import load
from tests.fakes.pages import Pages, serving_pages
from tests.unit.matching.items import NOON, item, stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

    from shared.catalog.links_check import PageState

HEALTH = "SELECT template, device, opened, failed, votes FROM link_health ORDER BY template"
SEEN = "SELECT template, week, found, gone, examples FROM link_check ORDER BY template, week"
FILMS = 6


class AtHome:
    """`WebPages` that asks a server of this machine for the paths of pages."""

    def __init__(self, pages: Pages) -> None:
        self._base = pages.base
        self._asking = WebPages(Egress(allow_loopback=True, trusted=pages.trusted), self._wait)

    async def _wait(self, _seconds: float) -> None: ...

    async def states(self, urls: Iterable[str]) -> dict[str, PageState]:
        """Return what the pages said, by the addresses that viewers have."""
        there = {f"{self._base}{urlsplit(url).path}": url for url in urls}
        return {there[url]: state for url, state in (await self._asking.states(there)).items()}


class Week:
    """A catalog of six films on Netflix, and the job that looks at their pages."""

    def __init__(self, pages: Pages) -> None:
        self.pages, self.clock = pages, FixedClock(NOON)
        self.catalog = Catalog(connect.engine())
        self.main: ModuleType = load("links_check")
        self.main.pages = AtHome(pages)  # type: ignore[attr-defined]
        self.main.clock = self.clock  # type: ignore[attr-defined]
        films = [
            item("netflix", str(70000000 + n), title=f"Film {n}", offers=(stream(),), credits=())
            for n in range(FILMS)
        ]
        self.catalog.take(*films)

    def look(self, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        """Run the job and return its summary."""
        capsys.readouterr()
        assert self.main.handle(["--sample", "50"]) == 0
        summary: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
        return summary


@pytest.fixture
def week(connected: connect.Addresses, tmp_path: Path) -> Iterator[Week]:
    """The films, before anybody looked."""
    assert connected.database_url
    with serving_pages(tmp_path) as pages:
        yield Week(pages)


def test_pages_that_are_there_are_one_vote_a_week_for_their_template(
    week: Week, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = week.look(capsys), week.look(capsys)
    week.clock.advance(timedelta(weeks=1))
    later = week.look(capsys)

    assert [one["votes"] for one in (first, again, later)] == [1, 0, 1]
    assert (first["pages"], first["gone"]) == (FILMS, {})
    assert week.catalog.rows(HEALTH) == [("netflix.page", "web", 2, 0, 2)]
    assert [row[2:4] for row in week.catalog.rows(SEEN)] == [(FILMS, 0)] * 2


def test_pages_that_are_gone_are_told_and_raise_a_doubt_that_viewers_decide(
    week: Week, capsys: pytest.CaptureFixture[str]
) -> None:
    week.pages.statuses.update({f"/title/{70000000 + n}": 404 for n in range(FILMS)})

    summary = week.look(capsys)

    assert len(summary["gone"]["netflix.page"]) == 3
    assert week.catalog.rows(HEALTH) == [("netflix.page", "web", 0, 1, 1)]
    assert week.catalog.rows("SELECT 1 FROM link_health WHERE quarantined_at IS NOT NULL") == []
    [shown] = SqlLinkChecks(clock=week.clock).latest()
    assert (shown.template, shown.gone, shown.found) == ("netflix.page", FILMS, 0)
    assert shown.examples == summary["gone"]["netflix.page"]


def test_refusals_say_nothing(week: Week, capsys: pytest.CaptureFixture[str]) -> None:
    week.pages.statuses.update({f"/title/{70000000 + n}": 429 for n in range(FILMS)})

    summary = week.look(capsys)

    assert (summary["votes"], summary["gone"]) == (0, {})
    assert week.catalog.rows(HEALTH) == []


def test_each_week_looks_at_other_offers_and_the_same_week_at_the_same(week: Week) -> None:
    checks = SqlLinkChecks(clock=week.clock)
    first, same = checks.sample((), limit=3), checks.sample(["netflix"], limit=3)
    seen = {one.listing for one in first}
    for _ in range(20):
        week.clock.advance(timedelta(weeks=1))
        seen |= {one.listing for one in checks.sample((), limit=3)}

    assert first == same
    assert len(first) == 3
    assert len(seen) == FILMS
    assert checks.sample(["hulu"], limit=3) == []


def test_what_was_seen_is_forgotten_after_a_year(
    week: Week, capsys: pytest.CaptureFixture[str]
) -> None:
    week.look(capsys)
    week.clock.advance(timedelta(weeks=54))
    week.look(capsys)

    assert len(week.catalog.rows(SEEN)) == 1
