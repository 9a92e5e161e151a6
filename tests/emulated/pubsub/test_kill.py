"""A killed process loses nothing it answered for."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from tests.emulated.pubsub.conftest import SUBSCRIPTION, TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


@contextlib.contextmanager
def process(journal: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run Pub/Sub in a process that is killed at the end, without a chance to tidy up."""
    command = [sys.executable, "-m", "tests.emulated.pubsub.serve", str(journal)]
    # The command is ours: this interpreter and a module of this folder.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603
        try:
            assert running.stdout is not None
            port = int(running.stdout.readline())
            monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{port}")
            yield
        finally:
            running.kill()


def test_what_was_answered_survives_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with process(tmp_path / "emulators.sqlite", monkeypatch):
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

    with process(tmp_path / "emulators.sqlite", monkeypatch), SubscriberClient() as after:
        rest = after.pull(subscription=SUBSCRIPTION, max_messages=1000).received_messages

    acknowledged = {received.message.message_id for received in first}
    assert {received.message.message_id for received in rest} == published - acknowledged
    assert len(rest) == 500 - len(first)
