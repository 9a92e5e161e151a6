"""Events that failed five times: kept, delivered again to who failed, at last left to a person."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from emulators.pubsub.service import endpoint
from shared.adapters import connect, pubsub
from shared.kernel import ids
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from shared.kernel.pages import Cursors
from tests.emulated.conftest import Laboratory
from tests.fakes import catalog
from tests.fakes.edge import Answer, ask, load, pushed
from tests.fakes.surroundings import change
from tests.fakes.tokens import Authority, trusted
from tests.fakes.waiting import until
from tests.fakes.webhooks import rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from types import ModuleType

TOPIC = "content.updated"
STEPS = ("search-index", "webhook-deliver")
PARENT = "projects/media-gateway-local"
ROOT = "/api/v1/admin/dead-letters"
STATE = "SELECT consumer, status, redeliveries FROM rejected_event ORDER BY id"
HOURS = timedelta(hours=1)
clock = FixedClock(catalog.NOW)
TURN = {"x-cloudscheduler": "true", "x-cloudscheduler-jobname": "dead-letters-keep"}


@pytest.fixture
def keep(connected: connect.Addresses) -> ModuleType:
    """The function that keeps dead letters, at the beginning of time."""
    assert connected.database_url
    clock.at = catalog.NOW
    main = load("dead_letters_keep")
    main.clock = clock  # type: ignore[attr-defined]
    return main


def updated(number: int = 0) -> Event:
    return Event(
        event_id=ids.named("heat", str(number)),
        event_type=TOPIC,
        occurred_at=catalog.NOW,
        correlation_id="test",
        data={"content_ids": []},
    )


def dead(event: Event, message: str, subscription: str = f"search-index--{TOPIC}") -> bytes:
    """Return what Pub/Sub pushes from a topic of dead letters."""
    body = orjson.loads(pushed(event))
    source = "CloudPubSubDeadLetterSource"
    attributes = {f"{source}Subscription": subscription, f"{source}DeliveryCount": "5"}
    body["message"] |= {"messageId": message, "attributes": attributes}
    return orjson.dumps(body)


async def turn(keep: ModuleType) -> int:
    """Let the schedule call."""
    return (await ask(keep.handle, "POST", "/", body=b"{}", headers=TURN)).status


class Again:
    """Takes what is delivered again."""

    def __init__(self, missed: set[int] | None = None) -> None:
        self.sent: list[tuple[str, str]] = []
        self.missed = missed or set()

    def send_again(self, letters: Any) -> set[int]:  # noqa: ANN401 - letters
        """Note each."""
        self.sent += [(one.topic, one.consumer) for one in letters]
        return self.missed


async def test_a_dead_letter_comes_again_after_1_6_and_24_hours_and_then_waits_for_a_person(
    keep: ModuleType,
) -> None:
    again = Again()
    keep.publisher = lambda: again  # type: ignore[attr-defined]
    waited = []
    for failure in range(4):
        answer = await ask(keep.handle, "POST", "/", body=dead(updated(), str(failure)))
        assert answer.status == 204
        for quarter in range(4 * 30):
            before = len(again.sent)
            await turn(keep)
            if len(again.sent) > before:
                waited.append((clock.now() - catalog.NOW) / HOURS)
                break
            clock.advance(HOURS / 4)
            assert quarter < 4 * 30

    assert waited == [1, 6, 24]
    assert again.sent == [(TOPIC, "search-index")] * 3
    assert rows(STATE) == [("search-index", "dead", 3)]
    assert rows("SELECT next_at FROM rejected_event") == [(None,)]


async def test_one_failure_that_is_told_of_twice_counts_once(keep: ModuleType) -> None:
    again = Again()
    keep.publisher = lambda: again  # type: ignore[attr-defined]
    body = dead(updated(), "1")
    await ask(keep.handle, "POST", "/", body=body)
    clock.advance(HOURS)
    await turn(keep)

    await ask(keep.handle, "POST", "/", body=body)

    assert rows(STATE) == [("search-index", "redelivered", 1)]


async def test_two_consumers_of_one_event_have_a_letter_each(keep: ModuleType) -> None:
    for name in STEPS:
        await ask(keep.handle, "POST", "/", body=dead(updated(), name, f"{name}--{TOPIC}"))

    assert [row[0] for row in rows(STATE)] == list(STEPS)


async def test_what_pubsub_does_not_take_comes_later_and_holds_nobody_up(keep: ModuleType) -> None:
    again = Again({0})
    keep.publisher = lambda: again  # type: ignore[attr-defined]
    for number in range(2):
        await ask(keep.handle, "POST", "/", body=dead(updated(number), str(number)))
    clock.advance(HOURS)
    await turn(keep)

    assert [row[1:] for row in rows(STATE)] == [("dead", 0), ("redelivered", 1)]
    again.missed = set()
    clock.advance(HOURS)
    await turn(keep)
    assert [row[1:] for row in rows(STATE)] == [("redelivered", 1), ("redelivered", 1)]


async def test_letters_are_forgotten_after_ninety_days(keep: ModuleType) -> None:
    await ask(keep.handle, "POST", "/", body=dead(updated(), "1"))
    keep.publisher = Again  # type: ignore[attr-defined]

    clock.advance(timedelta(days=90))
    await turn(keep)
    assert len(rows(STATE)) == 1
    clock.advance(timedelta(seconds=1))
    await turn(keep)
    assert rows(STATE) == []


@pytest.mark.parametrize("subscription", ["", "search-index"])
async def test_a_letter_of_nobody_is_set_aside(keep: ModuleType, subscription: str) -> None:
    answer = await ask(keep.handle, "POST", "/", body=dead(updated(), "1", subscription))

    assert answer.status == 204
    assert [row[1] for row in rows(STATE)] == ["rejected"]


class Step:
    """A consumer of which a test says whether it works."""

    def __init__(self) -> None:
        self.works = True
        self.taken = 0

    async def handle(self, _request: web.Request) -> web.Response:
        """Take one push, or fail at it."""
        self.taken += self.works
        return web.Response(status=204 if self.works else 500)


class Keeper:
    """The function as a server has it."""

    def __init__(self, main: ModuleType) -> None:
        self.main = main

    async def handle(self, request: web.Request) -> web.Response:
        """Hand a push on."""
        answer = await ask(self.main.handle, "POST", "/", body=await request.read())
        return web.Response(status=answer.status)


@pytest_asyncio.fixture
async def pipeline(
    keep: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[ModuleType, dict[str, Step]]]:
    """Two consumers of one topic, its dead letters and who keeps them, through Pub/Sub."""
    laboratory, steps = Laboratory(), {name: Step() for name in STEPS}
    emulator = await laboratory(endpoint)
    change(monkeypatch, {"PUBSUB_EMULATOR_HOST": emulator.address})
    pubsub._client.cache_clear()
    app = web.Application()
    app.add_routes([web.post(f"/{name}", step.handle) for name, step in steps.items()])
    app.add_routes([web.post("/keep", Keeper(keep).handle)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await _subscribe(emulator.address, f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield keep, steps
    pubsub._client().stop()
    pubsub._client.cache_clear()
    await runner.cleanup()
    await laboratory.stop()


async def _subscribe(pubsub_address: str, receivers: str) -> None:
    """Make what Terraform and the local cloud make of one topic."""
    dead_topic = f"{PARENT}/topics/{TOPIC}--dead-letter"
    made: dict[str, Any] = {f"topics/{TOPIC}": {}, f"topics/{TOPIC}--dead-letter": {}}
    for name in STEPS:
        made[f"subscriptions/{name}--{TOPIC}"] = {
            "topic": f"{PARENT}/topics/{TOPIC}",
            "pushConfig": {"pushEndpoint": f"{receivers}/{name}"},
            "filter": f'attributes.redelivered_to = "{name}" OR NOT attributes:redelivered_to',
            "retryPolicy": {"minimumBackoff": "0.01s", "maximumBackoff": "0.02s"},
            "deadLetterPolicy": {"deadLetterTopic": dead_topic, "maxDeliveryAttempts": 5},
        }
    made[f"subscriptions/{TOPIC}--dead-letter"] = {
        "topic": dead_topic,
        "pushConfig": {"pushEndpoint": f"{receivers}/keep"},
    }
    async with ClientSession(f"http://{pubsub_address}") as http:
        for name, body in made.items():
            async with http.put(f"/v1/{PARENT}/{name}", json=body) as answer:
                assert answer.status == 200, await answer.text()


async def test_only_the_consumer_that_failed_gets_it_again_through_pubsub(
    pipeline: tuple[ModuleType, dict[str, Step]],
) -> None:
    keep, steps = pipeline
    index, other = (steps[name] for name in STEPS)
    index.works = False
    await asyncio.to_thread(pubsub.PubSubPublisher().publish, [updated()])
    assert await asyncio.to_thread(until, lambda: rows(STATE) == [("search-index", "dead", 0)])

    index.works = True
    clock.advance(HOURS)
    assert await turn(keep) == 204
    assert await asyncio.to_thread(until, lambda: index.taken == 1)

    assert other.taken == 1
    assert rows(STATE) == [("search-index", "redelivered", 1)]


@pytest.fixture
def desk(
    keep: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Awaitable[Answer]]]:
    """The administrators' function, asked as one of them."""
    assert keep.clock is clock
    main = load("dead_letters_admin")
    main.clock = clock  # type: ignore[attr-defined]
    signed = Cursors([b"k" * 32], clock)
    main.cursors = lambda: signed  # type: ignore[attr-defined]
    with trusted(monkeypatch) as authority:
        yield lambda *said, **more: _asked(main, authority, *said, **more)


async def _asked(
    main: ModuleType, authority: Authority, method: str, target: str, said: object = None
) -> Answer:
    body = b"" if said is None else orjson.dumps(said)
    headers = {"authorization": f"Bearer {authority.admin()}"}
    return await ask(main.handle, method, target, body=body, headers=headers)


async def test_an_administrator_sees_letters_page_by_page_without_what_they_say(
    keep: ModuleType, desk: Callable[..., Awaitable[Answer]]
) -> None:
    for number in range(3):
        await ask(keep.handle, "POST", "/", body=dead(updated(number), str(number)))
        clock.advance(HOURS / 60)

    first = (await desk("GET", f"{ROOT}?per_page=2&status=dead")).json
    rest = (await desk("GET", first["_links"]["next"])).json
    back = (await desk("GET", rest["_links"]["prev"])).json

    numbers = [[row["event_id"] for row in page["data"]] for page in (first, rest)]
    assert numbers == [[str(updated(n).event_id) for n in some] for some in ([2, 1], [0])]
    assert back["data"] == first["data"]
    assert first["data"][0]["topic"] == TOPIC
    assert "payload" not in first["data"][0]
    assert (await desk("GET", f"{ROOT}?consumer=nobody")).json["data"] == []


async def test_what_was_given_up_or_rejected_is_delivered_again_by_hand_and_audited(
    keep: ModuleType, desk: Callable[..., Awaitable[Answer]]
) -> None:
    again = Again()
    keep.publisher = lambda: again  # type: ignore[attr-defined]
    await ask(keep.handle, "POST", "/", body=dead(updated(), "1", ""))
    await ask(keep.handle, "POST", "/", body=dead(updated(1), "2"))

    dead_ones = await desk("POST", f"{ROOT}/replay", {"consumer": "search-index"})
    rejected = await desk("POST", f"{ROOT}/replay", {"status": "rejected"})
    await turn(keep)

    assert (dead_ones.status, dead_ones.json["replayed"]) == (202, 1)
    assert (rejected.status, rejected.json["replayed"]) == (202, 1)
    assert len(again.sent) == 2
    assert [row[1] for row in rows(STATE)] == ["redelivered"] * 2
    assert rows("SELECT resource_type FROM audit.audit_log") == [("dead-letters",)] * 2


async def test_what_nobody_can_read_waits_for_a_person_whoever_asks_for_it(
    keep: ModuleType, desk: Callable[..., Awaitable[Answer]]
) -> None:
    keep.publisher = Again  # type: ignore[attr-defined]
    await ask(keep.handle, "POST", "/", body=b"no JSON")

    await desk("POST", f"{ROOT}/replay", {"status": "rejected"})
    await turn(keep)

    assert rows(STATE) == [("local", "rejected", 0)]
    assert rows("SELECT next_at FROM rejected_event") == [(None,)]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"status": "lost"}, "status"),
        ({"consumer": "Search Index"}, "consumer"),
        ({"topic": "films"}, "topic"),
        ({"ids": []}, "ids"),
        ({"ids": [1 << 63]}, "ids.0"),
        ({"all": True}, "all"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_by_field(
    desk: Callable[..., Awaitable[Answer]], said: object, field: str
) -> None:
    answer = await desk("POST", f"{ROOT}/replay", said)

    assert answer.status == 422
    assert [issue["field"] for issue in answer.json["errors"]] == [field]
