"""What is delivered, to whom, and until when."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.core import errors
    from emulators.core.methods import Proto


@dataclass(slots=True, eq=False)
class Entry:
    """One message of one subscription.

    Attributes:
        message: The PubsubMessage, shared with other subscriptions and never changed.
        number: Its id as a number; grows in the order of publishing.
        published: When, as the clock counts.
        size: Bytes, for flow control.
        failures: Deliveries that were refused or not acknowledged in time.
        delivery: Number of its last delivery, among all of the subscription.
        lease: The delivery under way.
    """

    message: Proto
    number: int
    published: float
    size: int
    failures: int = 0
    delivery: int = 0
    lease: Lease | None = None
    gone: bool = False

    @property
    def key(self) -> str:
        """The ordering key, empty for none."""
        key: str = self.message.ordering_key
        return key


@dataclass(slots=True, eq=False)
class Lease:
    """One delivery of an entry, to be answered by ``ack_id`` before ``deadline``."""

    entry: Entry
    consumer: Consumer
    ack_id: str
    deadline: float
    attempt: int


class Consumer:
    """Whoever takes messages: a stream, a pull call, the push worker.

    Args:
        max_messages: Most messages out at a time; 0 or less for no limit.
        max_bytes: Most bytes out at a time, likewise; one message may exceed it.
        pipelined: Whether several messages of one ordering key may be out.
        ack_seconds: Length of its leases; None for the subscription's.
    """

    def __init__(
        self,
        *,
        max_messages: int = 0,
        max_bytes: int = 0,
        pipelined: bool = True,
        ack_seconds: float | None = None,
    ) -> None:
        self.max_messages = max_messages if max_messages > 0 else math.inf
        self.max_bytes = max_bytes if max_bytes > 0 else math.inf
        self.pipelined = pipelined
        self.ack_seconds = ack_seconds
        self.messages = 0
        self.bytes = 0
        self._ended = False
        self._reason: errors.EmulatorError | None = None
        self._event = asyncio.Event()

    def has_room(self) -> bool:
        """Whether flow control allows one more message."""
        return self.messages < self.max_messages and self.bytes < self.max_bytes

    def wake(self) -> None:
        """There may be something to take."""
        self._event.set()

    def end(self, reason: errors.EmulatorError | None = None) -> None:
        """Nothing will come any more; without a reason, because the consumer wants no more."""
        self._ended = True
        self._reason = reason
        self._event.set()

    async def wait(self) -> bool:
        """Return True when there may be something to take, False when nothing will come.

        Raises:
            EmulatorError: The reason why nothing will come.
        """
        await self._event.wait()
        self._event.clear()
        if self._reason:
            raise self._reason
        return not self._ended


def to_entry(message: Proto, failures: int = 0) -> Entry:
    """Return a published message as an entry nobody has taken yet."""
    published = message.publish_time.ToMicroseconds() / 1e6
    return Entry(message, int(message.message_id), published, message.ByteSize(), failures)
