"""Retained messages come back: seek by time and by snapshot, topic retention, detaching."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions

from tests.emulated.pubsub.test_delivery import texts
from tests.emulated.pubsub.test_resources import request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulators.core.methods import Proto
    from tests.emulated.pubsub.conftest import Lab


def now(lab: Lab) -> datetime:
    return datetime.fromtimestamp(lab.clock.now(), UTC)


async def seek(lab: Lab, name: str = "", **target: Proto) -> None:
    request = {"subscription": name or lab.subscription, **target}
    await asyncio.to_thread(lab.subscriber.seek, request=request)


async def snapshot(lab: Lab, name: str = "") -> Proto:
    request = {"name": name or lab.snapshot, "subscription": lab.subscription}
    return await asyncio.to_thread(lab.subscriber.create_snapshot, request=request)


async def publish_apart(lab: Lab, *names: str, key: str = "") -> None:
    for name in names:
        lab.clock.advance(60)
        await lab.publish(name, key=key)


async def take_all(lab: Lab) -> list[str]:
    received = await lab.pull()
    if received:
        await lab.acknowledge(*received)
    return texts(received)


@pytest.mark.ours("turns the clock")
async def test_seek_to_a_time_brings_back_what_was_acknowledged_since(lab: Lab) -> None:
    await lab.setup(retain_acked_messages=True)
    await publish_apart(lab, "Heat", "Ronin", "Thief")
    assert await take_all(lab) == ["Heat", "Ronin", "Thief"]

    await seek(lab, time=now(lab) - timedelta(seconds=90))
    assert await take_all(lab) == ["Ronin", "Thief"]
    await seek(lab, time=now(lab) - timedelta(days=1))
    assert await take_all(lab) == ["Heat", "Ronin", "Thief"]


@pytest.mark.ours("turns the clock")
async def test_seek_to_now_acknowledges_everything_and_ends_leases(lab: Lab) -> None:
    await lab.setup(retain_acked_messages=True)
    await publish_apart(lab, "Heat", "Ronin")
    leased = await lab.pull(1)

    await seek(lab, time=now(lab) + timedelta(seconds=1))
    lab.clock.advance(601)

    assert await lab.pull() == []
    await seek(lab, time=now(lab) - timedelta(days=1))
    again = await lab.pull()
    assert texts(again) == ["Heat", "Ronin"]
    assert leased[0].ack_id not in {r.ack_id for r in again}


@pytest.mark.ours("turns the clock")
async def test_without_retention_only_what_is_unacknowledged_can_be_sought(lab: Lab) -> None:
    await lab.setup()
    await publish_apart(lab, "Heat", "Ronin")
    await lab.acknowledge(*await lab.pull(1))

    await seek(lab, time=now(lab) - timedelta(days=1))

    assert await take_all(lab) == ["Ronin"]


@pytest.mark.ours("turns the clock")
async def test_acknowledged_messages_are_retained_no_longer_than_the_retention(lab: Lab) -> None:
    await lab.setup(retain_acked_messages=True, message_retention_duration={"seconds": 600})
    await publish_apart(lab, "Heat")
    await take_all(lab)
    lab.clock.advance(570)
    await publish_apart(lab, "Ronin")
    await take_all(lab)

    await seek(lab, time=now(lab) - timedelta(days=1))

    assert await take_all(lab) == ["Ronin"]


@pytest.mark.ours("turns the clock")
async def test_seek_keeps_the_order_of_a_key(lab: Lab) -> None:
    await lab.setup(retain_acked_messages=True, enable_message_ordering=True)
    await publish_apart(lab, "1", "2", "3", key="k")
    first = await lab.pull(2)
    await lab.acknowledge(*first)

    await seek(lab, time=now(lab) - timedelta(days=1))

    assert await take_all(lab) == ["1", "2", "3"]


@pytest.mark.ours("turns the clock")
async def test_snapshot_holds_what_was_open_and_what_came_later(lab: Lab) -> None:
    await lab.setup()
    await publish_apart(lab, "Heat", "Ronin")
    await lab.acknowledge(*await lab.pull(1))
    made = await snapshot(lab)
    await publish_apart(lab, "Thief")
    lab.clock.advance(11)
    assert sorted(await take_all(lab)) == ["Ronin", "Thief"]

    await seek(lab, snapshot=lab.snapshot)

    assert await take_all(lab) == ["Ronin", "Thief"]
    assert (made.name, made.topic) == (lab.snapshot, lab.topic)
    assert timedelta(days=6, hours=23) < made.expire_time - now(lab) < timedelta(days=7)


@pytest.mark.differs("seeks a subscription's own snapshots alone")
async def test_snapshot_of_one_subscription_serves_another_of_the_topic(lab: Lab) -> None:
    await lab.setup()
    await lab.publish("Heat")
    await snapshot(lab)
    await lab.subscribe(lab.name("subscriptions", "other"), lab.topic)

    await seek(lab, lab.name("subscriptions", "other"), snapshot=lab.snapshot)

    assert texts(await lab.pull(name=lab.name("subscriptions", "other"))) == ["Heat"]


@pytest.mark.differs("has words of its own")
async def test_snapshot_of_another_topic_is_refused(lab: Lab) -> None:
    await lab.setup()
    await snapshot(lab)
    await asyncio.to_thread(lab.publisher.create_topic, name=lab.name("topics", "series"))
    await lab.subscribe(lab.name("subscriptions", "other"), lab.name("topics", "series"))

    with pytest.raises(exceptions.FailedPrecondition, match="must match"):
        await seek(lab, lab.name("subscriptions", "other"), snapshot=lab.snapshot)
    with pytest.raises(exceptions.InvalidArgument, match="No target"):
        await seek(lab)
    with pytest.raises(exceptions.NotFound, match="resource=lost"):
        await seek(lab, snapshot=lab.name("snapshots", "lost"))


@pytest.mark.differs("has no UpdateSnapshot")
async def test_snapshots_are_listed_changed_and_deleted(lab: Lab) -> None:
    await lab.setup()
    for name in ("two", "one", "three"):
        await snapshot(lab, lab.name("snapshots", name))
    two = lab.name("snapshots", "two")
    changed = {"snapshot": {"name": two, "labels": {"a": "b"}}, "update_mask": {"paths": []}}

    await asyncio.to_thread(lab.subscriber.delete_snapshot, snapshot=lab.name("snapshots", "one"))
    with pytest.raises(exceptions.InvalidArgument, match="UpdateSnapshotRequest"):
        await asyncio.to_thread(lab.subscriber.update_snapshot, request=changed)
    changed["update_mask"] = {"paths": ["labels"]}
    await asyncio.to_thread(lab.subscriber.update_snapshot, request=changed)
    found = await asyncio.to_thread(lab.subscriber.get_snapshot, snapshot=two)
    listed = await asyncio.to_thread(lab.subscriber.list_snapshots, project=lab.parent)
    _, of_topic = await request(lab, "GET", f"{lab.topic}/snapshots")

    assert dict(found.labels) == {"a": "b"}
    assert [s.name.rpartition("/")[2] for s in listed] == ["three", "two"]
    assert of_topic == {"snapshots": [lab.name("snapshots", "three"), two]}
    with pytest.raises(exceptions.AlreadyExists):
        await snapshot(lab, two)


@pytest.mark.ours("turns the clock")
async def test_snapshot_ends_seven_days_after_its_oldest_message(lab: Lab) -> None:
    await lab.setup()
    await lab.publish("Heat")
    lab.clock.advance(6 * 86400)
    await snapshot(lab)
    lab.clock.advance(83_000)
    with pytest.raises(exceptions.FailedPrecondition, match="less than 1 hour"):
        await snapshot(lab, lab.name("snapshots", "late"))

    lab.clock.advance(3_500)

    with pytest.raises(exceptions.NotFound, match="resource=before"):
        await seek(lab, snapshot=lab.snapshot)


@pytest.mark.ours("turns the clock")
async def test_topic_retains_for_subscriptions_that_come_later(lab: Lab) -> None:
    retention = {"message_retention_duration": {"seconds": 3600}}
    await asyncio.to_thread(lab.publisher.create_topic, request={"name": lab.topic, **retention})
    await publish_apart(lab, "Heat")
    lab.clock.advance(3550)
    await publish_apart(lab, "Ronin", "Thief")
    await lab.subscribe(lab.subscription, lab.topic)
    assert await take_all(lab) == []

    await seek(lab, time=now(lab) - timedelta(hours=2))

    assert await take_all(lab) == ["Ronin", "Thief"]
    get = lab.subscriber.get_subscription
    found = await asyncio.to_thread(get, subscription=lab.subscription)
    assert found.topic_message_retention_duration == timedelta(hours=1)


@pytest.mark.differs("has no DetachSubscription")
async def test_detached_subscription_gets_nothing_any_more(lab: Lab) -> None:
    await lab.setup()
    await lab.publish("Heat")

    detach = {"subscription": lab.subscription}
    await asyncio.to_thread(lab.publisher.detach_subscription, request=detach)
    await lab.publish("Ronin")

    with pytest.raises(exceptions.FailedPrecondition, match="detached"):
        await lab.pull()
    found = await asyncio.to_thread(lab.subscriber.get_subscription, subscription=lab.subscription)
    left = await asyncio.to_thread(lab.publisher.list_topic_subscriptions, topic=lab.topic)
    assert found.detached
    assert list(left) == []


@pytest.mark.ours("begins again with its journal")
async def test_what_is_retained_and_captured_outlives_the_process(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    before: Lab = await start(journal=tmp_path / "emulators.sqlite")
    await before.setup(retain_acked_messages=True)
    await publish_apart(before, "Heat")
    await snapshot(before)
    await publish_apart(before, "Ronin")
    await take_all(before)

    # A second reader of the file sees what a process started after a kill would see.
    after: Lab = await start(journal=tmp_path / "emulators.sqlite")
    after.clock.advance(300)
    none = await take_all(after)
    await seek(after, time=now(after) - timedelta(days=1))
    by_time = await take_all(after)
    await seek(after, snapshot=after.snapshot)

    assert (none, by_time, await take_all(after)) == ([], ["Heat", "Ronin"], ["Heat", "Ronin"])
