"""A run is recorded and done again: random histories, and two replays that end in equal bytes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import grpc
import pytest
from aiohttp import web
from google.api_core import exceptions
from google.cloud.firestore_v1.services.firestore.async_client import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports.grpc_asyncio import (
    FirestoreGrpcAsyncIOTransport,
)
from google.pubsub_v1.services.publisher.async_client import PublisherAsyncClient
from google.pubsub_v1.services.publisher.transports.grpc_asyncio import (
    PublisherGrpcAsyncIOTransport,
)
from google.pubsub_v1.services.subscriber.async_client import SubscriberAsyncClient
from google.pubsub_v1.services.subscriber.transports.grpc_asyncio import (
    SubscriberGrpcAsyncIOTransport,
)

from emulators.core.chance import Chance
from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.server import Endpoint, serve
from emulators.serve import session_of
from emulators.services import find_service
from emulators.state.folder import DamagedError, export, state_of
from emulators.state.recording import Recording
from emulators.state.replay import replay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from emulators.state.folder import State

pytestmark = pytest.mark.filterwarnings("ignore:The return_immediately flag")
SERVICES = ("pubsub", "firestore")
TOPIC, SUBSCRIPTION = "projects/p/topics/films", "projects/p/subscriptions/films"
DATABASE = "projects/p/databases/(default)"
FILMS = f"{DATABASE}/documents/films"
NAMES = ("alien", "brazil", "casablanca", "drive")


@dataclass
class Clients:
    """The official clients of both services; what they learnt is of use in later calls."""

    publisher: Any
    subscriber: Any
    firestore: Any
    clock: VirtualClock
    chance: random.Random
    addresses: dict[str, str]
    ack_ids: list[str] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)

    async def act(self) -> None:
        """Do one thing; what is refused is part of a history too."""
        acts = (
            *(self.publish, self._pull, self._acknowledge, self._give_back, self._write),
            *(self._write, self._create, self._transact, self._listen, self._wait, self._stream),
        )
        with contextlib.suppress(exceptions.GoogleAPICallError):
            await self.chance.choice(acts)()

    async def publish(self) -> None:
        """Publish some messages of one ordering key."""
        count = self.chance.randint(1, 3)
        messages = [{"data": self.chance.randbytes(4), "ordering_key": "k"} for _ in range(count)]
        await self.publisher.publish(topic=TOPIC, messages=messages, retry=None, timeout=20)

    async def _pull(self) -> None:
        request = {"subscription": SUBSCRIPTION, "max_messages": 3, "return_immediately": True}
        pulled = await self.subscriber.pull(request=request, retry=None, timeout=20)
        self.ack_ids += [each.ack_id for each in pulled.received_messages]

    async def _stream(self) -> None:
        async def requests() -> AsyncIterator[dict[str, object]]:
            yield {"subscription": SUBSCRIPTION, "stream_ack_deadline_seconds": 10}
            await asyncio.sleep(0.05)
            yield {"ack_ids": self.ack_ids[:1]}

        pulled = await self.subscriber.streaming_pull(requests=requests(), timeout=20)
        async for answer in pulled:
            self.ack_ids += [each.ack_id for each in answer.received_messages]

    async def _acknowledge(self) -> None:
        acked, self.ack_ids = self.ack_ids[:2], self.ack_ids[2:]
        if acked:
            request = {"subscription": SUBSCRIPTION, "ack_ids": acked}
            await self.subscriber.acknowledge(request=request, retry=None, timeout=20)

    async def _give_back(self) -> None:
        if self.ack_ids:
            request = {
                "subscription": SUBSCRIPTION,
                "ack_ids": [self.ack_ids.pop()],
                "ack_deadline_seconds": 0,
            }
            await self.subscriber.modify_ack_deadline(request=request, retry=None, timeout=20)

    async def _write(self) -> None:
        name = f"{FILMS}/{self.chance.choice(NAMES)}"
        value = {"integer_value": self.chance.randint(0, 99)}
        transform = {"field_path": "at", "set_to_server_value": 1}
        write: dict[str, object] = {
            "update": {"name": name, "fields": {"n": value}},
            "update_transforms": [transform],
        }
        if self.chance.random() < 0.3:
            write = {"delete": name}
        elif self.chance.random() < 0.3:
            write["current_document"] = {"exists": self.chance.random() < 0.5}
        request = {"database": DATABASE, "writes": [write]}
        await self.firestore.commit(request=request, retry=None, timeout=20)

    async def _create(self) -> None:
        request = {
            "parent": f"{DATABASE}/documents",
            "collection_id": "made",
            "document": {"fields": {"n": {"integer_value": 1}}},
        }
        await self.firestore.create_document(request=request, retry=None, timeout=20)

    async def _transact(self) -> None:
        begun = await self.firestore.begin_transaction(
            request={"database": DATABASE}, retry=None, timeout=20
        )
        read = await self.firestore.batch_get_documents(
            request={
                "database": DATABASE,
                "documents": [f"{FILMS}/alien"],
                "transaction": begun.transaction,
            },
            retry=None,
            timeout=20,
        )
        found = [each.found.fields.get("n") async for each in read if "found" in each]
        total = 1 + (found[0].integer_value if found and found[0] else 0)
        document = {"name": f"{FILMS}/alien", "fields": {"n": {"integer_value": total}}}
        await self.firestore.commit(
            request={
                "database": DATABASE,
                "writes": [{"update": document}],
                "transaction": begun.transaction,
            },
            retry=None,
            timeout=20,
        )

    async def _listen(self) -> None:
        query = {
            "parent": f"{DATABASE}/documents",
            "structured_query": {"from_": [{"collection_id": "films"}]},
        }
        target: dict[str, object] = {"query": query, "target_id": 1}
        if self.tokens:
            target["resume_token"] = self.chance.choice(self.tokens)
        done = asyncio.Event()

        async def requests() -> AsyncIterator[dict[str, object]]:
            yield {"database": DATABASE, "add_target": target}
            await done.wait()

        answers = await self.firestore.listen(requests=requests(), timeout=20)
        async for answer in answers:
            change = answer.target_change
            if change.target_change_type == 0 and change.resume_token:
                self.tokens.append(change.resume_token)
                break
        done.set()

    async def _wait(self) -> None:
        seconds = self.chance.choice((0.5, 11, 70, 700))
        await self.clock.travel(self.clock.now() + seconds)


async def recorded(
    folder: Path, seed: int, history: Callable[[Clients], Any], push: str = ""
) -> State:
    """Record a history of calls; return the state it ended in.

    Args:
        folder: Where the recording goes.
        seed: Of the emulators' ids and the clients' choices.
        history: What the clients do.
        push: Where the subscription pushes its messages; empty for pull.
    """
    clock = VirtualClock()
    journal = Journal(None)
    context = Context(
        clock,
        journal,
        Faults(clock),
        Signer(clock),
        {},
        lambda: session_of(context),
        chance=Chance(f"seed {seed}"),
    )
    recording = Recording(context, clock, folder, SERVICES)
    running, channels = {}, []
    for name in SERVICES:
        make = find_service(name)
        assert make is not None
        endpoint = dataclasses.replace(await make(context), recorder=context.recorder)
        running[name] = await serve(endpoint, 0)
        channels.append(grpc.aio.insecure_channel(running[name].address))
    pubsub, firestore = channels
    clients = Clients(
        PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=pubsub)),
        SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=pubsub)),
        FirestoreAsyncClient(transport=FirestoreGrpcAsyncIOTransport(channel=firestore)),
        clock,
        random.Random(seed),
        {name: each.address for name, each in running.items()},
    )
    await clients.publisher.create_topic(request={"name": TOPIC})
    await clients.subscriber.create_subscription(
        request={
            "name": SUBSCRIPTION,
            "topic": TOPIC,
            "enable_message_ordering": seed % 2 == 0,
            "retry_policy": {"minimum_backoff": {"seconds": 5}},
            "push_config": {"push_endpoint": push},
        }
    )
    await history(clients)
    state = state_of(journal.everything())
    recording.stop()
    for channel in channels:
        await channel.close(None)
    for each in running.values():
        await each.stop()
    journal.close()
    return state


def histories(steps: int, side_by_side: int) -> Callable[[Clients], Any]:
    """Return a random history: so many clients at once, each with so many steps."""

    async def one(clients: Clients) -> None:
        for _ in range(steps):
            await clients.act()

    async def history(clients: Clients) -> None:
        await asyncio.gather(*(one(clients) for _ in range(side_by_side)))

    return history


def exported(state: State, folder: Path) -> dict[str, bytes]:
    """Return every file of an export by its name."""
    export(state, folder)
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


async def check(tmp_path: Path, seed: int, steps: int, side_by_side: int) -> None:
    """Record a history, do it again twice, and compare."""
    folder = tmp_path / f"{seed}"
    original = await recorded(folder / "record", seed, histories(steps, side_by_side))

    first = await replay(folder / "record", find_service)
    second = await replay(folder / "record", find_service)

    assert exported(first.state, folder / "first") == exported(second.state, folder / "second")
    assert first.differences == []
    assert exported(first.state, folder / "again") == exported(original, folder / "original")


@pytest.mark.parametrize("seed", range(3))
async def test_two_replays_of_a_random_history_end_as_the_original_did(
    tmp_path: Path, seed: int
) -> None:
    await check(tmp_path, seed, 25, 1)


async def test_calls_side_by_side_are_replayed_too(tmp_path: Path) -> None:
    await check(tmp_path, 11, 10, 4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 130))
async def test_many_long_histories_are_replayed(tmp_path: Path, seed: int) -> None:
    await check(tmp_path, seed, 60, 1 + seed % 4)


async def test_what_came_by_plain_http_is_done_again(tmp_path: Path) -> None:
    async def history(clients: Clients) -> None:
        await clients.publish()
        async with aiohttp.ClientSession() as http:
            for name, address in clients.addresses.items():
                async with http.post(f"http://{address}/reset") as answer:
                    assert (answer.status, await answer.text()) == (200, "Resetting...\n"), name
        await clients.publisher.create_topic(request={"name": TOPIC + "-after"})

    original = await recorded(tmp_path / "record", 1, history)
    outcome = await replay(tmp_path / "record", find_service)

    assert outcome.differences == []
    assert list(outcome.state["pubsub.topic"]) == [TOPIC + "-after"]
    assert exported(outcome.state, tmp_path / "again") == exported(original, tmp_path / "original")


async def test_a_replay_pushes_to_nobody_and_takes_the_recorded_answers(tmp_path: Path) -> None:
    pushed: list[str] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.json()
        pushed.append(body["message"]["messageId"])
        return web.Response(status=500 if len(pushed) == 1 else 200)

    async def history(clients: Clients) -> None:
        await clients.publish()
        await clients.clock.travel(clients.clock.now() + 1)
        for _ in range(200):
            if len(set(pushed)) < len(pushed):  # the refused one came again
                break
            await clients.clock.travel(clients.clock.now() + 5)
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)

    server = await serve(Endpoint("taker", routes=lambda: [web.post("/", take)]), 0)
    original = await recorded(tmp_path / "record", 3, history, f"http://{server.address}/")
    count = len(pushed)
    outcome = await replay(tmp_path / "record", find_service)
    await server.stop()

    assert outcome.differences == []
    assert len(pushed) == count > len(set(pushed))
    assert exported(outcome.state, tmp_path / "again") == exported(original, tmp_path / "original")


async def test_a_recording_can_be_read(tmp_path: Path) -> None:
    async def history(clients: Clients) -> None:
        await clients.publish()

    await recorded(tmp_path / "record", 1, history)

    lines = (tmp_path / "record" / "calls.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    methods = [event["method"] for event in events if "method" in event]
    assert methods[-1] == "/google.pubsub.v1.Publisher/Publish"
    assert events[-1]["end"] is True
    assert all(event["at"].endswith("Z") for event in events if "method" in event)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("record.json", "{}", "record.json: format: is missing"),
        ("calls.jsonl", "{\n", "calls.jsonl:1: is no JSON"),
        ("calls.jsonl", '{"call":1,"method":"/a/B","request":{}}\n', "calls.jsonl:1: method"),
        ("calls.jsonl", '{"call":1,"at":"noon","end":true}\n', "calls.jsonl:1: at"),
        ("calls.jsonl", '{"call":7,"ended":true}\n', "calls.jsonl:1: call"),
        (
            "calls.jsonl",
            '{"call":1,"method":"/google.pubsub.v1.Publisher/Publish","request":{"tropic":"x"}}\n',
            "calls.jsonl:1: request: .*tropic",
        ),
    ],
)
async def test_a_damaged_recording_is_refused_by_file_and_field(
    tmp_path: Path, file: str, text: str, said: str
) -> None:
    async def history(_clients: Clients) -> None:
        """Do nothing."""

    await recorded(tmp_path / "record", 1, history)
    (tmp_path / "record" / file).write_text(text)

    with pytest.raises(DamagedError, match=said):
        await replay(tmp_path / "record", find_service)
