"""What one subscription has still to deliver: leases, expiry, retries.

Life of an entry: waiting → leased → gone (acknowledged, dead-lettered, too old); a nack or a lease
that expires leads back to waiting, after the retry policy's delay.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from typing import TYPE_CHECKING, Protocol

from emulators.pubsub.alarm import Alarm
from emulators.pubsub.confirmations import INVALID, UNORDERED, AckId, Confirmed
from emulators.pubsub.leases import Lease
from emulators.pubsub.ordering import OrderedKeys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulators.core import errors
    from emulators.core.clock import Clock
    from emulators.pubsub.leases import Consumer, Entry
    from emulators.pubsub.policies import Settings

# A channel takes 4 MiB (https://grpc.github.io/grpc/core) unless it says otherwise, and what the
# client makes of the emulator's address says nothing; ack id and lengths are beside a message.
_ANSWER_BYTES, _ABOUT_BYTES = 4_000_000, 64


class Owner(Protocol):
    """What a backlog tells the store, and asks it."""

    boot: int

    def give_up(self, backlog: Backlog, entry: Entry) -> bool:
        """Say whether a failed entry is now somewhere else for good."""

    def failed(self, backlog: Backlog, entry: Entry) -> None:
        """An entry will be delivered again."""

    def left(self, backlog: Backlog, entry: Entry, *, acknowledged: bool) -> None:
        """An entry is gone."""


class Backlog:
    """The undelivered and unacknowledged messages of one subscription.

    Args:
        name: The subscription.
        clock: Measures leases and delays.
        settings: From the subscription's configuration; may be replaced.
        owner: Is told what must be kept or forgotten, and says how often the process was started.
    """

    def __init__(self, name: str, clock: Clock, settings: Settings, owner: Owner) -> None:
        self.name = name
        self.settings = settings
        self._boot = owner.boot
        self._clock = clock
        self._owner = owner
        self._entries: dict[int, Entry] = {}
        self._arrivals: deque[Entry] = deque()
        self._ready: deque[Entry] = deque()
        self._keys = OrderedKeys()
        self._leases: dict[int, Lease] = {}
        self._expiries: list[tuple[float, int, int]] = []  # deadline, entry, delivery
        self._delayed: list[tuple[float, int]] = []  # moment, entry
        self._consumers: dict[Consumer, None] = {}  # in the order they came
        self._confirmed = Confirmed()
        self._deliveries = 0
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
        self._consumers[consumer] = None
        consumer.wake()

    def detach(self, consumer: Consumer) -> None:
        """Wake it no more; what it holds stays leased until it is answered or expires."""
        self._consumers.pop(consumer, None)

    def take(self, consumer: Consumer, limit: int) -> list[Lease]:
        """Lease what waits, up to the consumer's room and its fair share among consumers.

        Together they fit into what a client takes in one answer, unless the first does not.
        """
        self._drop_old()
        waiting = len(self._ready) + self._keys.waiting()
        if len(self._consumers) > 1:
            limit = min(limit, math.ceil(waiting / len(self._consumers)))
        leases: list[Lease] = []
        room = math.inf
        while len(leases) < limit and consumer.has_room():
            entry = self._next(consumer, room)
            if entry is None:
                break
            leases.append(self._lease(entry, consumer))
            room = min(room, _ANSWER_BYTES) - entry.size - _ABOUT_BYTES
        return leases

    def acknowledge(self, ack_ids: Iterable[str]) -> dict[str, str]:
        """Forget delivered messages.

        A late answer counts as long as the message is there; with an ordering key only the current
        delivery's does, since everything after a failed message is delivered again. With
        exactly-once delivery it is refused, unless the same answer was confirmed before, and so
        is, for now, one that comes before the answers to earlier messages of its key.

        Returns:
            What is wrong with the ids that are refused; empty without exactly-once delivery.

        Raises:
            EmulatorError: INVALID_ARGUMENT, for an id that is none; then no message is forgotten.
        """
        once = self.settings.exactly_once
        refused = {}
        parsed = [AckId.parse(ack_id) for ack_id in ack_ids]
        for ack_id, entry in self._find(sorted(parsed) if once else parsed):
            if entry is None or not self._is_current(entry, ack_id):
                if once and ack_id not in self._confirmed:
                    refused[str(ack_id)] = INVALID
                elif not once and entry is not None and not self._ordered(entry):
                    self._remove(entry, acknowledged=True)
            elif once and self._ordered(entry) and not self._keys.is_first(entry):
                refused[str(ack_id)] = UNORDERED
            else:
                if once:
                    self._confirmed.add(ack_id)
                self._remove(entry, acknowledged=True)
        return refused

    def modify(self, ack_ids: Iterable[str], seconds: float) -> dict[str, str]:
        """Let leases end so many seconds from now; 0 gives the messages back at once.

        Returns:
            What is wrong with the ids that are refused; empty without exactly-once delivery.

        Raises:
            EmulatorError: INVALID_ARGUMENT, for an id that is none; then no lease is changed.
        """
        deadline = self._clock.now() + seconds
        refused = {}
        for ack_id, entry in self._find([AckId.parse(ack_id) for ack_id in ack_ids]):
            # An earlier id of the same call may have taken this lease away.
            lease = entry.lease if entry is not None and self._is_current(entry, ack_id) else None
            if lease is None:
                if self.settings.exactly_once:
                    refused[str(ack_id)] = INVALID
            elif seconds <= 0:
                self._fail(lease.entry)
            else:
                lease.deadline = deadline
                self._watch(lease)
        return refused

    def close(self, reason: errors.EmulatorError) -> None:
        """End every consumer."""
        self._alarm.cancel()
        for consumer in self._consumers:
            consumer.end(reason)
        self._consumers.clear()

    def entries(self) -> list[Entry]:
        """Return everything not acknowledged and not too old, in the order of publishing."""
        self._drop_old()
        return sorted(self._entries.values(), key=lambda entry: entry.number)

    def clear(self, *, acknowledged: bool = False) -> None:
        """Drop every message, as if acknowledged or not; every lease ends."""
        for entry in list(self._entries.values()):
            self._remove(entry, acknowledged=acknowledged)
        # A message may come back, and then what waited for its former life must not find it.
        self._arrivals.clear()
        self._ready.clear()
        self._expiries.clear()
        self._delayed.clear()

    def _ordered(self, entry: Entry) -> bool:
        return self.settings.ordered and bool(entry.key)

    def _offer(self, entry: Entry) -> None:
        if self._ordered(entry):
            self._keys.append(entry)
        else:
            self._ready.append(entry)

    def _next(self, consumer: Consumer, room: float) -> Entry | None:
        while self._ready and self._ready[0].gone:
            self._ready.popleft()
        if not self._ready:
            return self._keys.next(consumer, room)
        return self._ready.popleft() if self._ready[0].size <= room else None

    def _lease(self, entry: Entry, consumer: Consumer) -> Lease:
        self._deliveries += 1
        entry.delivery = self._deliveries
        seconds = consumer.ack_seconds or self.settings.ack_seconds
        deadline = self._clock.now() + seconds
        ack_id = f"{self._boot}-{entry.number}-{entry.delivery}"  # as AckId writes it
        lease = Lease(entry, consumer, ack_id, deadline, entry.failures + 1)
        entry.lease = self._leases[entry.number] = lease
        consumer.messages += 1
        consumer.bytes += entry.size
        self._watch(lease)
        return lease

    def _watch(self, lease: Lease) -> None:
        if len(self._expiries) > 2 * len(self._leases) + 1024:
            live = self._leases.values()
            self._expiries = [(x.deadline, x.entry.number, x.entry.delivery) for x in live]
            heapq.heapify(self._expiries)
        entry = lease.entry
        heapq.heappush(self._expiries, (lease.deadline, entry.number, entry.delivery))
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

    def _remove(self, entry: Entry, *, acknowledged: bool = False) -> None:
        entry.gone = True
        self._release(entry)
        del self._entries[entry.number]
        if self._ordered(entry):
            self._keys.forget(entry)
            self._wake()
        self._owner.left(self, entry, acknowledged=acknowledged)

    def _find(self, ack_ids: Iterable[AckId]) -> Iterator[tuple[AckId, Entry | None]]:
        if self.settings.exactly_once:
            self._expire(self._clock.now())
        for ack_id in ack_ids:
            yield ack_id, self._entries.get(ack_id.number)

    def _is_current(self, entry: Entry, ack_id: AckId) -> bool:
        there = entry.lease is not None and entry.delivery == ack_id.delivery
        return there and ack_id.boot == self._boot

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
            if lease and lease.entry.delivery == delivery and lease.deadline <= now:
                self._fail(lease.entry)

    def _wake(self) -> None:
        for consumer in self._consumers:
            consumer.wake()
