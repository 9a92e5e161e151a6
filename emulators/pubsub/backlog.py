"""What one subscription has still to deliver: leases, expiry, retries.

Life of an entry: waiting → leased → gone (acknowledged, dead-lettered, too old); a nack or a lease
that expires leads back to waiting, after the retry policy's delay.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from emulators.core import errors
from emulators.pubsub.alarm import Alarm
from emulators.pubsub.ordering import OrderedKeys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulators.core.clock import Clock
    from emulators.core.methods import Proto
    from emulators.pubsub.policies import Settings


@dataclass(slots=True, eq=False)
class Entry:
    """One message of one subscription.

    Attributes:
        message: The PubsubMessage, shared with other subscriptions and never changed.
        number: Its id as a number; grows in the order of publishing.
        published: When, as the clock counts.
        size: Bytes, for flow control.
        failures: Deliveries that were refused or not acknowledged in time.
        deliveries: All deliveries; the last one's lease alone is current.
        lease: The delivery under way.
    """

    message: Proto
    number: int
    published: float
    size: int
    failures: int = 0
    deliveries: int = 0
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


class Owner(Protocol):
    """What a backlog tells the store."""

    def give_up(self, backlog: Backlog, entry: Entry) -> bool:
        """Say whether a failed entry is now somewhere else for good."""

    def failed(self, backlog: Backlog, entry: Entry) -> None:
        """An entry will be delivered again."""

    def left(self, backlog: Backlog, entry: Entry) -> None:
        """An entry is gone."""


class Backlog:
    """The undelivered and unacknowledged messages of one subscription.

    Args:
        name: The subscription.
        clock: Measures leases and delays.
        settings: From the subscription's configuration; may be replaced.
        owner: Is told what must be kept or forgotten.
    """

    def __init__(self, name: str, clock: Clock, settings: Settings, owner: Owner) -> None:
        self.name = name
        self.settings = settings
        self._clock = clock
        self._owner = owner
        self._entries: dict[int, Entry] = {}
        self._arrivals: deque[Entry] = deque()
        self._ready: deque[Entry] = deque()
        self._keys = OrderedKeys()
        self._leases: dict[int, Lease] = {}
        self._expiries: list[tuple[float, int, int]] = []  # deadline, entry, delivery
        self._delayed: list[tuple[float, int]] = []  # moment, entry
        self._consumers: set[Consumer] = set()
        self._alarm = Alarm(clock, self._sweep)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Queue a message that was published, or found in the journal."""
        self._entries[entry.number] = entry
        self._arrivals.append(entry)
        self._offer(entry)
        self._wake()

    def attach(self, consumer: Consumer) -> None:
        """Wake this consumer whenever there may be something to take."""
        self._consumers.add(consumer)
        consumer.wake()

    def detach(self, consumer: Consumer) -> None:
        """Wake it no more; what it holds stays leased until it is answered or expires."""
        self._consumers.discard(consumer)

    def take(self, consumer: Consumer, limit: int) -> list[Lease]:
        """Lease what waits, up to the consumer's room and its fair share among consumers."""
        self._drop_old()
        waiting = len(self._ready) + self._keys.waiting()
        if len(self._consumers) > 1:
            limit = min(limit, math.ceil(waiting / len(self._consumers)))
        leases: list[Lease] = []
        while len(leases) < limit and consumer.has_room():
            entry = self._next(consumer)
            if entry is None:
                break
            leases.append(self._lease(entry, consumer))
        return leases

    def acknowledge(self, ack_ids: Iterable[str]) -> None:
        """Forget delivered messages.

        A late answer counts as long as the message is there; with an ordering key only the current
        delivery's does, since everything after a failed message is delivered again.

        Raises:
            EmulatorError: INVALID_ARGUMENT, for an id that is none.
        """
        for entry, delivery in self._find(ack_ids):
            if not self._ordered(entry) or _is_current(entry, delivery):
                self._remove(entry)

    def modify(self, ack_ids: Iterable[str], seconds: float) -> None:
        """Let leases end so many seconds from now; 0 gives the messages back at once.

        Raises:
            EmulatorError: INVALID_ARGUMENT, for an id that is none.
        """
        deadline = self._clock.now() + seconds
        for entry, delivery in self._find(ack_ids):
            # An earlier id of the same call may have taken this lease away.
            lease = entry.lease if _is_current(entry, delivery) else None
            if lease is not None and seconds <= 0:
                self._fail(entry)
            elif lease is not None:
                lease.deadline = deadline
                self._watch(lease)

    def close(self, reason: errors.EmulatorError) -> None:
        """End every consumer."""
        self._alarm.cancel()
        for consumer in self._consumers:
            consumer.end(reason)
        self._consumers.clear()

    def clear(self) -> None:
        """Drop every message."""
        for entry in list(self._entries.values()):
            self._remove(entry)

    def _ordered(self, entry: Entry) -> bool:
        return self.settings.ordered and bool(entry.key)

    def _offer(self, entry: Entry) -> None:
        if self._ordered(entry):
            self._keys.append(entry)
        else:
            self._ready.append(entry)

    def _next(self, consumer: Consumer) -> Entry | None:
        while self._ready:
            entry = self._ready.popleft()
            if not entry.gone:
                return entry
        return self._keys.next(consumer)

    def _lease(self, entry: Entry, consumer: Consumer) -> Lease:
        entry.deliveries += 1
        seconds = consumer.ack_seconds or self.settings.ack_seconds
        deadline = self._clock.now() + seconds
        ack_id = f"{entry.number}-{entry.deliveries}"
        lease = Lease(entry, consumer, ack_id, deadline, entry.failures + 1)
        entry.lease = self._leases[entry.number] = lease
        consumer.messages += 1
        consumer.bytes += entry.size
        self._watch(lease)
        return lease

    def _watch(self, lease: Lease) -> None:
        if len(self._expiries) > 2 * len(self._leases) + 1024:
            live = self._leases.values()
            self._expiries = [(x.deadline, x.entry.number, x.entry.deliveries) for x in live]
            heapq.heapify(self._expiries)
        entry = lease.entry
        heapq.heappush(self._expiries, (lease.deadline, entry.number, entry.deliveries))
        self._alarm.at(lease.deadline)

    def _release(self, entry: Entry) -> None:
        lease, entry.lease = entry.lease, None
        if lease is not None:
            del self._leases[entry.number]
            lease.consumer.messages -= 1
            lease.consumer.bytes -= entry.size
            lease.consumer.wake()

    def _fail(self, entry: Entry) -> None:
        entry.failures += 1
        self._release(entry)
        if self._ordered(entry):
            for later in self._keys.rewind(entry):
                self._release(later)
        if self._owner.give_up(self, entry):
            self._remove(entry)
            self._wake()
            return
        self._owner.failed(self, entry)
        self._retry(entry, self.settings.delay(entry.failures))

    def _retry(self, entry: Entry, delay: float) -> None:
        ordered = self._ordered(entry)
        if delay > 0:
            if ordered:
                self._keys.block(entry)
            when = self._clock.now() + delay
            heapq.heappush(self._delayed, (when, entry.number))
            self._alarm.at(when)
            return
        if not ordered:
            self._ready.append(entry)
        self._wake()

    def _remove(self, entry: Entry) -> None:
        entry.gone = True
        self._release(entry)
        del self._entries[entry.number]
        if self._ordered(entry):
            self._keys.forget(entry)
            self._wake()
        self._owner.left(self, entry)

    def _find(self, ack_ids: Iterable[str]) -> Iterator[tuple[Entry, int]]:
        parsed = [_parse(ack_id) for ack_id in ack_ids]
        for number, delivery in parsed:
            entry = self._entries.get(number)
            if entry is not None:
                yield entry, delivery

    def _drop_old(self) -> None:
        oldest = self._clock.now() - self.settings.retention_seconds
        while self._arrivals and (self._arrivals[0].gone or self._arrivals[0].published < oldest):
            entry = self._arrivals.popleft()
            if not entry.gone:
                self._remove(entry)

    def _sweep(self) -> None:
        now = self._clock.now()
        self._expire(now)
        while self._delayed and self._delayed[0][0] <= now:
            entry = self._entries.get(heapq.heappop(self._delayed)[1])
            if entry is not None and self._ordered(entry):
                self._keys.unblock(entry)
            elif entry is not None:
                self._ready.append(entry)
        self._wake()
        moments = [heap[0][0] for heap in (self._expiries, self._delayed) if heap]
        if moments:
            self._alarm.at(min(moments))

    def _expire(self, now: float) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            _, number, delivery = heapq.heappop(self._expiries)
            lease = self._leases.get(number)
            if lease and lease.entry.deliveries == delivery and lease.deadline <= now:
                self._fail(lease.entry)

    def _wake(self) -> None:
        for consumer in self._consumers:
            consumer.wake()


def _is_current(entry: Entry, delivery: int) -> bool:
    return entry.lease is not None and entry.deliveries == delivery


def _parse(ack_id: str) -> tuple[int, int]:
    number, _, delivery = ack_id.partition("-")
    if not (number.isdigit() and delivery.isdigit()):
        raise errors.invalid_argument(
            f"You have passed a malformed ack ID to the service (ack_id={ack_id})."
        )
    return int(number), int(delivery)
