"""What topics retain: everything published, acknowledged or not (space ``pubsub.logged``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.pubsub.kept import Retained

if TYPE_CHECKING:
    from emulators.core.clock import Clock
    from emulators.core.methods import Proto
    from emulators.pubsub.kept import Kept

_LOGGED = "pubsub.logged"


class Logs:
    """The messages of every topic with a retention of its own.

    Args:
        clock: Says what is too old.
        kept: Keeps the messages.
    """

    def __init__(self, clock: Clock, kept: Kept) -> None:
        self._clock = clock
        self._kept = kept
        self._logs: dict[str, Retained] = {}
        self._seconds: dict[str, int] = {}

    def restore(self) -> None:
        """Take back what the journal held, once every topic is configured."""
        for topic, message, _ in self._kept.restore(_LOGGED):
            self._logs[topic].restore(message)

    def configure(self, topic: Proto) -> None:
        """Begin, go on or stop retaining as the topic's configuration says."""
        if topic.HasField("message_retention_duration"):
            self._seconds[topic.name] = topic.message_retention_duration.seconds
            self._logs.setdefault(topic.name, Retained(self._kept, _LOGGED, topic.name))
        else:
            self.forget(topic.name)

    def forget(self, topic: str) -> None:
        """Stop retaining."""
        if topic in self._logs:
            self._logs.pop(topic).clear()
            del self._seconds[topic]

    def add(self, topic: str, message: Proto) -> None:
        """Retain a published message, if its topic does that."""
        if topic in self._logs:
            self._logs[topic].add(message)
            self.messages(topic)

    def messages(self, topic: str) -> Retained | tuple[()]:
        """Return what a topic retains and is not too old."""
        if topic not in self._logs:
            return ()
        self._logs[topic].drop_older(self._clock.now() - self._seconds[topic])
        return self._logs[topic]
