"""The official clients, pointed at an emulator of ours as their own variable does it."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest_asyncio
from google.cloud.pubsub_v1 import PublisherClient, SchemaServiceClient, SubscriberClient
from google.cloud.pubsub_v1.types import PublisherOptions
from google.pubsub_v1.services.schema_service.transports.grpc import SchemaServiceGrpcTransport

from emulators.pubsub.service import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import pytest

    from emulators.core.clock import VirtualClock
    from emulators.core.methods import Proto
    from tests.emulated.conftest import Emulator, Laboratory

TOPIC = "projects/p/topics/films"
SUBSCRIPTION = "projects/p/subscriptions/viewer"


@dataclass
class Lab:
    """A Pub/Sub emulator and the clients that use it; their calls block, so they run in threads."""

    emulator: Emulator
    publisher: PublisherClient
    subscriber: SubscriberClient
    schemas: SchemaServiceClient

    @property
    def clock(self) -> VirtualClock:
        """The emulator's clock."""
        return self.emulator.clock

    async def setup(self, **config: Proto) -> None:
        """Create the topic and its subscription."""
        await asyncio.to_thread(self.publisher.create_topic, name=TOPIC)
        await self.subscribe(SUBSCRIPTION, TOPIC, **config)

    async def subscribe(self, name: str, topic: str, **config: Proto) -> None:
        """Create another subscription."""
        request = {"name": name, "topic": topic, **config}
        await asyncio.to_thread(self.subscriber.create_subscription, request=request)

    async def publish(self, *texts: str, key: str = "", **attributes: str) -> list[str]:
        """Publish texts in order and return their ids."""
        messages = [
            {"data": t.encode(), "attributes": attributes, "ordering_key": key} for t in texts
        ]
        request = {"topic": TOPIC, "messages": messages}
        # The method under the client's batching: one request, as a test wants it.
        call = self.publisher._gapic_publish
        return list((await asyncio.to_thread(call, request=request)).message_ids)

    async def pull(self, count: int = 10, name: str = SUBSCRIPTION) -> list[Any]:
        """Return what is there to deliver now."""
        request = {"subscription": name, "max_messages": count, "return_immediately": True}
        # The field is deprecated for production, and says exactly what a test means.
        response = await asyncio.to_thread(_quiet, self.subscriber.pull, request)
        return list(response.received_messages)

    async def acknowledge(self, *received: Proto, name: str = SUBSCRIPTION) -> None:
        """Acknowledge pulled messages."""
        request = {"subscription": name, "ack_ids": [r.ack_id for r in received]}
        await asyncio.to_thread(self.subscriber.acknowledge, request=request)

    async def nack(self, *received: Proto, name: str = SUBSCRIPTION) -> None:
        """Give pulled messages back."""
        ids = [r.ack_id for r in received]
        request = {"subscription": name, "ack_ids": ids, "ack_deadline_seconds": 0}
        await asyncio.to_thread(self.subscriber.modify_ack_deadline, request=request)

    def close(self) -> None:
        """Close the clients' channels."""
        self.publisher.stop()
        self.publisher.transport.close()
        self.subscriber.close()
        self.schemas.transport.close()


def _quiet(call: Callable[..., Any], request: dict[str, Any]) -> Proto:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return call(request=request)


@pytest_asyncio.fixture
async def start(
    serve_emulator: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Any]]:
    """Start labs on demand, also on a journal of before; every lab is closed after the test."""
    labs: list[Lab] = []

    async def begin(journal: Path | None = None) -> Lab:
        emulator = await serve_emulator(endpoint, journal=journal)
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", emulator.address)
        ordered = PublisherOptions(enable_message_ordering=True)
        publisher = PublisherClient(publisher_options=ordered)
        # The schema client does not read the variable.
        channel = grpc.insecure_channel(emulator.address)
        schemas = SchemaServiceClient(transport=SchemaServiceGrpcTransport(channel=channel))
        labs.append(Lab(emulator, publisher, SubscriberClient(), schemas))
        return labs[-1]

    yield begin
    for lab in labs:
        await asyncio.to_thread(lab.close)


@pytest_asyncio.fixture
async def lab(start: Callable[..., Any]) -> Lab:
    """Serve one Pub/Sub with its clients."""
    made: Lab = await start()
    return made
