"""Exactly-once delivery: an answer counts as long as its lease lasts, and the client is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from google.api_core import exceptions
from google.cloud.pubsub_v1.subscriber.exceptions import AcknowledgeError, AcknowledgeStatus

from emulators.core.faults import Rule
from tests.emulated.pubsub.test_delivery import raw_stream, stop, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulators.core.methods import Proto
    from tests.emulated.pubsub.conftest import Lab


INVALID = "PERMANENT_FAILURE_INVALID_ACK_ID"


@pytest_asyncio.fixture
async def once(lab: Lab) -> Lab:
    await lab.setup(enable_exactly_once_delivery=True)
    return lab


def told(failure: pytest.ExceptionInfo[exceptions.InvalidArgument]) -> dict[str, str]:
    [info] = failure.value.details
    assert (info.reason, info.domain) == ("EXACTLY_ONCE_ACKID_FAILURE", "pubsub.googleapis.com")
    return dict(info.metadata)


@pytest.mark.ours("turns the clock")
async def test_acknowledgement_of_an_expired_lease_is_refused_by_its_id(once: Lab) -> None:
    await once.publish("Heat", "Ronin")
    heat, ronin = await once.pull()
    await once.acknowledge(ronin)
    once.clock.advance(11)
    await once.publish("Thief")
    thief, again = sorted(await once.pull(), key=lambda r: r.message.data == b"Heat")

    with pytest.raises(exceptions.InvalidArgument) as failure:
        await once.acknowledge(heat, ronin, thief)

    assert told(failure) == {heat.ack_id: INVALID}
    await once.acknowledge(again)
    once.clock.advance(601)
    assert await once.pull() == []


async def test_lease_that_ended_can_not_be_prolonged_or_given_back(once: Lab) -> None:
    await once.publish("Heat", "Ronin")
    heat, ronin = await once.pull()
    await once.nack(heat)
    await once.acknowledge(ronin)

    for seconds in (30, 0):
        ids = [heat.ack_id, ronin.ack_id]
        modify = {
            "subscription": once.subscription,
            "ack_ids": ids,
            "ack_deadline_seconds": seconds,
        }
        with pytest.raises(exceptions.InvalidArgument) as failure:
            await asyncio.to_thread(once.subscriber.modify_ack_deadline, request=modify)
        assert told(failure) == {heat.ack_id: INVALID, ronin.ack_id: INVALID}


@pytest.mark.ours("turns the clock")
async def test_message_is_not_delivered_again_while_its_lease_is_prolonged(once: Lab) -> None:
    await once.publish("Heat")
    [heat] = await once.pull()

    for _ in range(5):
        once.clock.advance(9)
        await once.prolong(heat, seconds=10)
        assert await once.pull() == []
    await once.acknowledge(heat)

    once.clock.advance(601)
    assert await once.pull() == []


@pytest.mark.ours("turns the clock")
async def test_client_learns_from_the_stream_that_it_must_await_confirmations(once: Lab) -> None:
    outcomes: asyncio.Queue[Any] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def callback(message: Proto) -> None:
        if message.data == b"late":
            give_back(once, message.ack_id)
        loop.call_soon_threadsafe(outcomes.put_nowait, outcome(message))

    await once.publish("Heat")
    future = once.subscriber.subscribe(once.subscription, callback)
    assert await asyncio.wait_for(outcomes.get(), 10) is AcknowledgeStatus.SUCCESS
    wait = {"name": once.subscription, "retry_policy": {"minimum_backoff": {"seconds": 10}}}
    masked = {"subscription": wait, "update_mask": {"paths": ["retry_policy"]}}
    await asyncio.to_thread(once.subscriber.update_subscription, request=masked)
    # Frozen time keeps the message from coming back, and its answer alone in its request.
    once.clock.freeze()
    await once.publish("late")
    assert await asyncio.wait_for(outcomes.get(), 10) is AcknowledgeStatus.INVALID_ACK_ID
    await stop(future)


def give_back(lab: Lab, ack_id: str) -> None:
    ids = [ack_id]
    modify = {"subscription": lab.subscription, "ack_ids": ids, "ack_deadline_seconds": 0}
    lab.subscriber.modify_ack_deadline(request=modify)


def outcome(message: Proto) -> AcknowledgeStatus | None:
    try:
        return message.ack_with_response().result(10)
    except AcknowledgeError as error:
        return error.error_code


@pytest.mark.ours("has faults on purpose")
async def test_client_repeats_an_acknowledgement_that_failed_for_now(once: Lab) -> None:
    once.emulator.context.faults.add(Rule("error", method="Confirm", remaining=2))
    done: asyncio.Queue[Any] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def callback(message: Proto) -> None:
        loop.call_soon_threadsafe(done.put_nowait, outcome(message))

    await once.publish("Heat")
    future = once.subscriber.subscribe(once.subscription, callback)

    assert await asyncio.wait_for(done.get(), 20) is AcknowledgeStatus.SUCCESS
    await stop(future)


@pytest.mark.differs("an answer to a message that was given back is confirmed")
async def test_answers_sent_on_the_stream_are_confirmed_on_the_stream(once: Lab) -> None:
    await once.publish("Heat", "Ronin")
    requests: asyncio.Queue[Any] = asyncio.Queue()
    stream = raw_stream(once, requests)
    first = await anext(stream)
    heat, ronin = (r.ack_id for r in first.received_messages)

    requests.put_nowait({"modify_deadline_ack_ids": [heat], "modify_deadline_seconds": [0]})
    requests.put_nowait({"ack_ids": [heat, ronin]})
    replies = [await anext(stream) for _ in range(3)]
    modified, confirmed, again = sorted(replies, key=kind)

    assert first.subscription_properties.exactly_once_delivery_enabled
    assert modified.modify_ack_deadline_confirmation.ack_ids == [heat]
    assert confirmed.acknowledge_confirmation.ack_ids == [ronin]
    assert confirmed.acknowledge_confirmation.invalid_ack_ids == [heat]
    assert texts(list(again.received_messages)) == ["Heat"]
    await stream.aclose()


def kind(response: Proto) -> int:
    if response.received_messages:
        return 2
    return 1 if "acknowledge_confirmation" in response else 0


@pytest.mark.ours("begins again with its journal")
async def test_lease_does_not_outlive_the_process(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    before: Lab = await start(journal=tmp_path / "emulators.sqlite")
    await before.setup(enable_exactly_once_delivery=True)
    await before.publish("Heat", "Ronin")
    old, confirmed = await before.pull()
    await before.acknowledge(confirmed)

    after: Lab = await start(journal=tmp_path / "emulators.sqlite")
    [new] = await after.pull()

    with pytest.raises(exceptions.InvalidArgument) as failure:
        await after.acknowledge(old)
    assert told(failure) == {old.ack_id: INVALID}
    await after.acknowledge(new)


@pytest.mark.ours("turns the clock")
async def test_exactly_once_can_be_switched_and_is_for_pull_alone(once: Lab) -> None:
    off = {"name": once.subscription, "enable_exactly_once_delivery": False}
    masked = {"subscription": off, "update_mask": {"paths": ["enable_exactly_once_delivery"]}}
    await once.publish("Heat")
    [heat] = await once.pull()
    await asyncio.to_thread(once.subscriber.update_subscription, request=masked)
    once.clock.advance(11)
    await once.acknowledge(heat)
    assert await once.pull() == []

    push = {"push_endpoint": "http://127.0.0.1:1/"}
    with pytest.raises(exceptions.InvalidArgument, match="push_config"):
        await once.subscribe(
            once.subscription + "2", once.topic, push_config=push, enable_exactly_once_delivery=True
        )


@pytest.mark.ours("turns the clock")
async def test_acknowledgements_of_a_key_count_in_order(lab: Lab) -> None:
    await lab.setup(enable_exactly_once_delivery=True, enable_message_ordering=True)
    await lab.publish("1", "2", "3", key="k")
    await lab.publish("alone", key="other")
    first, second, third, alone = sorted(await lab.pull(), key=lambda r: r.message.data)

    with pytest.raises(exceptions.InvalidArgument) as failure:
        await lab.acknowledge(alone, second)
    assert told(failure) == {second.ack_id: "TRANSIENT_FAILURE_UNORDERED_ACK_ID"}
    await lab.acknowledge(third, second, first, alone)

    lab.clock.advance(601)
    assert await lab.pull() == []
