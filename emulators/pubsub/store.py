"""Topics, subscriptions and messages, with their durable copy in the journal.

Spaces: ``pubsub.topic`` and ``pubsub.subscription`` by name; ``pubsub.pending`` by subscription and
message, the number of failed deliveries; ``pubsub.acknowledged`` likewise, what it retains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import field_mask_pb2

from emulators.core import errors
from emulators.pubsub import masks, names, policies
from emulators.pubsub.backlog import Backlog
from emulators.pubsub.kept import Kept, Retained
from emulators.pubsub.leases import Entry
from emulators.pubsub.logs import Logs
from emulators.pubsub.messages import Subscription, Topic
from emulators.pubsub.publishing import check_messages, dead_letter
from emulators.pubsub.snapshots import Snapshots
from emulators.pubsub.subscribed import Subscribed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

_TOPICS, _SUBSCRIPTIONS = "pubsub.topic", "pubsub.subscription"
_PENDING, _ACKNOWLEDGED = "pubsub.pending", "pubsub.acknowledged"
_TOPIC_MUTABLE = frozenset({"labels", "message_retention_duration", "message_storage_policy"})
_SUBSCRIPTION_MUTABLE = frozenset(
    {
        "ack_deadline_seconds",
        "dead_letter_policy",
        "enable_exactly_once_delivery",
        "expiration_policy",
        "labels",
        "message_retention_duration",
        "push_config",
        "retain_acked_messages",
        "retry_policy",
    }
)


class Store:
    """All of Pub/Sub's state.

    Args:
        clock: Gives publish times and ids, and measures every deadline.
        journal: Where what must last is written; whoever answers a call commits it.
    """

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._topics: dict[str, Proto] = {}
        self._subscriptions: dict[str, Subscribed] = {}
        self._by_topic: dict[str, dict[str, Subscribed]] = {}
        self._kept = Kept(journal)
        self._logs = Logs(clock, self._kept)
        self._last_id, self.boot = self._kept.last_id(), self._kept.boot
        self.on_change: Callable[[str], None] = lambda _name: None
        self._load()
        self.snapshots = Snapshots(clock, journal, self._kept)
        self._kept.restored()

    async def commit(self) -> None:
        """Return when every change made so far would survive the process."""
        await self._journal.commit()

    # Topics

    def create_topic(self, topic: Proto) -> Proto:
        """Add a topic.

        Raises:
            EmulatorError: INVALID_ARGUMENT, ALREADY_EXISTS or UNIMPLEMENTED.
        """
        names.check(topic.name, "topics")
        policies.check_topic(topic)
        if topic.name in self._topics:
            raise names.taken(topic.name)
        topic.state = 1  # ACTIVE
        self._keep_topic(topic)
        return topic

    def topic(self, name: str) -> Proto:
        """Return a topic.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        if name not in self._topics:
            raise names.missing(name)
        return self._topics[name]

    def update_topic(self, topic: Proto, mask: Proto) -> Proto:
        """Replace the masked fields of a topic.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT.
        """
        merged = masks.merged(self.topic(topic.name), topic, mask, _TOPIC_MUTABLE)
        policies.check_topic(merged)
        self._keep_topic(merged)
        for subscribed in self._by_topic.get(topic.name, {}).values():
            self._keep_subscription(subscribed, self._of_topic(subscribed.config))
        return merged

    def topics(self, project: str) -> list[Proto]:
        """Return a project's topics by name."""
        found = (t for t in self._topics.values() if t.name.startswith(f"{project}/topics/"))
        return sorted(found, key=lambda topic: str(topic.name))

    def topic_subscriptions(self, topic: str) -> list[str]:
        """Return the names of a topic's subscriptions.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        self.topic(topic)
        return sorted(self._by_topic.get(topic, ()))

    def delete_topic(self, name: str) -> None:
        """Remove a topic; its subscriptions stay and deliver what they have.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        self.topic(name)
        del self._topics[name]
        self._journal.put(_TOPICS, name, None)
        self._logs.forget(name)
        self.snapshots.topic_deleted(name)
        for subscribed in self._by_topic.pop(name, {}).values():
            changed = masks.copied(subscribed.config)
            changed.topic = names.DELETED_TOPIC
            self._keep_subscription(subscribed, changed)

    # Messages

    def publish(self, topic: str, messages: Sequence[Proto]) -> list[str]:
        """Queue messages for every subscription of the topic.

        Args:
            topic: Full name.
            messages: PubsubMessages; they become the store's own and are given id and time.

        Returns:
            Their ids, in the same order.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT; then no message is published.
        """
        self.topic(topic)
        check_messages(messages)
        return [self._publish_one(message, topic) for message in messages]

    def _publish_one(self, message: Proto, topic: str) -> str:
        now = self._clock.now()
        number = self._last_id = max(self._last_id + 1, int(now * 1_000_000))
        message.message_id = str(number)
        message.publish_time.FromMicroseconds(int(now * 1_000_000))
        for subscribed in self._by_topic.get(topic, {}).values():
            if subscribed.wants(message.attributes):
                self._kept.hold(_PENDING, subscribed.backlog.name, message)
                subscribed.backlog.add(Entry(message, number, now, message.ByteSize()))
        self._logs.add(topic, message)
        self.snapshots.published(topic, message)
        return str(number)

    def create_snapshot(self, request: Proto) -> Proto:
        """Capture what a subscription has not acknowledged.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS or FAILED_PRECONDITION.
        """
        subscribed = self.attached(request.subscription)
        messages = [entry.message for entry in subscribed.backlog.entries()]
        return self.snapshots.create(request, subscribed.config.topic, messages)

    def seek(self, name: str, moment: int) -> None:
        """Make messages published before a moment acknowledged, the others not.

        Args:
            name: The subscription.
            moment: Microseconds since 1970 UTC.

        Raises:
            EmulatorError: NOT_FOUND or FAILED_PRECONDITION.
        """
        subscribed = self.attached(name)
        oldest = self._clock.now() - subscribed.backlog.settings.retention_seconds
        subscribed.retained.drop_older(oldest)
        found = [entry.message for entry in subscribed.backlog.entries()]
        found += subscribed.retained
        found += self._logs.messages(subscribed.config.topic)
        self._replay(subscribed, (m for m in found if m.publish_time.ToMicroseconds() >= moment))

    def seek_snapshot(self, name: str, snapshot: str) -> None:
        """Give a subscription the state that a snapshot captured.

        Raises:
            EmulatorError: NOT_FOUND; FAILED_PRECONDITION, when they are of different topics.
        """
        subscribed = self.attached(name)
        captured = self.snapshots.get(snapshot)
        if subscribed.config.topic != captured.topic or captured.topic == names.DELETED_TOPIC:
            raise errors.failed_precondition(
                f"The subscription's topic {subscribed.config.topic} is different from that of "
                f"the snapshot {captured.topic}; they must match in order for Seek to work."
            )
        self._replay(subscribed, self.snapshots.messages(snapshot))

    def _replay(self, subscribed: Subscribed, messages: Iterable[Proto]) -> None:
        backlog = subscribed.backlog
        failures = {entry.number: entry.failures for entry in backlog.entries()}
        backlog.clear(acknowledged=True)
        wanted = {int(m.message_id): m for m in messages if subscribed.wants(m.attributes)}
        for number in sorted(wanted):
            self._kept.hold(
                _PENDING, backlog.name, wanted[number], str(failures.get(number, 0)).encode()
            )
            subscribed.retained.discard(number)
            self._restore(backlog, wanted[number], failures.get(number, 0))

    # Subscriptions

    def create_subscription(self, config: Proto) -> Proto:
        """Add a subscription.

        Raises:
            EmulatorError: INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS or UNIMPLEMENTED.
        """
        names.check(config.name, "subscriptions")
        names.check(config.topic, "topics")
        if config.name in self._subscriptions:
            raise names.taken(config.name)
        self.topic(config.topic)
        config.ClearField("detached")  # these two are for reading only
        config = self._of_topic(config)
        policies.complete(config)
        subscribed = self._subscribed(config)
        self._keep_subscription(subscribed, config)
        return config

    def subscription(self, name: str) -> Subscribed:
        """Return a subscription.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        if name not in self._subscriptions:
            raise names.missing(name)
        return self._subscriptions[name]

    def attached(self, name: str) -> Subscribed:
        """Return a subscription that is not detached.

        Raises:
            EmulatorError: NOT_FOUND or FAILED_PRECONDITION.
        """
        subscribed = self.subscription(name)
        if subscribed.config.detached:
            raise names.detached(name)
        return subscribed

    def detach(self, name: str) -> None:
        """Cut a subscription off its topic for good, and drop what it has.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        subscribed = self.subscription(name)
        changed = masks.copied(subscribed.config)
        changed.detached = True
        self._by_topic.get(changed.topic, {}).pop(name, None)
        subscribed.drop_messages()
        self._keep_subscription(subscribed, changed)
        subscribed.backlog.close(names.detached(name))

    def update_subscription(self, config: Proto, mask: Proto) -> Proto:
        """Replace the masked fields of a subscription.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT or UNIMPLEMENTED.
        """
        subscribed = self.subscription(config.name)
        merged = masks.merged(subscribed.config, config, mask, _SUBSCRIPTION_MUTABLE)
        policies.complete(merged)
        self._keep_subscription(subscribed, merged)
        return merged

    def modify_push(self, name: str, push_config: Proto) -> None:
        """Switch a subscription between push and pull, or to another endpoint.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT or UNIMPLEMENTED.
        """
        config = Subscription(name=name, push_config=push_config)
        self.update_subscription(config, field_mask_pb2.FieldMask(paths=["push_config"]))

    def subscriptions(self, project: str = "") -> list[Proto]:
        """Return the configurations of a project's subscriptions, or of all, by name."""
        prefix = f"{project}/subscriptions/" if project else ""
        found = sorted(name for name in self._subscriptions if name.startswith(prefix))
        return [self._subscriptions[name].config for name in found]

    def delete_subscription(self, name: str) -> None:
        """Remove a subscription with everything it had to deliver.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        subscribed = self.subscription(name)
        subscribed.drop_messages()
        subscribed.backlog.close(names.missing(name))
        del self._subscriptions[name]
        self._by_topic.get(subscribed.config.topic, {}).pop(name, None)
        self._journal.put(_SUBSCRIPTIONS, name, None)
        self.on_change(name)

    def close(self, reason: errors.EmulatorError) -> None:
        """End every consumer of every subscription."""
        for subscribed in self._subscriptions.values():
            subscribed.backlog.close(reason)

    # What backlogs tell their owner

    def give_up(self, backlog: Backlog, entry: Entry) -> bool:
        """Forward a message that failed too often to the dead-letter topic, if there is one."""
        settings = backlog.settings
        topic = settings.dead_letter_topic
        if topic not in self._topics or entry.failures < settings.max_attempts:
            return False
        self._publish_one(dead_letter(backlog.name, entry), topic)
        return True

    def failed(self, backlog: Backlog, entry: Entry) -> None:
        """Remember how often a message failed where a dead-letter policy counts it."""
        if backlog.settings.dead_letter_topic:
            self._kept.note(_PENDING, backlog.name, entry.number, str(entry.failures).encode())

    def left(self, backlog: Backlog, entry: Entry, *, acknowledged: bool) -> None:
        """Retain a message if its subscription wants that, else let go of it."""
        subscribed = self._subscriptions[backlog.name]
        if acknowledged and subscribed.config.retain_acked_messages:
            subscribed.retained.add(entry.message)
            oldest = self._clock.now() - backlog.settings.retention_seconds
            subscribed.retained.drop_older(oldest)
        self._kept.drop(_PENDING, backlog.name, entry.number)

    def _keep_topic(self, topic: Proto) -> None:
        self._topics[topic.name] = topic
        self._journal.put(_TOPICS, topic.name, topic.SerializeToString())
        self._logs.configure(topic)

    def _of_topic(self, config: Proto) -> Proto:
        """Return the configuration with what its topic adds to it."""
        changed = masks.copied(config)
        changed.ClearField("topic_message_retention_duration")
        topic = self._topics[config.topic]
        if topic.HasField("message_retention_duration"):
            changed.topic_message_retention_duration.CopyFrom(topic.message_retention_duration)
        return changed

    def _subscribed(self, config: Proto) -> Subscribed:
        backlog = Backlog(config.name, self._clock, policies.settings(config), self)
        retained = Retained(self._kept, _ACKNOWLEDGED, config.name)
        subscribed = Subscribed(config, backlog, retained)
        self._subscriptions[config.name] = subscribed
        if config.topic != names.DELETED_TOPIC and not config.detached:
            self._by_topic.setdefault(config.topic, {})[config.name] = subscribed
        return subscribed

    def _keep_subscription(self, subscribed: Subscribed, config: Proto) -> None:
        subscribed.config = config
        subscribed.backlog.settings = policies.settings(config)
        self._journal.put(_SUBSCRIPTIONS, config.name, config.SerializeToString())
        self.on_change(config.name)

    def _load(self) -> None:
        for _, value in self._journal.load(_TOPICS):
            self._keep_topic(Topic.FromString(value))
        for _, value in self._journal.load(_SUBSCRIPTIONS):
            self._subscribed(Subscription.FromString(value))
        self._logs.restore()
        for name, message, _ in self._kept.restore(_ACKNOWLEDGED):
            self._subscriptions[name].retained.restore(message)
        for name, message, failures in self._kept.restore(_PENDING):
            self._restore(self._subscriptions[name].backlog, message, int(failures))

    def _restore(self, backlog: Backlog, message: Proto, failures: int) -> None:
        published = message.publish_time.ToMicroseconds() / 1e6
        number = int(message.message_id)
        backlog.add(Entry(message, number, published, message.ByteSize(), failures))
