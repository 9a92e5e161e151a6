"""The product's own publisher: what a message carries besides its event."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters import connect, pubsub
from shared.kernel import ids, trace
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event
from shared.runtime import tracing
from tests.fakes.surroundings import change, surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.emulated.pubsub.conftest import Lab

PROJECT = "p"

pytestmark = pytest.mark.ours("is of the product's adapter, not of Pub/Sub")


@pytest.fixture
async def lab(
    start: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lab]:
    """Pub/Sub with one topic of the product's."""
    found: Lab = await start()
    topic = f"projects/{PROJECT}/topics/content.updated"
    await asyncio.to_thread(found.publisher.create_topic, name=topic)
    await found.subscribe(found.subscription, topic)
    with surroundings("", tmp_path, monkeypatch):
        change(monkeypatch, {"GOOGLE_CLOUD_PROJECT": PROJECT})
        assert connect.addresses().project == PROJECT
        pubsub._client.cache_clear()
        yield found
        pubsub._client().stop()
        pubsub._client().transport.close()
        pubsub._client.cache_clear()


def updated(name: str) -> Event:
    return Event(
        event_id=ids.named(name),
        event_type="content.updated",
        occurred_at=SystemClock().now(),
        correlation_id="test",
        data={"name": name},
    )


async def test_a_message_belongs_to_the_trace_of_its_event_up_to_who_reads_it(lab: Lab) -> None:
    place = trace.root(1)
    publisher = pubsub.PubSubPublisher()

    with trace.span("outbox_relay") as relay:
        await asyncio.to_thread(
            publisher.publish, [updated("heat"), updated("ronin")], [place, None]
        )
    received = await lab.pull()

    found = {m.message.attributes["event_id"]: m.message.attributes for m in received}
    heat, ronin = (found[str(ids.named(name))] for name in ("heat", "ronin"))
    with tracing.delivery("content.updated", heat) as span:
        assert (span.context.trace_id, span.context.sampled) == (place.trace_id, True)
    assert relay.context.trace_id in ronin["traceparent"]


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("subject", ["", "heat"])
async def test_what_no_topic_takes_is_told_with_and_without_an_order(subject: str) -> None:
    changes = {"event_type": "content.deleted", "subject": subject}
    nowhere = updated("heat").model_copy(update=changes)

    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"content\.deleted"):
            await asyncio.to_thread(pubsub.PubSubPublisher().publish, [nowhere])
