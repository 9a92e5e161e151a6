"""The client of Streaming Availability against the fake provider, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import grpc
import pytest

from emulators.core.faults import Rule
from emulators.providers.limits import Plan
from emulators.providers.service import endpoint
from shared.adapters.providers.calling import Patience
from shared.adapters.providers.streaming_availability import (
    CatalogSource,
    ChangeSource,
    StreamingAvailability,
)
from shared.kernel.errors import (
    ExhaustedError,
    InvalidInputError,
    UnauthenticatedError,
    UnavailableError,
)
from tests.contracts.providers.serving import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = Patience(first=0.01, longest=0.02, jitter=0.0)
NOON = 1_781_092_800
NOW = datetime.fromtimestamp(NOON, UTC)


@pytest.fixture(scope="module")
def provider() -> Iterator[Served]:
    """The sample's provider at a noon that does not pass."""
    with served(endpoint, now=NOON) as running:
        yield running


@pytest.fixture
def service(provider: Served) -> Iterator[StreamingAvailability]:
    """A client with little patience, and no faults of an earlier test."""
    provider.faults.clear()
    with StreamingAvailability(provider.url, "local-key", patience=QUICK) as client:
        yield client


def refuse(provider: Served, times: int | None) -> Rule:
    """Let the next calls of the search fail."""
    rule = Rule("error", "providers", "search_filters", remaining=times)
    provider.faults.add(rule)
    return rule


def test_catalog_of_a_country_is_walked_to_its_end_without_repeating(
    service: StreamingAvailability,
) -> None:
    deliveries = list(CatalogSource(service, platform="hulu", region="US").pages(None))

    found = [show["id"] for delivery in deliveries for show in delivery.records]
    assert len(found) == len(set(found)) > 100
    assert [delivery.next_cursor is None for delivery in deliveries][-2:] == [False, True]


@pytest.mark.soak
def test_walk_goes_on_at_a_cursor(service: StreamingAvailability) -> None:
    source = CatalogSource(service, platform="all", region="DE")
    whole = [show["id"] for delivery in source.pages(None) for show in delivery.records]
    first = next(source.pages(None))

    rest = [show["id"] for d in source.pages(first.next_cursor) for show in d.records]

    assert [show["id"] for show in first.records] + rest == whole


def test_changes_come_with_their_shows_and_end_where_the_window_ends(
    service: StreamingAvailability,
) -> None:
    window = {"since": NOW - timedelta(days=30), "until": NOW}
    source = ChangeSource(service, platform="netflix", region="US", **window)

    deliveries = list(source.pages(None))

    changes = [change for delivery in deliveries for change in delivery.records]
    assert {change["service"]["id"] for change in changes} == {"netflix"}
    assert {change["changeType"] for change in changes} >= {"new", "updated"}
    for delivery in deliveries:
        assert {change["showId"] for change in delivery.records} <= set(delivery.shows)
    assert source.walked_until == NOW


@pytest.mark.soak
def test_change_feed_goes_on_in_the_window_it_began_in(service: StreamingAvailability) -> None:
    month, day = timedelta(days=30), timedelta(days=1)
    begun = ChangeSource(service, platform="all", region="US", since=NOW - month, until=NOW - day)
    deliveries = list(begun.pages(None))
    later = ChangeSource(service, platform="all", region="US", since=NOW - day, until=NOW)

    rest = list(later.pages(deliveries[1].next_cursor))

    assert [d.records for d in rest] == [d.records for d in deliveries[2:]]
    assert later.walked_until == NOW - day


def test_call_that_fails_four_times_is_made_a_fifth(
    provider: Served, service: StreamingAvailability
) -> None:
    rule = refuse(provider, times=4)

    delivery = next(CatalogSource(service, platform="hulu", region="US").pages(None))

    assert (len(delivery.records), rule.struck) == (20, 4)


def test_service_that_stays_away_is_named_after_five_tries(
    provider: Served, service: StreamingAvailability
) -> None:
    rule = refuse(provider, times=None)

    with pytest.raises(UnavailableError, match=r"streaming availability answered .* with 503"):
        next(CatalogSource(service, platform="hulu", region="US").pages(None))

    assert rule.struck == 5


def test_answer_that_is_lost_on_the_way_is_asked_for_again(
    provider: Served, service: StreamingAvailability
) -> None:
    rule = Rule("drop", "providers", "search_filters", remaining=1)
    provider.faults.add(rule)

    delivery = next(CatalogSource(service, platform="hulu", region="US").pages(None))

    assert (len(delivery.records), rule.struck) == (20, 1)


def test_service_that_cannot_be_reached_is_named() -> None:
    with (
        StreamingAvailability("http://127.0.0.1:9", "local-key", patience=QUICK) as service,
        pytest.raises(UnavailableError, match="streaming availability did not answer /shows"),
    ):
        service.get("/shows/search/filters", {"country": "us"})


def test_unknown_key_is_not_tried_again(provider: Served) -> None:
    with (
        StreamingAvailability(provider.url, "stolen", patience=QUICK) as service,
        pytest.raises(UnauthenticatedError, match="401"),
    ):
        service.get("/shows/search/filters", {"country": "us"})


def test_wrong_parameter_is_told_in_the_services_words(service: StreamingAvailability) -> None:
    with pytest.raises(InvalidInputError, match=r"400: .*atlantis"):
        service.get("/shows/search/filters", {"country": "atlantis"})


def test_spent_minute_is_waited_out_as_long_as_the_service_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    with served(partial(endpoint, plan=Plan(per_minute=1)), now=NOON + 18) as provider:
        # Time passes where the product waits, so nothing sleeps on the wall clock.
        def wait(seconds: float) -> None:
            waits.append(seconds)
            provider.clock.advance(seconds)

        monkeypatch.setattr("tenacity.nap.time.sleep", wait)
        with StreamingAvailability(provider.url, "local-key", patience=QUICK) as service:
            for _ in range(2):
                service.get("/shows/search/filters", {"country": "us"})

    assert waits == [42.0]


def test_spent_month_is_not_waited_out() -> None:
    plan = Plan(per_minute=1000, per_month=1)
    with (
        served(partial(endpoint, plan=plan), now=NOON) as provider,
        StreamingAvailability(provider.url, "local-key", patience=QUICK) as service,
    ):
        service.get("/shows/search/filters", {"country": "us"})

        with pytest.raises(ExhaustedError, match="429"):
            service.get("/shows/search/filters", {"country": "us"})


def test_fault_of_another_kind_is_not_hidden(
    provider: Served, service: StreamingAvailability
) -> None:
    provider.faults.add(
        Rule(
            "error",
            "providers",
            "search_filters",
            status=grpc.StatusCode.INVALID_ARGUMENT,
            remaining=1,
        )
    )

    with pytest.raises(InvalidInputError, match="injected fault"):
        service.get("/shows/search/filters", {"country": "us"})
