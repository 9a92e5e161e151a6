"""A notice's title, asked of the fake provider over HTTP, announced as a page of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from emulators.core.faults import Rule
from emulators.providers.service import endpoint
from shared.adapters import connect
from shared.adapters.providers import notified
from shared.adapters.providers.calling import Patience
from shared.adapters.providers.notified import NotifiedShows
from shared.adapters.providers.sources import Place
from shared.adapters.providers.streaming_availability import StreamingAvailability
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.webhooks.work import Listed, Waiting
from shared.catalog.normalize import normalize_page
from shared.catalog.quota import limits
from shared.catalog.raw import RawPage
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from tests.contracts.providers.serving import Served, served
from tests.fakes.webhooks import rows
from tests.functions.conftest import SentEvents

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = 1_781_092_800
NOW = datetime.fromtimestamp(NOON, UTC)
NOTICE = Waiting(UUID(int=7), "netflix", "content_updated", "", NOW, 1, 0, "webhooks/7.json.gz")


@pytest.fixture(scope="module")
def provider() -> Iterator[Served]:
    """The sample's provider at a noon that does not pass."""
    with served(endpoint, now=NOON) as running:
        yield running


@pytest.fixture
def shows(
    connected: connect.Addresses, provider: Served, monkeypatch: pytest.MonkeyPatch
) -> NotifiedShows:
    """Asks the provider with little patience."""
    provider.faults.clear()
    monkeypatch.setattr(notified, "BRIEF", Patience(first=0.01, longest=0.02, jitter=0.0))
    raw = RawFolder(connected.raw_dir)
    clock = FixedClock(NOW)
    engine = connect.engine()
    place = Place(provider.url, lambda: "local-key", "key-of-sa")
    return NotifiedShows(engine, SentEvents(), raw, clock, place)


def carried(provider: Served) -> tuple[str, str]:
    """Return Netflix's own id and the IMDb id of a film that the sample has there in the US."""
    with StreamingAvailability(provider.url, "local-key") as service:
        query = {"country": "us", "catalogs": "netflix"}
        found = service.get("/shows/search/filters", query)["shows"]
    page = RawPage(
        provider="streaming_availability",
        platform="netflix",
        region="US",
        fetched_at=NOW,
        records=found[:1],
    )
    (item, *_) = normalize_page(page, "probe").items
    return item.platform_content_id, str(found[0]["imdbId"])


def waiting(listing: str) -> Waiting:
    return Waiting(**{**vars(NOTICE), "listing": listing})


def test_a_known_title_is_asked_for_and_announced_once(
    shows: NotifiedShows, provider: Served
) -> None:
    listing, imdb = carried(provider)
    listed = Listed(listed=True, regions=("US",), ids={"imdb": imdb})

    assert shows.bring(waiting(listing), listed, "US")
    assert shows.bring(waiting(listing), listed, "US")

    (event,) = shows.publisher.events  # type: ignore[attr-defined]
    assert (event.event_type, event.data["region"]) == ("catalog.fetched", "US")
    page = shows.raw.read(event.data["raw_uri"])
    assert page is not None
    assert page.records[0]["imdbId"] == imdb
    assert rows("SELECT provider, read FROM ingest_page") == [("streaming_availability", 1)]


@pytest.mark.parametrize(
    ("listing", "ids"),
    [("1", {}), ("1", {"imdb": "tt9999999"}), ("no such listing", {"imdb": "carried"})],
)
def test_nobody_knows_more_of_a_title_without_ids_or_of_another_listing(
    shows: NotifiedShows, provider: Served, listing: str, ids: dict[str, str]
) -> None:
    known = {kind: carried(provider)[1] if v == "carried" else v for kind, v in ids.items()}

    assert not shows.bring(waiting(listing), Listed(listed=True, regions=(), ids=known), "US")
    assert rows("SELECT 1 FROM ingest_page") == []


def test_a_provider_that_does_not_answer_or_lets_nobody_in_is_asked_again_later(
    shows: NotifiedShows, provider: Served
) -> None:
    listing, imdb = carried(provider)
    listed = Listed(listed=True, regions=("US",), ids={"imdb": imdb})
    provider.faults.add(Rule("error", "providers", "get_show", remaining=5))

    with pytest.raises(UnavailableError):
        shows.bring(waiting(listing), listed, "US")
    assert rows("SELECT 1 FROM ingest_page") == []
    assert shows.bring(waiting(listing), listed, "US")


USED = "SELECT provider, key_ref, period, used FROM quota_ledger"


def test_each_try_is_debited_and_a_spent_quota_leaves_the_notice_to_itself(
    shows: NotifiedShows, provider: Served
) -> None:
    listing, imdb = carried(provider)
    listed = Listed(listed=True, regions=("US",), ids={"imdb": imdb})
    plans = '{"streaming_availability": {"allowances": [{"period": "month", "units": %d}]}}'
    provider.faults.add(Rule("error", "providers", "get_show", remaining=1))
    two = replace(shows, limits=limits(plans % 2))

    assert two.bring(waiting(listing), listed, "US")
    assert rows(USED) == [("streaming_availability", "key-of-sa", "month", 2)]
    later = replace(waiting(listing), said_at=NOW + timedelta(seconds=1))
    assert not two.bring(later, listed, "US")


def test_a_show_that_was_asked_for_since_the_notice_was_given_is_not_asked_for_again(
    shows: NotifiedShows, provider: Served
) -> None:
    listing, imdb = carried(provider)
    listed, first = Listed(listed=True, regions=("US",), ids={"imdb": imdb}), waiting(listing)
    assert shows.bring(first, listed, "US")
    shows.clock.advance(timedelta(minutes=59))  # type: ignore[attr-defined]

    assert shows.bring(replace(first, id=UUID(int=8)), listed, "US")

    assert [row[3] for row in rows(USED)] == [1]
    again = shows.raw.read(shows.publisher.events[1].data["raw_uri"])  # type: ignore[attr-defined]
    assert again is not None
    assert (again.moment(0), again.fetched_at) == (NOW, NOW + timedelta(minutes=59))


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"said_at": NOW + timedelta(minutes=1)}, timedelta(minutes=2)),
        ({"replays": 1}, timedelta(minutes=2)),
        ({}, timedelta(hours=1)),
    ],
)
def test_a_newer_notice_a_replay_and_an_hour_ask_for_the_show_anew(
    shows: NotifiedShows, provider: Served, change: dict[str, Any], after: timedelta
) -> None:
    listing, imdb = carried(provider)
    listed, first = Listed(listed=True, regions=("US",), ids={"imdb": imdb}), waiting(listing)
    assert shows.bring(first, listed, "US")
    shows.clock.advance(after)  # type: ignore[attr-defined]

    assert shows.bring(replace(first, id=UUID(int=8), **change), listed, "US")

    assert [row[3] for row in rows(USED)] == [2]


def test_without_a_provider_or_for_a_platform_it_does_not_serve_nobody_is_asked(
    shows: NotifiedShows, provider: Served
) -> None:
    listed = Listed(listed=True, regions=("US",), ids={"imdb": "tt0113277"})
    provider.faults.add(Rule("error", "providers", "get_show"))
    other = Waiting(**{**vars(NOTICE), "platform": "tubi"})
    keyless = NotifiedShows(**{**vars(shows), "place": None})

    assert not shows.bring(other, listed, "US")
    assert not keyless.bring(NOTICE, listed, "US")
