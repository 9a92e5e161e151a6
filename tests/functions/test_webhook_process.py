"""webhook.received → offers end, titles are looked up or taken at the platform's word."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.adapters import connect
from shared.kernel.errors import UnavailableError
from tests.fakes import catalog
from tests.fakes.edge import ask, load, pushed
from tests.fakes.webhooks import PATH, SECRETS, clock, notice, register, rows, signed, turn_back

if TYPE_CHECKING:
    from shared.kernel.events import Event
    from tests.functions.conftest import SentEvents

LIVE = "SELECT region, offer_type FROM availability WHERE ended_at IS NULL ORDER BY region"
STATUS = "SELECT status, attempts, outcome, error FROM webhook_event ORDER BY received_at"


class Flow:
    """Receiver and worker, one after the other."""

    def __init__(self, sent: SentEvents) -> None:
        self.receive, self.main = load("webhook_receive"), load("webhook_process")
        for module in (self.receive, self.main):
            module.PubSubPublisher = sent  # type: ignore[attr-defined]
            module.clock = clock  # type: ignore[attr-defined]
        self.receive.secret = SECRETS.__getitem__  # type: ignore[attr-defined]
        self.sent = sent

    async def push(self, kind: str, listing: str = "k4", **changes: Any) -> Event:  # noqa: ANN401 - JSON
        """Push a notice and return its event."""
        clock.advance(timedelta(seconds=1))
        body = notice(kind, listing, **changes)
        answer = await ask(self.receive.handle, "POST", PATH, body=body, headers=signed(body))
        assert answer.json["status"] == "accepted", answer.body
        return self.sent.events[-1]

    async def take(self, event: Event) -> int:
        """Deliver an event and return the status."""
        return (await ask(self.main.handle, "POST", "/", body=pushed(event))).status

    async def tick(self) -> None:
        """Let the schedule call, as it does each quarter of an hour."""
        headers = {"x-cloudscheduler": "true"}
        answer = await ask(self.main.handle, "POST", "/", body=b"{}", headers=headers)
        assert answer.status == 204

    async def tell(self, kind: str, listing: str = "k4", **changes: Any) -> int:  # noqa: ANN401 - JSON
        """Push a notice and process it."""
        return await self.take(await self.push(kind, listing, **changes))

    def told(self, topic: str) -> list[Event]:
        """Return what was published on a topic."""
        return [event for event in self.sent.events if event.event_type == topic]


@pytest.fixture
def flow(connected: connect.Addresses, sent: SentEvents) -> Flow:
    """Heat is on Netflix in two countries, by subscription."""
    assert connected.database_url
    turn_back()
    at = {"provider": "test", "fetched_at": clock.now(), "raw_uri": "netflix/1.json.gz#1"}
    heat = [catalog.known("Heat", 4, region=r, source=at, release_year=1995) for r in ("CA", "US")]
    catalog.ingest(connect.engine(), heat)
    register()
    return Flow(sent)


async def test_what_a_platform_removes_ends_in_the_regions_it_names(flow: Flow) -> None:
    assert await flow.tell("content_removed", regions=["US"]) == 204

    assert rows(LIVE) == [("CA", "subscription")]
    (event,) = flow.told("availability.changed")
    assert (event.data["region"], event.data["platform"]) == ("US", "netflix")
    (change,) = event.data["changes"]
    assert (change["is_available"], change["was_available"]) == (False, True)
    assert rows(STATUS) == [("processed", 1, "1 offers ended", None)]


async def test_a_removal_without_regions_ends_all_of_them_and_a_second_one_nothing(
    flow: Flow,
) -> None:
    event = await flow.push("content_removed", regions=[])
    await flow.take(event)
    again = await flow.take(event)

    assert (again, rows(LIVE)) == (204, [])
    assert [one.data["region"] for one in flow.told("availability.changed")] == ["CA", "US"]
    assert await flow.tell("content_removed", regions=["US"]) == 204
    assert len(flow.told("availability.changed")) == 2


async def test_what_was_removed_comes_back_when_a_source_sees_it_again(flow: Flow) -> None:
    await flow.tell("content_removed", regions=["US"])
    clock.advance(timedelta(hours=1))
    at = {"provider": "test", "fetched_at": clock.now(), "raw_uri": "netflix/2.json.gz#1"}
    seen = [catalog.known("Heat", 4, source=at, release_year=1995)]

    await asyncio.to_thread(_ingest_again, seen)

    assert rows(LIVE) == [("CA", "subscription"), ("US", "subscription")]


def _ingest_again(items: list[Any]) -> None:
    with connect.engine().begin() as connection:
        connection.exec_driver_sql("DELETE FROM processed_event")
    catalog.ingest(connect.engine(), items)


async def test_a_removal_that_is_older_than_what_a_source_saw_ends_nothing(flow: Flow) -> None:
    event = await flow.push("content_removed")
    with connect.engine().begin() as connection:
        later = clock.now() + timedelta(minutes=1)
        connection.exec_driver_sql("UPDATE availability SET last_seen = %s", (later,))

    assert await flow.take(event) == 204
    assert len(rows(LIVE)) == 2


async def test_a_later_notice_wins_whatever_the_order_of_events(flow: Flow) -> None:
    removed = await flow.push("content_removed", regions=["US"])
    added = await flow.push("content_added", regions=["US"])
    assert (await flow.take(added), await flow.take(removed)) == (204, 204)

    assert [row[0] for row in rows(STATUS)] == ["outdated", "processed"]
    assert len(rows(LIVE)) == 2


async def test_a_new_listing_is_taken_at_the_platforms_word_without_any_offer(flow: Flow) -> None:
    said = {"title": "Ronin", "year": 1998, "content_type": "movie", "overview": "x " * 900}
    assert await flow.tell("content_added", "new1", regions=["US", "UK"], **said) == 204

    (event,) = flow.told("title.normalized")
    resolve = load("catalog_resolve")
    resolve.publisher = lambda: flow.sent  # type: ignore[attr-defined]
    assert (await ask(resolve.handle, "POST", "/", body=pushed(event))).status == 204
    assert [item["region"] for item in event.data["items"]] == ["US", "GB"]
    found = rows(
        "SELECT title, release_year, source FROM content JOIN field_source ON id = content_id"
        " WHERE title = 'Ronin'"
    )
    assert found == [("Ronin", 1998, "webhook")]
    assert rows("SELECT 1 FROM availability WHERE platform_content_id = 'new1'") == []
    assert rows("SELECT set_aside FROM ingest_page WHERE provider = 'webhook'") == [(0,)]


async def test_a_notice_never_blanks_or_overwrites_what_a_better_source_said(flow: Flow) -> None:
    await flow.tell("content_updated", title="HEAT (uncut)", year=2001, regions=["US"])
    (event,) = flow.told("title.normalized")
    resolve = load("catalog_resolve")
    resolve.publisher = lambda: flow.sent  # type: ignore[attr-defined]
    before = rows("SELECT release_year FROM content")
    await ask(resolve.handle, "POST", "/", body=pushed(event))

    assert before == [(1995,)]
    assert rows("SELECT count(*) FROM availability WHERE ended_at IS NULL") == [(2,)]


async def test_a_notice_that_says_too_little_is_a_dead_letter_at_once(flow: Flow) -> None:
    assert await flow.tell("content_added", "new2", title=None) == 204

    ((status, attempts, _, error),) = rows(STATUS)
    assert (status, attempts) == ("dead", 1)
    assert "payload.title" in error


async def test_a_new_listing_without_regions_is_where_we_follow_its_platform(flow: Flow) -> None:
    await flow.tell("content_added", "new5", regions=[])

    (event,) = flow.told("title.normalized")
    regions = [item["region"] for item in event.data["items"]]
    assert regions == ["AU", "CA", "DE", "FR", "GB", "JP", "US"]


async def test_more_items_than_one_event_carries_are_told_by_several(flow: Flow) -> None:
    codes = [f"{a}{b}" for a in "ABCDEF" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    await flow.tell("content_added", "new6", regions=codes)

    counts = [len(event.data["items"]) for event in flow.told("title.normalized")]
    assert counts == [100, 56]


async def test_a_known_listing_without_a_title_or_regions_needs_neither(flow: Flow) -> None:
    assert await flow.tell("content_updated", title=None, regions=[]) == 204
    assert rows(STATUS) == [("processed", 1, "0 regions looked up, 0 by the notice itself", None)]
    assert flow.told("title.normalized") == []


class Down:
    """A provider that does not answer."""

    @staticmethod
    def bring(*_: object) -> bool:
        """Fail."""
        raise UnavailableError("the provider is down")


async def test_what_fails_five_times_is_a_dead_letter(flow: Flow) -> None:
    flow.main.NotifiedShows = lambda *_: Down()  # type: ignore[attr-defined]
    event = await flow.push("content_updated")

    statuses = [await flow.take(event) for _ in range(6)]

    assert statuses == [503] * 4 + [204] * 2
    ((status, attempts, _, error),) = rows(STATUS)
    assert (status, attempts) == ("dead", 5)
    assert "the provider is down" in error


async def test_twenty_workers_with_one_removal_tell_of_it_once(flow: Flow) -> None:
    event = await flow.push("content_removed")
    statuses = await asyncio.gather(*(flow.take(event) for _ in range(20)))

    assert set(statuses) == {204}
    assert len(flow.told("availability.changed")) == 1
    assert rows(LIVE) == [("CA", "subscription")]


async def test_a_dead_letter_is_told_of_again_after_1_6_and_24_hours(flow: Flow) -> None:
    flow.main.NotifiedShows = lambda *_: Down()  # type: ignore[attr-defined]
    event, began, told = await flow.push("content_updated"), clock.now(), []
    for _ in range(4):
        for _ in range(5):
            await flow.take(event)
        while rows(STATUS)[0][0] == "dead" and clock.now() < began + timedelta(days=2):
            clock.advance(timedelta(minutes=15))
            await flow.tick()
        told.append((clock.now() - began) / timedelta(hours=1))
        event = flow.sent.events[-1]

    assert told == [1, 6, 24, 48]
    assert rows(STATUS)[0][0] == "dead"


async def test_a_notice_that_can_never_succeed_is_not_told_of_again(flow: Flow) -> None:
    await flow.tell("content_added", "new2", title=None)
    clock.advance(timedelta(days=2))

    await flow.tick()

    assert rows(STATUS)[0][0] == "dead"


async def test_tidying_forgets_what_is_old_and_tells_again_of_what_was_lost(flow: Flow) -> None:
    await flow.tell("content_removed", regions=["US"])
    await flow.tell("content_added", "new3", title=None)
    lost = await flow.push("content_added", "new4")
    clock.advance(timedelta(hours=25))
    await flow.tick()

    again = flow.sent.events[-1]
    assert again.event_id != lost.event_id
    assert again.data == lost.data
    assert rows("SELECT status FROM webhook_event ORDER BY status") == [("dead",), ("received",)]
    assert await flow.take(again) == 204


async def test_an_event_that_names_no_notice_is_set_aside(flow: Flow) -> None:
    event = (await flow.push("content_removed")).model_copy(
        update={"data": {"webhook_event_id": "x"}, "event_id": UUID(int=7)}
    )
    assert await flow.take(event) == 204
    assert rows("SELECT consumer FROM rejected_event") == [("local",)]
