"""Pub/Sub: ours against Google's own emulator, both warm, through the official clients.

Each measure is taken of one and then of the other, so that both meet the same load of the machine.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from tests.benchmarks.beside import less, more, ready, sides

if TYPE_CHECKING:
    from tests.benchmarks.machine import Row

PUBLISHED, STREAMED, PATHS = 20_000, 10_000, 200
WARM = 1.5
"""How often more an act is done before it counts, so that a Java machine has compiled it."""
PATIENCE = 300
"""Seconds that a stream is given."""
DATA = b"x" * 200
PROJECT = "projects/measured"


class Measured:
    """Clients of one emulator, which has answered, and what they measure.

    Args:
        stack: Closes the clients.
        address: Of the emulator.
    """

    def __init__(self, stack: ExitStack, address: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PUBSUB_EMULATOR_HOST", address)
            self.publisher, self.subscriber = PublisherClient(), SubscriberClient()
        stack.callback(self.subscriber.close)
        stack.callback(self.publisher.transport.close)
        self.publisher.create_topic(name=f"{PROJECT}/topics/warm-up")

    def publish(self) -> float:
        """Return messages a second, batched as the client does by default."""
        topic, subscription = self._pair("published")
        self._send(topic, int(PUBLISHED * WARM))
        began = perf_counter()
        self._send(topic, PUBLISHED)
        seconds = perf_counter() - began
        self.subscriber.delete_subscription(subscription=subscription)
        return PUBLISHED / seconds

    def stream(self) -> float:
        """Return messages a second that a streaming pull delivers, all acknowledged."""
        # Google's leases what a cancelled stream was sent: the next on its subscription would wait.
        self._receive(*self._pair("warming"), int(STREAMED * WARM))
        return STREAMED / self._receive(*self._pair("streamed"), STREAMED)

    def path(self) -> float:
        """Return the milliseconds from a publish to its callback, one at a time, p50."""
        topic, subscription = self._pair("path")
        heard = threading.Event()

        def callback(message: Any) -> None:  # noqa: ANN401 - untyped client
            message.ack()
            heard.set()

        future, seconds = self.subscriber.subscribe(subscription, callback), []
        for _ in range(int(PATHS * (1 + WARM))):
            began = perf_counter()
            heard.clear()
            self.publisher.publish(topic, DATA)
            heard.wait(PATIENCE)
            seconds.append(perf_counter() - began)
        future.cancel()
        future.result(PATIENCE)
        return 1000 * median(seconds[-PATHS:])

    def _pair(self, word: str) -> tuple[str, str]:
        topic, subscription = f"{PROJECT}/topics/{word}", f"{PROJECT}/subscriptions/{word}"
        self.publisher.create_topic(name=topic)
        self.subscriber.create_subscription(name=subscription, topic=topic)
        return topic, subscription

    def _send(self, topic: str, count: int) -> None:
        for future in [self.publisher.publish(topic, DATA) for _ in range(count)]:
            future.result(PATIENCE)

    def _receive(self, topic: str, subscription: str, count: int) -> float:
        """Return the seconds until so many messages are acknowledged."""
        self._send(topic, count)
        left, lock, done = [count], threading.Lock(), threading.Event()

        def callback(message: Any) -> None:  # noqa: ANN401 - untyped client
            message.ack()
            with lock:
                left[0] -= 1
            if left[0] == 0:
                done.set()

        began = perf_counter()
        future = self.subscriber.subscribe(subscription, callback)
        done.wait(PATIENCE)
        seconds = perf_counter() - began
        future.cancel()
        future.result(PATIENCE)
        return seconds


def run() -> list[Row]:
    """Return rows of what was measured, ours, and Google's with how many times better ours is."""
    seconds = ready("pubsub", answered=lambda stack, new: Measured(stack, *new.addresses))
    with ExitStack() as stack:
        started = [stack.enter_context(start()) for start in sides("pubsub")]
        both = [Measured(stack, *each.addresses) for each in started]
        rows = _rows(both)
        memory = [each.memory() for each in started]
    return [
        *rows,
        less("ready and answering (goal ≥ 6.7×)", seconds, "s"),
        less("memory (goal ≥ 4×)", memory, "MiB"),
    ]


def _rows(both: list[Measured]) -> list[Row]:
    return [
        more("publish (goal ≥ 0.8×)", [each.publish() for each in both]),
        more("streaming pull with ack (goal ≥ 8×)", [each.stream() for each in both]),
        less("publish to callback, one at a time, p50", [each.path() for each in both], "ms"),
    ]
