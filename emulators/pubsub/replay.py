"""Seek: what counts as acknowledged, changed in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub import names
from emulators.pubsub.kept import PENDING
from emulators.pubsub.leases import to_entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.core.clock import Clock
    from emulators.core.methods import Proto
    from emulators.pubsub.kept import Kept
    from emulators.pubsub.logs import Logs
    from emulators.pubsub.snapshots import Snapshots
    from emulators.pubsub.subscribed import Subscribed


class Replay:
    """Takes subscriptions to an earlier or later state.

    Args:
        clock: Says what is too old.
        kept: Keeps messages that have to be delivered again.
        logs: What topics retain.
        snapshots: States that were captured.
    """

    def __init__(self, clock: Clock, kept: Kept, logs: Logs, snapshots: Snapshots) -> None:
        self._clock = clock
        self._kept = kept
        self._logs = logs
        self._snapshots = snapshots

    def to_time(self, subscribed: Subscribed, moment: int) -> None:
        """Make messages published before a moment acknowledged, the others not.

        Args:
            subscribed: Whose.
            moment: Microseconds since 1970 UTC.
        """
        oldest = self._clock.now() - subscribed.backlog.settings.retention_seconds
        subscribed.retained.drop_older(oldest)
        found = [entry.message for entry in subscribed.backlog.entries()]
        found += subscribed.retained
        found += self._logs.messages(subscribed.config.topic)
        since = (m for m in found if m.publish_time.ToMicroseconds() >= moment)
        self._become(subscribed, since)

    def to_snapshot(self, subscribed: Subscribed, name: str) -> None:
        """Give a subscription the state that a snapshot captured.

        Raises:
            EmulatorError: NOT_FOUND; FAILED_PRECONDITION, when they are of different topics.
        """
        topic, captured = subscribed.config.topic, self._snapshots.get(name).topic
        if topic != captured or topic == names.DELETED_TOPIC:
            raise errors.failed_precondition(
                f"The subscription's topic {topic} is different from that of the snapshot "
                f"{captured}; they must match in order for Seek to work."
            )
        self._become(subscribed, self._snapshots.messages(name))

    def _become(self, subscribed: Subscribed, messages: Iterable[Proto]) -> None:
        backlog = subscribed.backlog
        failures = {entry.number: entry.failures for entry in backlog.entries()}
        backlog.clear(acknowledged=True)
        wanted = {int(m.message_id): m for m in messages if subscribed.wants(m.attributes)}
        for number in sorted(wanted):
            failed = failures.get(number, 0)
            self._kept.hold(PENDING, backlog.name, wanted[number], str(failed).encode())
            subscribed.retained.discard(number)
            backlog.add(to_entry(wanted[number], failed))
