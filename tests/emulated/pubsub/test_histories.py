"""Random histories through the official clients end as an obvious model says, step by step."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from google.api_core import exceptions
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.server import serve
from emulators.pubsub.service import endpoint
from tests.emulated import targets
from tests.emulated.pubsub.conftest import _quiet
from tests.emulated.pubsub.model import Config, Model, is_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ("", "a", "b")
CONFIGS = st.builds(
    Config,
    ordered=st.booleans(),
    filtered=st.booleans(),
    once=st.booleans(),
    retain=st.booleans(),
    dead=st.booleans(),
    backoff=st.sampled_from([None, (0, 0), (10, 15), (10, 600)]),
    ack_seconds=st.sampled_from([10, 60]),
    retention=st.sampled_from([600, 3600]),
)
EVERYWHERE = ("publish", "publish", "pull", "pull", "ack", "nack", "refuse")
HERE = (
    *EVERYWHERE,
    "refuse",
    "prolong",
    "advance",
    "advance",
    "seek",
    "late",
    "capture",
    "restore",
)
NUMBERS = st.integers(0, 9)


def histories(steps: tuple[str, ...]) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """Return lists of steps, each with two numbers that it reads as it likes."""
    return st.lists(st.tuples(st.sampled_from(steps), NUMBERS, NUMBERS), min_size=5, max_size=40)


class Ours:
    """Our emulator in a thread of its own, so that clients may block."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.clock.freeze()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.running = self._run(self._serve())

    async def _serve(self) -> Any:  # noqa: ANN401 - what the server answers with
        clock = self.clock
        parts = (Journal(None), Faults(clock), Signer(clock))
        context = Context(clock, *parts, addresses={}, http=aiohttp.ClientSession)
        return await serve(await endpoint(context), 0)

    def advance(self, seconds: int) -> None:
        """Turn the clock, and let what was due happen."""

        async def turn() -> None:
            self.clock.advance(seconds)
            for _ in range(20):
                await asyncio.sleep(0)

        self._run(turn())

    def stop(self) -> None:
        """End the thread."""
        self._run(self.running.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def _run(self, work: Any) -> Any:  # noqa: ANN401 - any coroutine and its result
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


class World:
    """A topic with one subscription, the model of it, and what is held of its deliveries."""

    def __init__(self, clients: Clients, config: Config) -> None:
        self.clients = clients
        self.config = config
        self.model = Model(config, clients.now())
        project = f"projects/h{token_hex(6)}"
        self.topic, self.dead = f"{project}/topics/films", f"{project}/topics/dead"
        self.name, self.morgue = (
            f"{project}/subscriptions/{each}" for each in ("viewer", "morgue")
        )
        self.snapshot = f"{project}/snapshots/before"
        self.held: list[tuple[str, int, int]] = []  # ack id, message, delivery
        for topic in (self.topic, self.dead):
            clients.publisher.create_topic(name=topic)
        clients.subscriber.create_subscription(name=self.morgue, topic=self.dead)
        clients.subscriber.create_subscription(request=self._request())

    def _request(self) -> dict[str, Any]:
        config = self.config
        request: dict[str, Any] = {
            "name": self.name,
            "topic": self.topic,
            "ack_deadline_seconds": config.ack_seconds,
            "enable_message_ordering": config.ordered,
            "enable_exactly_once_delivery": config.once,
            "retain_acked_messages": config.retain,
            "message_retention_duration": {"seconds": config.retention},
        }
        if config.filtered:
            request["filter"] = 'attributes.kind = "film"'
        if config.dead:
            request["dead_letter_policy"] = {"dead_letter_topic": self.dead}
        if config.backoff is not None:
            least, most = ({"seconds": each} for each in config.backoff)
            request["retry_policy"] = {"minimum_backoff": least, "maximum_backoff": most}
        return request

    def publish(self, key: int, kind: int) -> None:
        """One message, a second after what was before."""
        self.advance(0, 1)
        wanted, named = kind % 3 > 0, KEYS[key % len(KEYS)]
        message = {
            "data": str(len(self.model.items)).encode(),
            "ordering_key": named,
            "attributes": {"kind": "film" if wanted else "series"},
        }
        self.clients.publisher._gapic_publish(request={"topic": self.topic, "messages": [message]})
        self.model.publish(named, wanted=wanted)

    def pull(self, count: int, _: int) -> None:
        """Take some: all that may be there, in order, with their attempts."""
        count += 1
        waiting = {item.number for item in self.model.deliverable()}
        received = self.clients.pull(self.name, count)
        numbers = [int(each.message.data) for each in received]
        assert len(set(numbers)) == len(numbers)
        assert set(numbers) <= waiting
        if self.clients.exact:
            assert len(numbers) == min(count, len(waiting))
        if self.config.ordered:
            assert is_in_order(numbers, self.model)
        for each, number in zip(received, numbers, strict=True):
            attempt, delivery = self.model.deliver(number)
            assert each.delivery_attempt == (attempt if self.config.dead else 0)
            self.held.append((each.ack_id, number, delivery))

    def ack(self, place: int, count: int) -> None:
        """Acknowledge some of what is held, the last deliveries first or not."""
        self._answer(self.held[-1 - place :][: count + 1])

    def late(self, place: int, _: int) -> None:
        """Acknowledge something that was delivered long ago."""
        self._answer(self.held[place : place + 1])

    def _answer(self, chosen: list[tuple[str, int, int]]) -> None:
        chosen = sorted(chosen, key=lambda each: each[1])
        good, bad = [], set()
        for ack_id, number, delivery in chosen:
            if not self.config.once:
                good += [number] if self.model.counts(number, delivery) else []
            elif not self.model.current(number, delivery):
                bad.add(ack_id)
            elif not self.model.in_turn(number):
                bad.add(ack_id)
                continue
            else:
                good.append(number)
            if number in good:
                self.model.acknowledge(number)
        self.held = [each for each in self.held if each not in chosen or each[0] in bad]
        if chosen:
            refused = self.clients.acknowledge(self.name, [each[0] for each in chosen])
            assert refused == bad

    def nack(self, place: int, _: int) -> None:
        """Give one delivery back; on Google's emulator no answer to it counts any more."""
        self._modify(place, 0)
        if self.held and not self.clients.exact:
            del self.held[max(0, len(self.held) - 1 - place)]

    def refuse(self, times: int, _: int) -> None:
        """Take everything and give it all back, again and again."""
        for _ in range(times % 4 + 1):
            self.pull(100, 0)
            for _ in range(len(self.held)):
                self._modify(0, 0)
                self.held.pop()

    def prolong(self, place: int, seconds: int) -> None:
        """Let one lease end at another moment."""
        self._modify(place, 10 * seconds + 1)

    def _modify(self, place: int, seconds: int) -> None:
        for ack_id, number, delivery in self.held[-1 - place :][:1]:
            refused = self.clients.modify(self.name, ack_id, seconds)
            current = self.model.current(number, delivery)
            assert refused == (set() if current or not self.config.once else {ack_id})
            if current and seconds:
                self.model.prolong(number, seconds)
            elif current:
                self.model.fail(self.model.items[number])

    def advance(self, tens: int, seconds: int) -> None:
        """Let time pass, up to a minute and a half."""
        self.clients.advance(10 * tens + seconds)
        self.model.advance(10 * tens + seconds)

    def seek(self, back: int, seconds: int) -> None:
        """Go to a moment some seconds ago."""
        moment = self.model.now - 10 * back - seconds
        when = datetime.fromtimestamp(moment, UTC)
        self.clients.subscriber.seek(request={"subscription": self.name, "time": when})
        self.model.seek(when.timestamp())

    def capture(self, _: int, __: int) -> None:
        """Make the one snapshot, if there is none."""
        if self.model.captured is None:
            self.clients.subscriber.create_snapshot(name=self.snapshot, subscription=self.name)
            self.model.capture()

    def restore(self, _: int, __: int) -> None:
        """Go back to the snapshot, if there is one."""
        if self.model.captured is not None:
            target = {"subscription": self.name, "snapshot": self.snapshot}
            self.clients.subscriber.seek(request=target)
            self.model.restore()

    def end(self) -> None:
        """Take all that is left, until nothing comes: nothing is lost, nothing comes in vain."""
        for _ in range(60):
            self.pull(1000, 0)
            self.ack(10_000, 10_000)
            if not self.model.kept():
                break
            if self.clients.exact:
                self.advance(0, 60)
        assert self.model.kept() == []
        assert self.clients.pull(self.name, 1000) == []
        buried = [int(each.message.data) for each in self.clients.pull(self.morgue, 1000)]
        assert sorted(buried) == sorted(self.model.dead)


class Clients:
    """The official clients, blocking, and what a target can do."""

    def __init__(self, ours: Ours | None) -> None:
        self.ours = ours
        self.publisher, self.subscriber = PublisherClient(), SubscriberClient()

    @property
    def exact(self) -> bool:
        """Whether a pull gives all that there is, and time is ours."""
        return self.ours is not None

    def now(self) -> float:
        """Return the time, where it matters."""
        return self.ours.clock.now() if self.ours else 0.0

    def advance(self, seconds: int) -> None:
        """Let time pass, where it is ours."""
        if self.ours is not None:
            self.ours.advance(seconds)

    def pull(self, name: str, count: int) -> list[Any]:
        """Return what is there now."""
        request = {"subscription": name, "max_messages": count, "return_immediately": True}
        return list(_quiet(self.subscriber.pull, request).received_messages)

    def acknowledge(self, name: str, ids: list[str]) -> set[str]:
        """Acknowledge, and return the ids that are refused."""
        call = self.subscriber.acknowledge
        return _refused(lambda: call(request={"subscription": name, "ack_ids": ids}))

    def modify(self, name: str, ack_id: str, seconds: int) -> set[str]:
        """Change a lease, and return the ids that are refused."""
        request = {"subscription": name, "ack_ids": [ack_id], "ack_deadline_seconds": seconds}
        return _refused(lambda: self.subscriber.modify_ack_deadline(request=request))


def _refused(call: Any) -> set[str]:  # noqa: ANN401 - any call
    try:
        call()
    except exceptions.InvalidArgument as error:
        return set(dict(error.details[0].metadata))
    return set()


@pytest.fixture(scope="module")
def clients(request: pytest.FixtureRequest, google_address: str | None) -> Iterator[Clients]:
    """Clients of one emulator for all histories; each has a project of its own."""
    if targets.project(request.config):
        pytest.skip("local: histories need a project each")
    with contextlib.ExitStack() as stack:
        ours = Ours() if google_address is None else None
        if ours is not None:
            stack.callback(ours.stop)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        address = google_address if ours is None else ours.running.address
        patch.setenv("PUBSUB_EMULATOR_HOST", str(address))
        made = Clients(ours)
        stack.callback(made.subscriber.close)
        stack.callback(made.publisher.transport.close)
        yield made


def run(clients: Clients, config: Config, steps: list[tuple[str, int, int]]) -> None:
    world = World(clients, config)
    for name, one, other in [("publish", 0, 1), ("publish", 1, 1), ("publish", 1, 1), *steps]:
        getattr(world, name)(one, other)
    world.end()


@pytest.mark.ours("turns the clock")
@settings(max_examples=100, deadline=None)
@given(config=CONFIGS, steps=histories(HERE))
def test_every_history_goes_as_the_model_says(
    clients: Clients, config: Config, steps: list[tuple[str, int, int]]
) -> None:
    run(clients, config, steps)


@pytest.mark.ours("turns the clock")
@pytest.mark.soak
@settings(max_examples=1500, deadline=None)
@given(config=CONFIGS, steps=histories(HERE))
def test_many_histories_go_as_the_model_says(
    clients: Clients, config: Config, steps: list[tuple[str, int, int]]
) -> None:
    run(clients, config, steps)


@settings(max_examples=15, deadline=None)
@given(retain=st.booleans(), steps=histories(EVERYWHERE))
def test_histories_that_need_no_clock_go_so_on_googles_emulator_too(
    clients: Clients, retain: bool, steps: list[tuple[str, int, int]]
) -> None:
    run(clients, Config(retain=retain, ack_seconds=600), steps)
