"""Random histories of publishing, answering and seeking end as an obvious model says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.core import errors
from emulators.core.clock import VirtualClock
from emulators.core.journal import Journal
from emulators.pubsub.leases import Consumer
from emulators.pubsub.messages import PubsubMessage, Subscription, Topic
from emulators.pubsub.store import Store

if TYPE_CHECKING:
    from emulators.core.methods import Proto

pytestmark = pytest.mark.ours("is of the store")

TOPIC, SUBSCRIPTION = "projects/p/topics/films", "projects/p/subscriptions/viewer"
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["publish", "ack", "nack", "seek", "capture", "restore", "reload"]),
        st.integers(0, 5),
    ),
    min_size=6,
    max_size=30,
)


@dataclass
class Model:
    """Every message ever published, which of them are open, and the open ones of a snapshot."""

    times: list[int] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    captured: set[int] | None = None


class World:
    """A store, and the model that does the same."""

    def __init__(self, *, ordered: bool) -> None:
        self.clock = VirtualClock()
        self.clock.freeze()
        self.journal = Journal(None)
        self.store = Store(self.clock, self.journal)
        self.model = Model()
        self.store.create_topic(Topic(name=TOPIC))
        config = Subscription(name=SUBSCRIPTION, topic=TOPIC, retain_acked_messages=True)
        config.enable_message_ordering = ordered
        config.retry_policy.minimum_backoff.seconds = 1
        config.retry_policy.maximum_backoff.seconds = 2
        self.store.create_subscription(config)

    def publish(self, count: int) -> None:
        """Some messages, a second after what was before."""
        self.clock.advance(1)
        for _ in range(count):
            number = len(self.model.times)
            self.model.times.append(int(self.clock.now() * 1e6))
            self.model.open.add(number)
            if self.model.captured is not None:
                self.model.captured.add(number)
            text = str(number).encode()
            self.store.publish(TOPIC, [PubsubMessage(data=text, ordering_key=str(number % 2))])

    def take(self, limit: int) -> list[Proto]:
        """Lease some messages."""
        return self.store.subscription(SUBSCRIPTION).backlog.take(Consumer(), limit)

    def ack(self, count: int) -> None:
        """Take and acknowledge some, give the others back."""
        leases = self.take(2 * count)
        backlog = self.store.subscription(SUBSCRIPTION).backlog
        backlog.acknowledge([lease.ack_id for lease in leases[:count]])
        backlog.modify([lease.ack_id for lease in leases[count:]], 0)
        self.model.open -= {int(lease.entry.message.data) for lease in leases[:count]}

    def nack(self, count: int) -> None:
        """Take some and give them back."""
        ids = [lease.ack_id for lease in self.take(count)]
        self.store.subscription(SUBSCRIPTION).backlog.modify(ids, 0)

    def seek(self, back: int) -> None:
        """Go to a moment some seconds ago."""
        moment = int((self.clock.now() - back) * 1e6)
        self.store.replay.to_time(self.store.attached(SUBSCRIPTION), moment)
        self.model.open = {n for n, time in enumerate(self.model.times) if time >= moment}

    def capture(self, _: int) -> None:
        """Make the one snapshot, if there is none."""
        if self.model.captured is None:
            wanted = SimpleNamespace(name="projects/p/snapshots/one", labels={})
            wanted.subscription = SUBSCRIPTION
            self.store.snapshots.create(wanted, self.store.attached(SUBSCRIPTION))
            self.model.captured = set(self.model.open)

    def restore(self, _: int) -> None:
        """Go back to the snapshot, if there is one."""
        if self.model.captured is not None:
            subscribed = self.store.attached(SUBSCRIPTION)
            self.store.replay.to_snapshot(subscribed, "projects/p/snapshots/one")
            self.model.open = set(self.model.captured)

    def reload(self, _: int) -> None:
        """Begin again with what the journal holds."""
        self.store = Store(self.clock, self.journal)


async def settled() -> None:
    """Let timers that are due take effect: a wake-up, its task, and what that started."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.ours("turns the clock")
@settings(max_examples=60, deadline=None)
@given(steps=STEPS, ordered=st.booleans())
def test_histories_end_with_the_messages_the_model_has_open(
    steps: list[tuple[str, int]], ordered: bool
) -> None:
    async def run() -> None:
        world = World(ordered=ordered)
        for name, count in [("publish", 3), *steps]:
            getattr(world, name)(count)
            await settled()
        world.clock.advance(10)
        await settled()
        left = [int(lease.entry.message.data) for lease in world.take(1000)]
        world.store.close(errors.unavailable("over"))
        world.journal.close()

        assert sorted(left) == sorted(world.model.open)
        if ordered:
            for parity in (0, 1):
                of_key = [number for number in left if number % 2 == parity]
                assert of_key == sorted(of_key)

    asyncio.run(run())
