"""Snapshots: what a subscription had not acknowledged, and everything published since.

Spaces: ``pubsub.snapshot`` by name; ``pubsub.captured`` by snapshot and message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub import masks, names, values
from emulators.pubsub.kept import Retained
from emulators.pubsub.messages import Snapshot

if TYPE_CHECKING:
    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto
    from emulators.pubsub.kept import Kept
    from emulators.pubsub.subscribed import Subscribed

_SNAPSHOTS, _CAPTURED = "pubsub.snapshot", "pubsub.captured"
# https://cloud.google.com/pubsub/docs/reference/rpc/google.pubsub.v1#createsnapshotrequest
_LIFE_SECONDS = 7 * 86400
_LEAST_LIFE_SECONDS = 3600
_MUTABLE = frozenset({"labels", "expire_time"})


class Snapshots:
    """All snapshots, until they expire.

    Args:
        clock: Says when they do.
        journal: Holds their configuration.
        kept: Holds their messages.
    """

    def __init__(self, clock: Clock, journal: Journal, kept: Kept) -> None:
        self._clock = clock
        self._journal = journal
        self._kept = kept
        self._snapshots: dict[str, Proto] = {}
        self._captured: dict[str, Retained] = {}
        for _, value in journal.load(_SNAPSHOTS):
            self._keep(Snapshot.FromString(value))
        for name, message, _ in kept.restore(_CAPTURED):
            self._captured[name].restore(message)

    def create(self, request: Proto, subscribed: Subscribed) -> Proto:
        """Capture what a subscription has not acknowledged.

        Args:
            request: CreateSnapshotRequest; without a name, one is made.
            subscribed: The subscription.

        Raises:
            EmulatorError: INVALID_ARGUMENT; ALREADY_EXISTS; FAILED_PRECONDITION, when it would
                expire within an hour.
        """
        now = self._clock.now()
        made = f"projects/{names.project_of(request.subscription)}/snapshots/s{int(now * 1e6)}"
        name = request.name or made
        names.check(name, "snapshots")
        values.check_labels(request.labels)
        self._drop_expired()
        if name in self._snapshots:
            raise names.taken(name)
        messages = [entry.message for entry in subscribed.backlog.entries()]
        snapshot = Snapshot(name=name, topic=subscribed.config.topic, labels=request.labels)
        snapshot.expire_time.FromMicroseconds(self._expiry(messages, now))
        self._keep(snapshot)
        for message in messages:
            self._captured[name].add(message)
        return snapshot

    def get(self, name: str) -> Proto:
        """Return a snapshot.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        self._drop_expired()
        if name not in self._snapshots:
            raise names.absent(name, "snapshots")
        return self._snapshots[name]

    def messages(self, name: str) -> list[Proto]:
        """Return what was captured and published since.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        self.get(name)
        return list(self._captured[name])

    def of_project(self, project: str) -> list[Proto]:
        """Return a project's snapshots by name."""
        self._drop_expired()
        found = sorted(n for n in self._snapshots if n.startswith(f"{project}/snapshots/"))
        return [self._snapshots[name] for name in found]

    def of_topic(self, topic: str) -> list[str]:
        """Return the names of a topic's snapshots."""
        self._drop_expired()
        return sorted(s.name for s in self._snapshots.values() if s.topic == topic)

    def update(self, snapshot: Proto, mask: Proto) -> Proto:
        """Replace the masked fields of a snapshot.

        Raises:
            EmulatorError: NOT_FOUND or INVALID_ARGUMENT.
        """
        merged = masks.merged(self.get(snapshot.name), snapshot, mask, _MUTABLE)
        values.check_labels(merged.labels)
        if merged.expire_time.ToMicroseconds() <= self._clock.now() * 1e6:
            raise errors.invalid_argument("expire_time must be in the future.")
        self._keep(merged)
        return merged

    def delete(self, name: str) -> None:
        """Remove a snapshot and let go of its messages.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        self.get(name)
        self._forget(name)

    def published(self, topic: str, message: Proto) -> None:
        """Keep a message for every snapshot of its topic."""
        if self._snapshots:
            for name in self.of_topic(topic):
                self._captured[name].add(message)

    def topic_deleted(self, topic: str) -> None:
        """Say of every snapshot of a topic that the topic is gone."""
        for name in self.of_topic(topic):
            changed = masks.copied(self._snapshots[name])
            changed.topic = names.DELETED_TOPIC
            self._keep(changed)

    def _expiry(self, messages: list[Proto], now: float) -> int:
        oldest = messages[0].publish_time.ToMicroseconds() / 1e6 if messages else now
        expiry = oldest + _LIFE_SECONDS
        if expiry - now < _LEAST_LIFE_SECONDS:
            raise errors.failed_precondition(
                "The subscription's oldest unacknowledged message is too old: the snapshot would "
                "expire in less than 1 hour."
            )
        return int(expiry * 1e6)

    def _keep(self, snapshot: Proto) -> None:
        name = snapshot.name
        self._snapshots[name] = snapshot
        self._captured.setdefault(name, Retained(self._kept, _CAPTURED, name))
        self._journal.put(_SNAPSHOTS, name, snapshot.SerializeToString())

    def _forget(self, name: str) -> None:
        del self._snapshots[name]
        self._captured.pop(name).clear()
        self._journal.put(_SNAPSHOTS, name, None)

    def _drop_expired(self) -> None:
        now = self._clock.now() * 1e6
        over = [n for n, s in self._snapshots.items() if s.expire_time.ToMicroseconds() <= now]
        for name in over:
            self._forget(name)
