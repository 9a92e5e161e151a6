"""Messages reach subscribers, again when they must, in order when they must."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.pubsub_v1.types import StreamingPullRequest, StreamingPullResponse

from emulators.core.faults import Rule

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from emulators.core.methods import Proto
    from tests.emulated.pubsub.conftest import Lab


def texts(received: list[Any]) -> list[str]:
    return [r.message.data.decode() for r in received]


async def test_published_message_reaches_a_streaming_callback(lab: Lab) -> None:
    await lab.setup()
    arrived: asyncio.Queue[Any] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def callback(message: Proto) -> None:
        message.ack_with_response().result(10)
        loop.call_soon_threadsafe(arrived.put_nowait, message)

    future = lab.subscriber.subscribe(lab.subscription, callback)
    ident = await asyncio.wrap_future(lab.publisher.publish(lab.topic, b"Heat", year="1995"))
    message = await asyncio.wait_for(arrived.get(), 10)

    assert (message.data, dict(message.attributes)) == (b"Heat", {"year": "1995"})
    assert message.message_id == ident
    assert message.delivery_attempt is None
    await stop(future)


async def stop(future: Proto) -> None:
    future.cancel()
    await asyncio.to_thread(future.result, 10)


async def test_stream_redelivers_a_nacked_message(lab: Lab) -> None:
    await lab.setup()
    seen: list[str] = []
    twice = threading.Event()

    def callback(message: Proto) -> None:
        seen.append(message.message_id)
        if len(seen) == 1:
            message.nack()
        else:
            message.ack()
            twice.set()

    future = lab.subscriber.subscribe(lab.subscription, callback)
    [ident] = await lab.publish("Heat")

    assert await asyncio.to_thread(twice.wait, 10)
    assert seen == [ident, ident]
    await stop(future)


@pytest.mark.ours("turns the clock")
async def test_message_comes_back_when_its_ack_deadline_passes(lab: Lab) -> None:
    await lab.setup(ack_deadline_seconds=60)
    await lab.publish("Heat")
    lab.clock.freeze()

    first = await lab.pull()
    lab.clock.advance(59)
    during = await lab.pull()
    lab.clock.advance(1)
    await asyncio.sleep(0.05)
    after = await lab.pull()

    assert (texts(first), texts(during), texts(after)) == (["Heat"], [], ["Heat"])


@pytest.mark.ours("turns the clock")
async def test_acknowledged_message_never_comes_back(lab: Lab) -> None:
    await lab.setup()
    await lab.publish("Heat", "Ronin")

    heat, _ronin = await lab.pull()
    await lab.acknowledge(heat)
    lab.clock.advance(601)
    await asyncio.sleep(0.05)

    assert texts(await lab.pull()) == ["Ronin"]


@pytest.mark.ours("turns the clock")
async def test_retry_policy_doubles_the_wait_up_to_its_maximum(lab: Lab) -> None:
    await lab.setup(
        retry_policy={"minimum_backoff": {"seconds": 10}, "maximum_backoff": {"seconds": 30}}
    )
    await lab.publish("Heat")
    lab.clock.freeze()

    for wait in (10, 20, 30, 30):
        await lab.nack(*await lab.pull())
        lab.clock.advance(wait - 1)
        await asyncio.sleep(0.02)
        assert await lab.pull() == []
        lab.clock.advance(1)
        await asyncio.sleep(0.02)

    assert texts(await lab.pull()) == ["Heat"]


async def test_message_that_fails_too_often_goes_to_the_dead_letter_topic(lab: Lab) -> None:
    dead = lab.name("topics", "dead")
    await asyncio.to_thread(lab.publisher.create_topic, name=dead)
    await lab.subscribe(lab.name("subscriptions", "morgue"), dead)
    await lab.setup(dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": 5})
    await lab.publish("Heat", year="1995")

    attempts = []
    while received := await lab.pull():
        attempts.append(received[0].delivery_attempt)
        await lab.nack(*received)
    [forwarded] = await lab.pull(name=lab.name("subscriptions", "morgue"))

    assert attempts == [1, 2, 3, 4, 5]
    attributes = dict(forwarded.message.attributes)
    assert attributes.pop("CloudPubSubDeadLetterSourceTopicPublishTime").endswith("Z")
    assert attributes == {
        "year": "1995",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "viewer",
        "CloudPubSubDeadLetterSourceSubscriptionProject": lab.project,
    }


@pytest.mark.ours("turns the clock")
async def test_nack_redelivers_a_key_from_that_message_on_in_order(lab: Lab) -> None:
    await lab.setup(enable_message_ordering=True)
    await lab.publish("a1", "a2", "a3", "a4", key="a")
    await lab.publish("b1", "b2", key="b")
    received = {r.message.data.decode(): r for r in await lab.pull()}

    await lab.acknowledge(received["a1"], received["b1"])
    await lab.nack(received["a2"])
    again = await lab.pull()

    assert texts(again) == ["a2", "a3", "a4"]
    await lab.acknowledge(*again, received["b2"])
    lab.clock.advance(601)
    await asyncio.sleep(0.05)
    assert await lab.pull() == []


@pytest.mark.differs("a pull gives one message of a key")
async def test_acknowledging_a_superseded_ordered_delivery_changes_nothing(lab: Lab) -> None:
    await lab.setup(enable_message_ordering=True)
    await lab.publish("a1", "a2", key="a")
    first, second = await lab.pull()

    await lab.nack(first)
    await lab.acknowledge(second)

    assert texts(await lab.pull()) == ["a1", "a2"]


@pytest.mark.differs("a message of a key that is not answered comes alone")
async def test_stream_keeps_the_order_of_every_key_under_nacks(lab: Lab) -> None:
    await lab.setup(enable_message_ordering=True)
    done: dict[str, list[int]] = {f"k{n}": [] for n in range(5)}
    for key in done:
        await lab.publish(*map(str, range(40)), key=key)
    refused: set[str] = set()
    requests: asyncio.Queue[Any] = asyncio.Queue()

    # Strict: whatever is not the next of its key is left unanswered, so it must come again.
    async for response in raw_stream(lab, requests):
        for received in response.received_messages:
            requests.put_nowait(answer(received, done, refused))
        if all(len(numbers) == 40 for numbers in done.values()):
            break

    assert len(refused) == 30
    assert all(numbers == list(range(40)) for numbers in done.values())


def answer(received: Proto, done: dict[str, list[int]], refused: set[str]) -> dict[str, Any]:
    message, finished = received.message, done[received.message.ordering_key]
    if int(message.data) != len(finished):
        return {}
    if int(message.data) % 7 == 3 and message.message_id not in refused:
        refused.add(message.message_id)
        return {"modify_deadline_ack_ids": [received.ack_id], "modify_deadline_seconds": [0]}
    finished.append(int(message.data))
    return {"ack_ids": [received.ack_id]}


@pytest.mark.differs("streams without regard to flow control")
async def test_stream_holds_no_more_than_its_flow_control_allows(lab: Lab) -> None:
    await lab.setup()
    await lab.publish(*map(str, range(20)))
    requests: asyncio.Queue[Any] = asyncio.Queue()
    stream = raw_stream(lab, requests, max_outstanding_messages=3)

    first = await anext(stream)
    requests.put_nowait({"ack_ids": [r.ack_id for r in first.received_messages[:2]]})
    second = await anext(stream)

    assert [len(r.received_messages) for r in (first, second)] == [3, 2]
    await stream.aclose()


async def raw_stream(
    lab: Lab, requests: asyncio.Queue[Any], **first: Proto
) -> AsyncGenerator[Proto, None]:
    async def sending() -> AsyncGenerator[Proto, None]:
        yield StreamingPullRequest(
            subscription=lab.subscription, stream_ack_deadline_seconds=10, **first
        )
        while True:
            yield StreamingPullRequest(**await requests.get())

    call: Any = await lab.streams.streaming_pull(requests=sending())
    try:
        async for response in call:
            if response != StreamingPullResponse(
                subscription_properties=response.subscription_properties
            ):
                yield response  # not what only says that all is well
    finally:
        call.cancel()


@pytest.mark.differs("has no filters")
async def test_filter_lets_through_only_what_matches(lab: Lab) -> None:
    await lab.setup(filter='attributes.kind = "film" AND NOT hasPrefix(attributes.lang, "de")')
    await lab.publish("Heat", kind="film", lang="en")
    await lab.publish("Dark", kind="series", lang="de")
    await lab.publish("Das Boot", kind="film", lang="de-DE")

    assert texts(await lab.pull()) == ["Heat"]


@pytest.mark.differs("has no filters")
async def test_filter_that_is_none_is_refused(lab: Lab) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="Invalid filter expression"):
        await lab.setup(filter="year > 1990")


@pytest.mark.ours("turns the clock")
async def test_unacknowledged_message_is_dropped_after_its_retention(lab: Lab) -> None:
    await lab.setup(message_retention_duration={"seconds": 600})
    await lab.publish("Heat")

    lab.clock.advance(601)

    assert await lab.pull() == []


async def test_waiting_messages_are_shared_among_streams(lab: Lab) -> None:
    await lab.setup()
    streams = [raw_stream(lab, asyncio.Queue()) for _ in range(2)]
    waiting = [asyncio.create_task(anext(stream)) for stream in streams]
    await asyncio.sleep(0.3)

    await lab.publish(*map(str, range(100)))
    counts = [len((await each).received_messages) for each in waiting]

    assert min(counts) >= 25
    for stream in streams:
        await stream.aclose()


@pytest.mark.ours("has faults on purpose")
async def test_delivery_is_doubled_by_a_fault(lab: Lab) -> None:
    await lab.setup()
    lab.emulator.context.faults.add(Rule("duplicate", method="Deliver", remaining=1))
    await lab.publish("Heat")

    assert texts(await lab.pull()) == ["Heat", "Heat"]


@pytest.mark.differs("sends more than the client takes")
@pytest.mark.parametrize("key", ["", "k"])
async def test_large_messages_come_in_answers_that_the_client_takes(lab: Lab, key: str) -> None:
    await lab.setup(enable_message_ordering=True)
    for letter in "abcde":
        await lab.publish(letter * 2_000_000, key=key)
    arrived: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def callback(message: Proto) -> None:
        loop.call_soon_threadsafe(arrived.put_nowait, message.data[:1].decode())
        message.ack()

    pulled = await lab.pull()
    await lab.nack(*pulled)
    future = lab.subscriber.subscribe(lab.subscription, callback)
    streamed = [await asyncio.wait_for(arrived.get(), 20) for _ in range(5)]

    assert [text[0] for text in texts(pulled)] == ["a"]
    assert sorted(streamed) == list("abcde")
    await stop(future)
