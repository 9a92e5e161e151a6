"""What one subscription of one topic must do, in the most obvious way: a list, looked through.

Times are seconds of a clock that stands still unless it is advanced; messages are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ATTEMPTS = 5


@dataclass(frozen=True)
class Config:
    """How the subscription is set up.

    Attributes:
        ordered: Whether ordering keys are honored.
        filtered: Whether it takes messages of kind ``film`` alone.
        once: Whether delivery is exactly once.
        retain: Whether acknowledged messages can be sought.
        dead: Whether what failed five times goes to a dead-letter topic.
        backoff: Least and greatest wait before a redelivery; None for none.
        ack_seconds: How long a delivery is leased.
        retention: How long an unacknowledged message is kept, in seconds.
    """

    ordered: bool = False
    filtered: bool = False
    once: bool = False
    retain: bool = False
    dead: bool = False
    backoff: tuple[int, int] | None = None
    ack_seconds: int = 60
    retention: int = 3600


@dataclass
class Item:
    """One message as the subscription sees it; ``lease`` and ``ready`` are moments."""

    number: int
    key: str
    time: float
    wanted: bool
    open: bool = True
    buried: bool = False
    failures: int = 0
    delivery: int = 0
    lease: float | None = None
    ready: float = 0.0


@dataclass
class Model:
    """The subscription.

    Attributes:
        config: How it is set up.
        now: The time.
        items: Every message ever published.
        dead: Those that went to the dead-letter topic, in order.
        captured: What the snapshot holds; None before there is one.
    """

    config: Config
    now: float
    items: list[Item] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    captured: set[int] | None = None

    def publish(self, key: str, *, wanted: bool) -> None:
        """A message comes."""
        item = Item(len(self.items), key, self.now, wanted)
        item.open = wanted or not self.config.filtered
        self.items.append(item)
        if self.captured is not None:
            self.captured.add(item.number)

    def kept(self) -> list[Item]:
        """What is open and not too old."""
        oldest = self.now - self.config.retention
        return [item for item in self.items if item.open and item.time >= oldest]

    def deliverable(self) -> list[Item]:
        """What a pull may give, in the order of publishing."""
        return [item for item in self.kept() if self._is_free(item)]

    def deliver(self, number: int) -> tuple[int, int]:
        """A pull gave a message: return its attempt, and which delivery it is."""
        item = self.items[number]
        item.lease = self.now + self.config.ack_seconds
        item.delivery += 1
        return item.failures + 1, item.delivery

    def counts(self, number: int, delivery: int) -> bool:
        """Whether an answer to a delivery has an effect."""
        item = self.items[number]
        current = item.open and item.lease is not None and item.delivery == delivery
        return current or (item.open and not self.config.once and not self._in_line(item))

    def current(self, number: int, delivery: int) -> bool:
        """Whether a delivery is leased still."""
        item = self.items[number]
        return item.open and item.lease is not None and item.delivery == delivery

    def in_turn(self, number: int) -> bool:
        """Whether nothing before a message of its key waits for an answer."""
        item = self.items[number]
        return not any(o.lease is not None for o in self._line(item) if o.number < number)

    def acknowledge(self, number: int) -> None:
        """A message is done."""
        self.items[number].open = False
        self.items[number].lease = None

    def prolong(self, number: int, seconds: int) -> None:
        """A lease ends later."""
        self.items[number].lease = self.now + seconds

    def fail(self, item: Item) -> None:
        """A delivery is over without success: those after it in line come again too."""
        item.failures += 1
        item.lease = None
        for later in self._line(item):
            if later.number > item.number:
                later.lease = None
        if self.config.dead and item.failures >= ATTEMPTS:
            item.open, item.buried = False, True
            self.dead.append(item.number)
        elif self.config.backoff is not None:
            least, most = self.config.backoff
            item.ready = self.now + min(most, least * 2 ** (item.failures - 1))

    def advance(self, seconds: int) -> None:
        """Time passes; leases end in the order of their deadlines."""
        until = self.now + seconds
        while True:
            leased = [i for i in self.items if i.lease is not None and i.lease <= until]
            if not leased:
                break
            first = min(leased, key=lambda item: (item.lease, item.number))
            assert first.lease is not None
            self.now = max(self.now, first.lease)
            if first in self.kept():
                self.fail(first)
            else:
                self.acknowledge(first.number)  # too old: gone like all else
        self.now = until

    def seek(self, moment: float) -> None:
        """Everything before a moment is done; what came since is not, as far as it is there."""
        there = {item.number for item in self.kept()}
        oldest = self.now - self.config.retention
        for item in self.items:
            found = item.number in there or (self._retained(item) and item.time >= oldest)
            self._become(item, found and item.time >= moment)

    def capture(self) -> None:
        """A snapshot is made."""
        self.captured = {item.number for item in self.kept()}

    def restore(self) -> None:
        """The snapshot is sought."""
        for item in self.items:
            wanted = item.wanted or not self.config.filtered
            self._become(item, item.number in (self.captured or ()) and wanted)

    def _retained(self, item: Item) -> bool:
        wanted = item.wanted or not self.config.filtered
        return self.config.retain and wanted and not item.open and not item.buried

    def _become(self, item: Item, is_open: bool) -> None:
        if not item.open:
            item.failures = 0
        item.open, item.lease, item.ready = is_open, None, 0.0

    def _in_line(self, item: Item) -> bool:
        return self.config.ordered and bool(item.key)

    def _line(self, item: Item) -> list[Item]:
        """The open messages of a key, or the message alone."""
        if not self._in_line(item):
            return [item]
        return [other for other in self.kept() if other.key == item.key]

    def _is_free(self, item: Item) -> bool:
        if not self._in_line(item):
            return item.lease is None and item.ready <= self.now
        return all(o.lease is None and o.ready <= self.now for o in self._line(item))


def is_in_order(given: list[int], model: Model) -> bool:
    """Whether what a pull gave begins, for every key, where the line of the key begins."""
    waiting = [item.number for item in model.deliverable()]
    for key in {model.items[n].key for n in given} - {""}:
        line, mine = (
            [number for number in numbers if model.items[number].key == key]
            for numbers in (waiting, given)
        )
        if mine != line[: len(mine)]:
            return False
    return True
