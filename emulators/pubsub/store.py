"""Topics, subscriptions and messages, with their durable copy in the journal.

Spaces: ``pubsub.topic`` and ``pubsub.subscription`` by name; ``pubsub.pending`` by subscription and
message, the number of failed deliveries; ``pubsub.acknowledged`` likewise, what it retains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import field_mask_pb2

from emulators.pubsub import masks, names, policies
from emulators.pubsub.backlog import Backlog
from emulators.pubsub.expiration import Expirations
from emulators.pubsub.iam import Policies
from emulators.pubsub.kept import PENDING, Kept, Retained
from emulators.pubsub.leases import Entry, to_entry
from emulators.pubsub.logs import Logs
from emulators.pubsub.messages import Subscription, Topic
from emulators.pubsub.publishing import check_messages, dead_letter
from emulators.pubsub.replay import Replay
from emulators.pubsub.schemas import DELETED_SCHEMA, Schemas
from emulators.pubsub.snapshots import Snapshots
from emulators.pubsub.subscribed import Subscribed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulators.core import errors
    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

_TOPICS, _SUBSCRIPTIONS = "pubsub.topic", "pubsub.subscription"
_ACKNOWLEDGED = "pubsub.acknowledged"
_TOPIC_MUTABLE = frozenset(
    {"labels", "message_retention_duration", "message_storage_policy", "schema_settings"}
)
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
        self.schemas = Schemas(clock, journal)
        self.expirations = Expirations(clock, self._subscriptions.values, self.delete_subscription)
        self._load()
        self.snapshots = Snapshots(clock, journal, self._kept)
        self._kept.restored()
        self.policies = Policies(journal)
        self.replay = Replay(clock, self._kept, self._logs, self.snapshots)

    async def commit(self) -> None:
        """Return when every change made so far would survive the process."""
        await self._journal.commit()

    def check_exists(self, name: str) -> None:
        """Accept the full name of anything there is.

        Raises:
            EmulatorError: INVALID_ARGUMENT or NOT_FOUND.
        """
        finders = {
            "topics": self.topic,
            "subscriptions": self.subscription,
            "snapshots": self.snapshots.get,
            "schemas": self.schemas.get,
        }
        finders[names.kind_of(name)](name)

    # Topics

    def create_topic(self, topic: Proto) -> Proto:
        """Add a topic.

        Raises:
            EmulatorError: INVALID_ARGUMENT, ALREADY_EXISTS or UNIMPLEMENTED.
        """
        names.check(topic.name, "topics")
        self._check_topic(topic)
        if topic.name in self._topics:
            raise names.taken(topic.name)
        topic.state = 1  # ACTIVE
        topic.ClearField("satisfies_pzs")  # for reading only
        self._keep_topic(topic)
        return topic

    def _check_topic(self, topic: Proto) -> None:
        policies.check_topic(topic)
        if topic.HasField("schema_settings"):
            self.schemas.check_settings(topic.schema_settings)

    def delete_schema(self, name: str) -> None:
        """Remove a schema, and say so of every topic that has it.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        self.schemas.delete(name)
        for topic in [t for t in self._topics.values() if t.schema_settings.schema == name]:
            changed = masks.copied(topic)
            changed.schema_settings.schema = DELETED_SCHEMA
            self._keep_topic(changed)

    def topic(self, name: str) -> Proto:
        """Return a topic.

        Raises:
            EmulatorError: INVALID_ARGUMENT or NOT_FOUND.
        """
        if name not in self._topics:
            raise names.absent(name, "topics")
        return self._topics[name]

    def update_topic(self, topic: Proto, mask: Proto) -> Proto:
        """Replace the masked fields of a topic.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT or UNIMPLEMENTED.
        """
        merged = masks.merged(self.topic(topic.name), topic, mask, _TOPIC_MUTABLE)
        self._check_topic(merged)
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
        config = self.topic(topic)
        check_messages(messages)
        if config.HasField("schema_settings"):
            self.schemas.check_messages(config.schema_settings, messages)
        return [self._publish_one(message, topic) for message in messages]

    def _publish_one(self, message: Proto, topic: str) -> str:
        now = self._clock.now()
        number = self._last_id = max(self._last_id + 1, int(now * 1_000_000))
        message.message_id = str(number)
        message.publish_time.FromMicroseconds(int(now * 1_000_000))
        for subscribed in self._by_topic.get(topic, {}).values():
            if subscribed.wants(message.attributes):
                self._kept.hold(PENDING, subscribed.backlog.name, message)
                subscribed.backlog.add(Entry(message, number, now, message.ByteSize()))
        self._logs.add(topic, message)
        self.snapshots.published(topic, message)
        return str(number)

    # Subscriptions

    def create_subscription(self, config: Proto) -> Proto:
        """Add a subscription; without a name, one is made.

        Raises:
            EmulatorError: INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS or UNIMPLEMENTED.
        """
        names.check(config.topic, "topics")
        made = f"{names.project_of(config.topic)}/subscriptions/s{int(self._clock.now() * 1e6)}"
        config.name = config.name or f"projects/{made}"
        names.check(config.name, "subscriptions")
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
            EmulatorError: INVALID_ARGUMENT or NOT_FOUND.
        """
        if name not in self._subscriptions:
            raise names.absent(name, "subscriptions")
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
        # As in production, where an update does not take them away.
        if not merged.push_config.attributes and subscribed.config.push_config.attributes:
            merged.push_config.attributes.update(subscribed.config.push_config.attributes)
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
        self.expirations.stop()
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
            self._kept.note(PENDING, backlog.name, entry.number, str(entry.failures).encode())

    def left(self, backlog: Backlog, entry: Entry, *, acknowledged: bool) -> None:
        """Retain a message if its subscription wants that, else let go of it."""
        subscribed = self._subscriptions[backlog.name]
        if acknowledged and subscribed.config.retain_acked_messages:
            subscribed.retained.add(entry.message)
            oldest = self._clock.now() - backlog.settings.retention_seconds
            subscribed.retained.drop_older(oldest)
        self._kept.drop(PENDING, backlog.name, entry.number)

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
        self.expirations.watch(subscribed)
        if config.topic != names.DELETED_TOPIC and not config.detached:
            self._by_topic.setdefault(config.topic, {})[config.name] = subscribed
        return subscribed

    def _keep_subscription(self, subscribed: Subscribed, config: Proto) -> None:
        subscribed.config = config
        subscribed.backlog.settings = policies.settings(config)
        self.expirations.watch(subscribed)
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
        for name, message, failures in self._kept.restore(PENDING):
            self._subscriptions[name].backlog.add(to_entry(message, int(failures)))
