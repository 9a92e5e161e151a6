"""Links over a real database: what they are made of, and what their outcomes change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.adapters.sql.links.offers import SqlLinkedTitles
from shared.adapters.sql.links.reports import LinkReport, SqlLinkReports
from shared.adapters.sql.titles import ContentNotFoundError
from shared.catalog.links_health import LinkOutcome
from shared.catalog.links_templates import Device
from shared.catalog.values import OfferType
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.ids import TimeOrderedIds
from tests.unit.matching.items import NOON, item, stream

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.contracts.sql.conftest import Catalog

IDS = TimeOrderedIds(SystemClock())
PAGE = "netflix.page"
OPENED, FAILED = LinkOutcome.OPENED, LinkOutcome.FAILED
HEALTH = "SELECT opened, failed, votes, quarantined_at IS NOT NULL FROM link_health"


class Viewers:
    """Viewers who report what came of one template."""

    def __init__(self, engine: Engine) -> None:
        self.clock = FixedClock(NOON)
        self.reports = SqlLinkReports(engine, self.clock)

    def say(
        self, outcome: LinkOutcome, *, viewer: int | None, report_id: UUID | None = None
    ) -> Any:  # noqa: ANN401 - a named pair
        """Report as one viewer, or as nobody."""
        reporter = None if viewer is None else viewer.to_bytes(16, "big")
        report = LinkReport(report_id or IDS.new(), PAGE, Device.IOS, outcome, reporter)
        return self.reports.take(report)

    def all_say(self, outcome: LinkOutcome, viewers: range) -> None:
        """Report the same as many viewers."""
        for viewer in viewers:
            assert self.say(outcome, viewer=viewer).counted


@pytest.fixture
def viewers(engine: Engine) -> Viewers:
    """Nobody has reported anything yet."""
    return Viewers(engine)


def acts(catalog: Catalog) -> list[Any]:
    return catalog.rows(
        "SELECT action, resource_id, details ->> 'state' FROM audit.audit_log ORDER BY number"
    )


def test_a_report_counts_once(viewers: Viewers, catalog: Catalog) -> None:
    same = IDS.new()
    first = viewers.say(OPENED, viewer=1, report_id=same)
    again = viewers.say(OPENED, viewer=1, report_id=same)

    assert (first.duplicate, first.counted) == (False, True)
    assert (again.duplicate, again.counted) == (True, False)
    assert catalog.rows(HEALTH) == [(1, 0, 1, False)]


def test_a_viewer_has_one_vote_of_a_kind_in_a_week(viewers: Viewers, catalog: Catalog) -> None:
    said = [viewers.say(outcome, viewer=1).counted for outcome in (FAILED, FAILED, OPENED)]
    viewers.clock.advance(timedelta(days=7))
    said.append(viewers.say(FAILED, viewer=1).counted)

    assert said == [True, False, True, True]
    assert catalog.rows(HEALTH) == [(1, 3, 3, False)]


def test_nobody_can_be_known_by_their_reports_and_nobody_unknown_decides(
    viewers: Viewers, catalog: Catalog
) -> None:
    for _ in range(50):
        assert not viewers.say(FAILED, viewer=None).counted

    assert catalog.rows(HEALTH) == [(0, 50, 0, False)]
    assert catalog.count("link_vote") == 0


def test_other_outcomes_are_counted_and_no_vote(viewers: Viewers, catalog: Catalog) -> None:
    for outcome in (LinkOutcome.WRONG_TITLE, LinkOutcome.NOT_INSTALLED):
        assert not viewers.say(outcome, viewer=1).counted

    found = "SELECT wrong_title, not_installed, votes FROM link_health"
    assert catalog.rows(found) == [(1, 1, 0)]


def test_a_template_that_stopped_working_is_out_and_comes_back_both_audited(
    viewers: Viewers, catalog: Catalog
) -> None:
    viewers.all_say(FAILED, range(1, 11))
    assert catalog.rows(HEALTH) == [(0, 10, 10, True)]

    viewers.all_say(OPENED, range(1, 9))
    assert catalog.rows(HEALTH) == [(8, 10, 18, False)]

    what = f"{PAGE}/ios"
    assert acts(catalog) == [
        ("CONFIG_CHANGE", what, "quarantined"),
        ("CONFIG_CHANGE", what, "restored"),
    ]


def test_reports_at_once_are_all_counted_and_decide_once(
    viewers: Viewers, catalog: Catalog
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda viewer: viewers.say(FAILED, viewer=viewer), range(1, 11)))

    assert catalog.rows(HEALTH) == [(0, 10, 10, True)]
    assert len(acts(catalog)) == 1


def test_one_report_sent_by_many_at_once_counts_once(viewers: Viewers, catalog: Catalog) -> None:
    same = IDS.new()
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: viewers.say(FAILED, viewer=1, report_id=same), range(8)))

    assert sorted(taken.duplicate for taken in said) == [False] + [True] * 7
    assert catalog.rows(HEALTH) == [(0, 1, 1, False)]


def test_who_voted_is_forgotten_after_weeks_and_the_counts_stay(
    viewers: Viewers, catalog: Catalog
) -> None:
    viewers.all_say(OPENED, range(1, 6))
    viewers.clock.advance(timedelta(days=22))
    viewers.say(OPENED, viewer=9)

    assert (catalog.count("link_vote"), catalog.count("link_report")) == (1, 1)
    assert catalog.rows(HEALTH) == [(6, 0, 6, False)]


def title_id(catalog: Catalog) -> UUID:
    ((found,),) = catalog.rows("SELECT id FROM content")
    return UUID(str(found))


def test_links_are_made_of_live_offers_best_terms_first(catalog: Catalog) -> None:
    ended = stream(expires_at=NOON)
    rental = stream(type=OfferType.RENTAL, price_minor=399, currency="USD", quality="uhd")
    page = stream(link="https://www.netflix.com/title/60")
    catalog.take(item("netflix", "60", offers=(rental, page)), item("hulu", "1", offers=(ended,)))
    titles = SqlLinkedTitles(catalog.engine, catalog.clock)

    found = titles.title(title_id(catalog), region="US", platform=None, device=Device.WEB)

    assert [offer.type for offer in found.offers["netflix"]] == ["subscription", "rental"]
    assert found.offers["netflix"][0].link == "https://www.netflix.com/title/60"
    assert found.offers.keys() == {"netflix"}
    nowhere = titles.title(title_id(catalog), region="DE", platform=None, device=Device.WEB)
    assert nowhere.offers == {}


def test_a_template_out_on_one_device_is_used_on_others(viewers: Viewers, catalog: Catalog) -> None:
    catalog.take(item("netflix", "60"))
    viewers.all_say(FAILED, range(1, 11))
    titles = SqlLinkedTitles(catalog.engine, catalog.clock)

    phone = titles.title(title_id(catalog), region=None, platform=None, device=Device.IOS)
    tv = titles.title(title_id(catalog), region=None, platform=None, device=Device.TVOS)

    assert phone.quarantined == {(PAGE, Device.IOS)}
    assert not tv.quarantined
    probed = [title_on(catalog, timedelta(days=n)).is_out(PAGE, Device.IOS) for n in range(200)]
    assert 0 < probed.count(False) < 30


def title_on(catalog: Catalog, later: timedelta) -> Any:  # noqa: ANN401 - a title
    clock = FixedClock(NOON + later)
    titles = SqlLinkedTitles(catalog.engine, clock)
    return titles.title(title_id(catalog), region=None, platform=None, device=Device.IOS)


def test_a_title_that_is_not_there_has_no_links(catalog: Catalog) -> None:
    with pytest.raises(ContentNotFoundError):
        SqlLinkedTitles(catalog.engine, catalog.clock).title(
            IDS.new(), region=None, platform=None, device=Device.WEB
        )
