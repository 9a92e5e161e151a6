"""The official clients, pointed at an emulator as their own variable does it, or at the cloud.

`tests.emulated.targets` says which targets there are. Every test has a project of its own; in the
cloud, names of its own in the one project, whose resources are deleted after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import pytest_asyncio
from google.api_core import exceptions
from google.cloud.pubsub_v1 import PublisherClient, SchemaServiceClient, SubscriberClient
from google.cloud.pubsub_v1.types import PublisherOptions
from google.pubsub_v1.services.schema_service.transports.grpc import SchemaServiceGrpcTransport
from google.pubsub_v1.services.subscriber.async_client import SubscriberAsyncClient
from google.pubsub_v1.services.subscriber.transports.grpc_asyncio import (
    SubscriberGrpcAsyncIOTransport,
)

from emulators.pubsub.service import endpoint
from tests.emulated import targets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from emulators.core.clock import VirtualClock
    from emulators.core.methods import Proto
    from tests.emulated.conftest import Emulator, Laboratory

# Seconds until a pull that found nothing is believed, where one answer may hold less than there is.
PATIENCE = {targets.GOOGLE: 0.3, targets.CLOUD: 5.0}


@pytest.fixture(scope="session")
def google_address(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where Google's emulator is, None where it is not the target."""
    yield from targets.google_address(request.config, "pubsub")


@pytest.fixture(autouse=True)
def _fits(request: pytest.FixtureRequest) -> None:
    """Leave out what is not for the target; the reasons are in the emulator's README."""
    targets.skip_unfit(request)


@dataclass
class Lab:
    """Pub/Sub and the clients that use it; their calls block, so they run in threads.

    Attributes:
        running: Ours, None for another target.
        address: ``127.0.0.1:port``, empty in the cloud.
        project: The test's, or the one in the cloud.
        suffix: Tells the names of this test from those of others in the same project.
        patience: Seconds until a pull that found nothing is believed.
        streams: Of the same subscriptions, for what the other clients never send.
    """

    running: Emulator | None
    address: str
    project: str
    suffix: str
    patience: float
    publisher: PublisherClient
    subscriber: SubscriberClient
    schemas: SchemaServiceClient
    streams: SubscriberAsyncClient

    @property
    def emulator(self) -> Emulator:
        """Ours."""
        assert self.running is not None
        return self.running

    @property
    def clock(self) -> VirtualClock:
        """The emulator's clock."""
        return self.emulator.clock

    @property
    def parent(self) -> str:
        """``projects/P``."""
        return f"projects/{self.project}"

    @property
    def topic(self) -> str:
        """The topic that most tests need."""
        return self.name("topics", "films")

    @property
    def subscription(self) -> str:
        """The subscription that most tests need."""
        return self.name("subscriptions", "viewer")

    @property
    def snapshot(self) -> str:
        """The snapshot that most tests of seeking need."""
        return self.name("snapshots", "before")

    @property
    def schema(self) -> str:
        """The schema that most tests of schemas need."""
        return self.name("schemas", "film")

    def name(self, kind: str, word: str) -> str:
        """Return the full name of a resource of this test."""
        return f"{self.parent}/{kind}/{word}{self.suffix}"

    async def setup(self, **config: Proto) -> None:
        """Create the topic and its subscription."""
        await asyncio.to_thread(self.publisher.create_topic, name=self.topic)
        await self.subscribe(self.subscription, self.topic, **config)

    async def subscribe(self, name: str, topic: str, **config: Proto) -> None:
        """Create another subscription."""
        request = {"name": name, "topic": topic, **config}
        await asyncio.to_thread(self.subscriber.create_subscription, request=request)

    async def publish(self, *texts: str, key: str = "", **attributes: str) -> list[str]:
        """Publish texts in order and return their ids."""
        messages = [
            {"data": t.encode(), "attributes": attributes, "ordering_key": key} for t in texts
        ]
        request = {"topic": self.topic, "messages": messages}
        # The method under the client's batching: one request, as a test wants it.
        call = self.publisher._gapic_publish
        return list((await asyncio.to_thread(call, request=request)).message_ids)

    async def pull(self, count: int = 10, name: str = "") -> list[Any]:
        """Return what is there to deliver now."""
        found = await self._pull(count, name or self.subscription)
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        while len(found) < count and loop.time() < until:
            await asyncio.sleep(0.02)
            found += await self._pull(count - len(found), name or self.subscription)
        return found

    async def _pull(self, count: int, name: str) -> list[Any]:
        request = {"subscription": name, "max_messages": count, "return_immediately": True}
        # The field is deprecated for production, and says exactly what a test means.
        response = await asyncio.to_thread(_quiet, self.subscriber.pull, request)
        return list(response.received_messages)

    async def acknowledge(self, *received: Proto, name: str = "") -> None:
        """Acknowledge pulled messages."""
        ids = [r.ack_id for r in received]
        request = {"subscription": name or self.subscription, "ack_ids": ids}
        await asyncio.to_thread(self.subscriber.acknowledge, request=request)

    async def nack(self, *received: Proto, name: str = "") -> None:
        """Give pulled messages back."""
        await self.prolong(*received, seconds=0, name=name)

    async def prolong(self, *received: Proto, seconds: int, name: str = "") -> None:
        """Let the leases of pulled messages end so many seconds from now."""
        ids = [r.ack_id for r in received]
        request = {"subscription": name or self.subscription, "ack_ids": ids}
        call = self.subscriber.modify_ack_deadline
        await asyncio.to_thread(call, request={**request, "ack_deadline_seconds": seconds})

    def close(self) -> None:
        """Close the clients' channels; in the cloud, leave nothing behind."""
        if not self.address:
            self._tidy()
        self.publisher.stop()
        self.publisher.transport.close()
        self.subscriber.close()
        self.schemas.transport.close()

    def _tidy(self) -> None:
        subscriber, publisher, schemas = self.subscriber, self.publisher, self.schemas
        doomed: list[tuple[Callable[..., Any], Any]] = [
            (lambda n: subscriber.delete_snapshot(snapshot=n), subscriber.list_snapshots),
            (
                lambda n: subscriber.delete_subscription(subscription=n),
                subscriber.list_subscriptions,
            ),
            (lambda n: publisher.delete_topic(topic=n), publisher.list_topics),
        ]
        for delete, found in doomed:
            for each in found(project=self.parent):
                self._delete(delete, each.name)
        for each in schemas.list_schemas(parent=self.parent):
            self._delete(lambda n: schemas.delete_schema(name=n), each.name)

    def _delete(self, delete: Callable[[str], Any], name: str) -> None:
        if name.endswith(self.suffix):
            with contextlib.suppress(exceptions.NotFound):
                delete(name)


def _quiet(call: Callable[..., Any], request: dict[str, Any]) -> Proto:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return call(request=request)


def _clients(address: str) -> tuple[Any, ...]:
    """Return the clients of an emulator, or with an empty address of the cloud."""
    publisher = PublisherClient(publisher_options=PublisherOptions(enable_message_ordering=True))
    if not address:
        return publisher, SubscriberClient(), SchemaServiceClient(), SubscriberAsyncClient()
    # These two do not read the variable.
    schemas = SchemaServiceGrpcTransport(channel=grpc.insecure_channel(address))
    streams = SubscriberGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(address))
    return (
        publisher,
        SubscriberClient(),
        SchemaServiceClient(transport=schemas),
        SubscriberAsyncClient(transport=streams),
    )


@pytest_asyncio.fixture
async def start(
    request: pytest.FixtureRequest,
    serve_emulator: Laboratory,
    google_address: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Callable[..., Any]]:
    """Start labs on demand, also on a journal of before; every lab is closed after the test."""
    labs: list[Lab] = []
    unique = token_hex(6)
    target, in_cloud = targets.target(request.config), targets.project(request.config)
    project, suffix = (in_cloud, f"-{unique}") if in_cloud else (f"p{unique}", "")

    async def begin(journal: Path | None = None) -> Lab:
        running, address = None, google_address or ""
        if target == targets.OURS:
            running = await serve_emulator(endpoint, journal=journal)
            address = running.address
        if address:
            monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        patience = PATIENCE.get(target, 0.0)
        labs.append(Lab(running, address, project, suffix, patience, *_clients(address)))
        return labs[-1]

    yield begin
    for lab in labs:
        await asyncio.to_thread(lab.close)
        closing: Any = lab.streams.transport  # untyped
        await closing.close()


@pytest_asyncio.fixture
async def lab(start: Callable[..., Any]) -> Lab:
    """Serve one Pub/Sub with its clients."""
    made: Lab = await start()
    return made
