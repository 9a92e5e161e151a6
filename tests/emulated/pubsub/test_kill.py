"""A killed process loses nothing it answered for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from tests.emulated.alone import process

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.ours("kills the process")

TOPIC = "projects/p/topics/films"
SUBSCRIPTION = "projects/p/subscriptions/viewer"


def test_what_was_answered_survives_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with process("pubsub", tmp_path / "emulators.sqlite") as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        publisher, subscriber = PublisherClient(), SubscriberClient()
        publisher.create_topic(name=TOPIC)
        subscriber.create_subscription(name=SUBSCRIPTION, topic=TOPIC)
        sent = [publisher.publish(TOPIC, str(n).encode()) for n in range(500)]
        published = {future.result(10) for future in sent}
        first = subscriber.pull(subscription=SUBSCRIPTION, max_messages=100).received_messages
        ack_ids = [received.ack_id for received in first]
        subscriber.acknowledge(subscription=SUBSCRIPTION, ack_ids=ack_ids)
    publisher.transport.close()
    subscriber.close()

    with process("pubsub", tmp_path / "emulators.sqlite") as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        with SubscriberClient() as after:
            rest = after.pull(subscription=SUBSCRIPTION, max_messages=1000).received_messages

    acknowledged = {received.message.message_id for received in first}
    assert {received.message.message_id for received in rest} == published - acknowledged
    assert len(rest) == 500 - len(first)


def test_what_can_be_replayed_survives_kill_9(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = "projects/p/snapshots/before"
    with process("pubsub", tmp_path / "emulators.sqlite") as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        publisher, subscriber = PublisherClient(), SubscriberClient()
        publisher.create_topic(name=TOPIC)
        subscriber.create_subscription(name=SUBSCRIPTION, topic=TOPIC)
        published = {publisher.publish(TOPIC, str(n).encode()).result(10) for n in range(3)}
        subscriber.create_snapshot(name=snapshot, subscription=SUBSCRIPTION)
        taken = subscriber.pull(subscription=SUBSCRIPTION, max_messages=3).received_messages
        ack_ids = [received.ack_id for received in taken]
        subscriber.acknowledge(subscription=SUBSCRIPTION, ack_ids=ack_ids)
    publisher.transport.close()
    subscriber.close()

    with process("pubsub", tmp_path / "emulators.sqlite") as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        with SubscriberClient() as after:
            after.seek(request={"subscription": SUBSCRIPTION, "snapshot": snapshot})
            back = after.pull(subscription=SUBSCRIPTION, max_messages=10).received_messages

    assert {received.message.message_id for received in back} == published
