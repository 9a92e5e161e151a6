"""Topics, subscriptions and messages, with their durable copy in the journal.

Spaces: ``pubsub.topic`` and ``pubsub.subscription`` by name; ``pubsub.message`` by id, as long as a
subscription needs it; ``pubsub.pending`` by subscription and id, the number of failed deliveries;
``pubsub.boot``, how often the process was started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import field_mask_pb2

from emulators.core import errors
from emulators.pubsub import names, policies
from emulators.pubsub.backlog import Backlog
from emulators.pubsub.filters import compile_filter
from emulators.pubsub.leases import Entry
from emulators.pubsub.messages import PubsubMessage, Subscription, Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto
    from emulators.pubsub.filters import Predicate

_TOPICS, _SUBSCRIPTIONS = "pubsub.topic", "pubsub.subscription"
_MESSAGES, _PENDING, _BOOT = "pubsub.message", "pubsub.pending", "pubsub.boot"
_MAX_MESSAGES = 1000
_MAX_BYTES = 10_000_000
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
        "retry_policy",
    }
)


class Subscribed:
    """A subscription: its configuration and what it has still to deliver.

    Attributes:
        config: The completed Subscription message; replaced on change, never changed.
        backlog: Its messages.
        wants: Whether its filter lets a message of these attributes through.
    """

    def __init__(self, config: Proto, backlog: Backlog) -> None:
        self.config = config
        self.backlog = backlog
        self.wants: Predicate = compile_filter(config.filter)


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
        self._needed: dict[int, int] = {}  # message id: how many subscriptions need it
        self._last_id = 0
        self.boot = _count_boot(journal)
        self.on_change: Callable[[str], None] = lambda _name: None
        self._load()

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
        policies.refuse_unsupported(topic, policies.UNSUPPORTED_TOPIC_FIELDS)
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
        merged = _merged(self.topic(topic.name), topic, mask, _TOPIC_MUTABLE)
        self._keep_topic(merged)
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
        for subscribed in self._by_topic.pop(name, {}).values():
            changed = _copy(subscribed.config)
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
        _check_messages(messages)
        subscriptions = self._by_topic.get(topic, {}).values()
        return [self._publish_one(message, subscriptions) for message in messages]

    def _publish_one(self, message: Proto, subscriptions: Iterable[Subscribed]) -> str:
        now = self._clock.now()
        number = self._last_id = max(self._last_id + 1, int(now * 1_000_000))
        message.message_id = str(number)
        message.publish_time.FromMicroseconds(int(now * 1_000_000))
        wanting = [s for s in subscriptions if s.wants(message.attributes)]
        if wanting:
            self._needed[number] = len(wanting)
            self._journal.put(_MESSAGES, _key(number), message.SerializeToString())
        for subscribed in wanting:
            backlog = subscribed.backlog
            self._journal.put(_PENDING, _pending(backlog.name, number), b"0")
            backlog.add(Entry(message, number, now, message.ByteSize()))
        return str(number)

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

    def update_subscription(self, config: Proto, mask: Proto) -> Proto:
        """Replace the masked fields of a subscription.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT or UNIMPLEMENTED.
        """
        subscribed = self.subscription(config.name)
        merged = _merged(subscribed.config, config, mask, _SUBSCRIPTION_MUTABLE)
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
        subscribed.backlog.clear()
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
        dead = PubsubMessage(
            data=entry.message.data,
            attributes=entry.message.attributes,
            ordering_key=entry.message.ordering_key,
        )
        prefix = "CloudPubSubDeadLetterSource"
        dead.attributes[prefix + "DeliveryCount"] = str(entry.failures)
        dead.attributes[prefix + "Subscription"] = names.short(backlog.name)
        dead.attributes[prefix + "SubscriptionProject"] = names.project_of(backlog.name)
        dead.attributes[prefix + "TopicPublishTime"] = entry.message.publish_time.ToJsonString()
        self._publish_one(dead, self._by_topic.get(topic, {}).values())
        return True

    def failed(self, backlog: Backlog, entry: Entry) -> None:
        """Remember how often a message failed where a dead-letter policy counts it."""
        if backlog.settings.dead_letter_topic:
            key = _pending(backlog.name, entry.number)
            self._journal.put(_PENDING, key, str(entry.failures).encode())

    def left(self, backlog: Backlog, entry: Entry) -> None:
        """Forget a message once no subscription needs it."""
        self._journal.put(_PENDING, _pending(backlog.name, entry.number), None)
        self._needed[entry.number] -= 1
        if not self._needed[entry.number]:
            del self._needed[entry.number]
            self._journal.put(_MESSAGES, _key(entry.number), None)

    def _keep_topic(self, topic: Proto) -> None:
        self._topics[topic.name] = topic
        self._journal.put(_TOPICS, topic.name, topic.SerializeToString())

    def _subscribed(self, config: Proto) -> Subscribed:
        backlog = Backlog(config.name, self._clock, policies.settings(config), self)
        subscribed = Subscribed(config, backlog)
        self._subscriptions[config.name] = subscribed
        if config.topic != names.DELETED_TOPIC:
            self._by_topic.setdefault(config.topic, {})[config.name] = subscribed
        return subscribed

    def _keep_subscription(self, subscribed: Subscribed, config: Proto) -> None:
        subscribed.config = config
        subscribed.backlog.settings = policies.settings(config)
        self._journal.put(_SUBSCRIPTIONS, config.name, config.SerializeToString())
        self.on_change(config.name)

    def _load(self) -> None:
        for name, value in self._journal.load(_TOPICS):
            self._topics[name] = Topic.FromString(value)
        for _, value in self._journal.load(_SUBSCRIPTIONS):
            self._subscribed(Subscription.FromString(value))
        messages = {int(key): value for key, value in self._journal.load(_MESSAGES)}
        parsed = {number: PubsubMessage.FromString(raw) for number, raw in messages.items()}
        self._last_id = max(parsed, default=0)
        for key, value in self._journal.load(_PENDING):
            name, _, digits = key.partition("\n")
            self._restore(self._subscriptions[name].backlog, parsed[int(digits)], int(value))

    def _restore(self, backlog: Backlog, message: Proto, failures: int) -> None:
        number = int(message.message_id)
        published = message.publish_time.ToMicroseconds() / 1e6
        self._needed[number] = self._needed.get(number, 0) + 1
        backlog.add(Entry(message, number, published, message.ByteSize(), failures))


def _check_messages(messages: Sequence[Proto]) -> None:
    if not 0 < len(messages) <= _MAX_MESSAGES:
        raise errors.invalid_argument(
            f"The value for message_count must be from 1 to {_MAX_MESSAGES}. "
            f"You passed {len(messages)} in the request."
        )
    if sum(message.ByteSize() for message in messages) > _MAX_BYTES:
        raise errors.invalid_argument(f"The request is larger than {_MAX_BYTES} bytes.")
    if not all(message.data or message.attributes for message in messages):
        raise errors.invalid_argument(
            "One or more messages in the publish request is empty. "
            "Each message must contain either non-empty data, or at least one attribute."
        )


def _merged(current: Proto, given: Proto, mask: Proto, mutable: frozenset[str]) -> Proto:
    kind = current.DESCRIPTOR.name
    if not mask.paths:
        raise errors.invalid_argument(
            f"The update_mask in the Update{kind}Request must be set, "
            "and must contain a non-empty paths list."
        )
    for path in mask.paths:
        if path.partition(".")[0] not in mutable:
            raise errors.invalid_argument(
                f"Invalid update_mask provided in the Update{kind}Request: {path!r} can not be "
                "updated."
            )
    merged = _copy(current)
    mask.MergeMessage(given, merged, replace_message_field=True, replace_repeated_field=True)
    return merged


def _copy(message: Proto) -> Proto:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def _count_boot(journal: Journal) -> int:
    boot = int(dict(journal.load(_BOOT)).get(_BOOT, b"0")) + 1
    journal.put(_BOOT, _BOOT, str(boot).encode())
    return boot


def _key(number: int) -> str:
    return f"{number:020d}"


def _pending(subscription: str, number: int) -> str:
    return f"{subscription}\n{number:020d}"
