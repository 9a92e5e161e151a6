"""Faults where official clients see them: which calls are struck, and what becomes of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import pytest_asyncio
from google.api_core import exceptions
from google.cloud.firestore_v1.services.firestore.async_client import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports.grpc_asyncio import (
    FirestoreGrpcAsyncIOTransport,
)
from google.pubsub_v1.services.publisher.async_client import PublisherAsyncClient
from google.pubsub_v1.services.publisher.transports.grpc_asyncio import (
    PublisherGrpcAsyncIOTransport,
)

from emulators.core.clock import VirtualClock
from emulators.core.errors import EmulatorError
from emulators.core.faults import Faults
from emulators.core.journal import Journal
from emulators.core.rules import Rule, rule_of
from emulators.firestore.service import endpoint as firestore
from emulators.pubsub.service import endpoint as pubsub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.emulated.conftest import Emulator, ServeEmulator

TOPIC = "projects/p/topics/films"
DATABASE = "projects/p/databases/(default)"
FILMS = f"{DATABASE}/documents"


async def until(met: Callable[[], object]) -> None:
    """Return once something has come about; fail when it does not."""
    for _ in range(1000):
        if met():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not come about")


@dataclass
class Publisher:
    """Pub/Sub, a topic, and a client that does not try again."""

    emulator: Emulator
    client: Any

    def strike(self, **rule: object) -> Rule:
        """Put a fault in force as the console does, and return it."""
        faults = self.emulator.context.faults
        made = rule_of({"service": "pubsub"} | rule, faults.known)
        faults.add(made)
        return made

    async def publish(self, text: str = "heat", topic: str = TOPIC) -> str:
        """Return what became of one message: ``ok``, or the code of the error."""
        messages = [{"data": text.encode()}]
        try:
            await self.client.publish(topic=topic, messages=messages, retry=None, timeout=20)
        except exceptions.GoogleAPICallError as error:
            return str(getattr(error.grpc_status_code, "name", ""))
        return "ok"

    async def published(self) -> int:
        """Return how many messages the topic has taken."""
        return len({key for _, key, _ in self.entries("pubsub.message")})

    def entries(self, space: str) -> list[tuple[str, str, bytes]]:
        """Return what a space of the journal holds."""
        found = self.emulator.context.journal.everything()
        return [entry for entry in found if entry[0] == space]


@pytest_asyncio.fixture
async def publisher(serve_emulator: ServeEmulator) -> AsyncIterator[Publisher]:
    emulator = await serve_emulator(pubsub)
    channel = grpc.aio.insecure_channel(emulator.address)
    client = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
    for name in (TOPIC, TOPIC + "-other"):
        topic = {"name": name, "message_retention_duration": {"seconds": 3600}}
        await client.create_topic(request=topic)
    yield Publisher(emulator, client)
    await channel.close(None)


async def test_only_the_nth_matching_call_is_struck(publisher: Publisher) -> None:
    rule = publisher.strike(action="error", method="Publish", nth=2, status="aborted")

    assert [await publisher.publish() for _ in range(4)] == ["ok", "ABORTED", "ok", "ok"]
    assert (rule.seen, rule.struck) == (4, 1)


async def test_each_nth_matching_call_is_struck(publisher: Publisher) -> None:
    publisher.strike(action="error", method="Publish", every=2)

    outcomes = [await publisher.publish() for _ in range(6)]

    assert outcomes == ["ok", "UNAVAILABLE"] * 3


@pytest.mark.parametrize("pattern", [TOPIC, "*/films", "topics/film?"])
async def test_only_calls_about_the_resource_are_struck(publisher: Publisher, pattern: str) -> None:
    publisher.strike(action="error", resource=pattern)

    outcomes = [await publisher.publish(), await publisher.publish(topic=TOPIC + "-other")]

    assert outcomes == ["UNAVAILABLE", "ok"]


async def test_the_same_seed_strikes_the_same_calls(publisher: Publisher) -> None:
    faults = publisher.emulator.context.faults

    async def run(seed: int) -> list[str]:
        faults.clear()
        faults.reseed(seed)
        publisher.strike(action="error", method="Publish", probability=0.5)
        publisher.strike(action="error", method="GetTopic", probability=0.5)
        return [await publisher.publish() for _ in range(40)]

    first, other, again = await run(7), await run(8), await run(7)

    assert first == again
    assert first != other
    assert {*first} == {"ok", "UNAVAILABLE"}


async def test_a_dropped_reply_leaves_its_effect_and_an_error_leaves_none(
    publisher: Publisher,
) -> None:
    publisher.strike(action="drop", method="Publish", nth=1)
    publisher.strike(action="error", method="Publish", nth=2)

    outcomes = [await publisher.publish(), await publisher.publish()]

    assert outcomes == ["UNAVAILABLE", "UNAVAILABLE"]
    assert await publisher.published() == 1


async def test_a_duplicated_call_has_its_effect_twice(publisher: Publisher) -> None:
    publisher.strike(action="duplicate", method="Publish", nth=1)

    assert await publisher.publish() == "ok"
    assert await publisher.published() == 2


async def test_a_reordered_call_has_its_effect_after_the_next_one(publisher: Publisher) -> None:
    rule = publisher.strike(action="reorder", method="Publish", nth=1, seconds=10)

    first = asyncio.create_task(publisher.publish("first"))
    await until(lambda: rule.struck)
    await publisher.publish("second")

    assert await first == "ok"
    messages = [value for *_, value in publisher.entries("pubsub.message")]
    assert [b"second" in message for message in messages] == [True, False]


@pytest.mark.parametrize(("at", "taken"), [("before", 0), ("after", 1)])
async def test_a_disconnected_call_ends_with_its_connection(
    publisher: Publisher, at: str, taken: int
) -> None:
    publisher.strike(action="disconnect", method="Publish", at=at, remaining=1)
    open_before = await publisher.publish()

    assert open_before == "UNAVAILABLE"
    assert await publisher.published() == taken
    assert await publisher.publish() == "ok"  # on a new connection


async def test_a_delay_lasts_as_long_as_the_virtual_clock_says(publisher: Publisher) -> None:
    publisher.emulator.clock.freeze()
    publisher.strike(action="delay", method="Publish", seconds=3600)

    call = asyncio.create_task(publisher.publish())
    await until(lambda: publisher.emulator.clock.waiting)
    early = call.done()
    publisher.emulator.clock.advance(3600)

    assert not early
    assert await call == "ok"


# Streams


@dataclass
class Documents:
    """Firestore, and a client that speaks its wire."""

    emulator: Emulator
    client: Any

    def strike(self, **rule: object) -> Rule:
        """Put a fault in force as the console does, and return it."""
        faults = self.emulator.context.faults
        made = rule_of({"service": "firestore"} | rule, faults.known)
        faults.add(made)
        return made

    async def names(self) -> list[str]:
        """Return the names of all films, as they come on the stream."""
        query = {"from_": [{"collection_id": "films"}]}
        request = {"parent": FILMS, "structured_query": query}
        stream = await self.client.run_query(request=request, retry=None, timeout=20)
        return [found.document.name.rpartition("/")[2] async for found in stream]

    async def listen(self, token: bytes = b"") -> tuple[list[str], bytes]:
        """Return the kinds of what a listener is told up to its first snapshot, and the token."""
        query = {"parent": FILMS, "structured_query": {"from_": [{"collection_id": "films"}]}}
        target = {"query": query, "target_id": 1} | ({"resume_token": token} if token else {})
        done = asyncio.Event()

        async def requests() -> AsyncIterator[dict[str, object]]:
            yield {"database": DATABASE, "add_target": target}
            await done.wait()

        told: list[str] = []
        last = b""
        stream = await self.client.listen(requests=requests(), timeout=20)
        async for answer in stream:
            change = answer.target_change
            kind = answer._pb.WhichOneof("response_type")
            told.append(change.target_change_type.name if kind == "target_change" else kind)
            if told[-1] == "NO_CHANGE":
                last = change.resume_token
                break
        done.set()
        return told, last


@pytest_asyncio.fixture
async def documents(serve_emulator: ServeEmulator) -> AsyncIterator[Documents]:
    emulator = await serve_emulator(firestore)
    channel = grpc.aio.insecure_channel(emulator.address)
    client = FirestoreAsyncClient(transport=FirestoreGrpcAsyncIOTransport(channel=channel))
    writes = [{"update": {"name": f"{FILMS}/films/{name}"}} for name in ("alien", "brazil", "heat")]
    await client.commit(request={"database": DATABASE, "writes": writes})
    yield Documents(emulator, client)
    await channel.close(None)


@pytest.mark.parametrize(
    ("action", "seen"),
    [
        ("drop", ["alien", "heat"]),
        ("duplicate", ["alien", "brazil", "brazil", "heat"]),
        ("reorder", ["alien", "heat", "brazil"]),
    ],
)
async def test_the_nth_reply_of_a_stream_is_struck(
    documents: Documents, action: str, seen: list[str]
) -> None:
    documents.strike(action=action, method="RunQuery", reply=2)

    assert await documents.names() == seen


@pytest.mark.parametrize("action", ["error", "disconnect"])
async def test_a_stream_ends_at_its_nth_reply(documents: Documents, action: str) -> None:
    documents.strike(action=action, method="RunQuery", reply=2, remaining=1)

    with pytest.raises(exceptions.ServiceUnavailable):
        await documents.names()

    assert await documents.names() == ["alien", "brazil", "heat"]


async def test_a_stale_resume_token_brings_everything_anew(documents: Documents) -> None:
    _, token = await documents.listen()
    resumed, _ = await documents.listen(token)
    rule = documents.strike(action="stale", method="Listen")

    anew, _ = await documents.listen(token)

    assert "document_change" not in resumed
    assert anew.count("document_change") == 3
    assert "RESET" in anew
    assert rule.struck == 1


# What is no rule


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({}, "action"),
        ({"action": "explode"}, "action"),
        ({"action": "error", "colour": "red"}, "colour"),
        ({"action": "error", "service": "pubsup"}, "service"),
        ({"action": "error", "method": "Publisch"}, "method"),
        ({"action": "error", "service": "pubsub", "method": "Commit"}, "method"),
        ({"action": "stale", "service": "pubsub"}, "action"),
        ({"action": "crash", "method": "Deliver"}, "action"),
        ({"action": "duplicate", "method": "StreamingPull"}, "reply"),
        ({"action": "error", "method": "Publish", "reply": 1}, "reply"),
        ({"action": "error", "status": "SAD"}, "status"),
        ({"action": "error", "status": "OK"}, "status"),
        ({"action": "drop", "status": "ABORTED"}, "status"),
        ({"action": "error", "probability": 1.5}, "probability"),
        ({"action": "error", "probability": "often"}, "probability"),
        ({"action": "error", "nth": 0}, "nth"),
        ({"action": "error", "nth": 1, "every": 2}, "every"),
        ({"action": "error", "remaining": 0}, "remaining"),
        ({"action": "delay"}, "seconds"),
        ({"action": "delay", "seconds": -1}, "seconds"),
        ({"action": "error", "at": "after_disk"}, "at"),
        ({"action": "crash", "at": "sometime"}, "at"),
        ({"action": "crash", "unsynced": "some"}, "unsynced"),
        ({"action": "error", "unsynced": "kept"}, "unsynced"),
        ({"action": "error", "resource": 7}, "resource"),
    ],
)
async def test_what_is_no_rule_is_refused_by_its_field(
    publisher: Publisher, rule: dict[str, object], field: str
) -> None:
    with pytest.raises(EmulatorError, match=rf"^{field}: ") as refused:
        rule_of(rule, publisher.emulator.context.faults.known)

    assert refused.value.status is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_rule_goes_on_counting_after_a_crash_it_survived(tmp_path: Path) -> None:
    clock, died = VirtualClock(), asyncio.Event()
    before = Journal(tmp_path / "emulators.sqlite")
    faults = Faults(clock, 7, journal=before, die=died.set)
    faults.add(Rule("error", method="Get", probability=0.5))
    faults.add(Rule("crash", method="Set", remaining=1))
    drawn = [faults.strikes("error", "s", "Get") for _ in range(20)]
    await faults.before("s", "Set")
    before.close()

    after = Journal(tmp_path / "emulators.sqlite")
    restored = Faults(clock, journal=after)
    rest = [restored.strikes("error", "s", "Get") for _ in range(20)]
    after.close()

    whole = Faults(clock, 7)
    whole.add(Rule("error", method="Get", probability=0.5))
    assert died.is_set()
    assert restored.rules()[1].struck == sum(drawn) + sum(rest)
    assert drawn + rest == [whole.strikes("error", "s", "Get") for _ in range(40)]
    assert restored.rules()[2].remaining == 0
