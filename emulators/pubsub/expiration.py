"""Subscriptions that nobody uses for as long as their expiration policy says are deleted.

Used is a subscription that is made or changed, pulled from, answered, or accepts a push; an open
stream uses it all the time (https://cloud.google.com/pubsub/docs/subscription-properties). When it
was used last is kept nowhere: a process that starts takes all of them as just used.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emulators.pubsub.alarm import Alarm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulators.core.clock import Clock
    from emulators.pubsub.subscribed import Subscribed


class Expirations:
    """Deletes what expires, when it does.

    Args:
        clock: Measures how long nobody came.
        subscriptions: All there are now.
        delete: Deletes one, by name.
    """

    def __init__(
        self,
        clock: Clock,
        subscriptions: Callable[[], Iterable[Subscribed]],
        delete: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._subscriptions = subscriptions
        self._delete = delete
        self._alarm = Alarm(clock, self.sweep)

    def use(self, subscribed: Subscribed) -> None:
        """Somebody came."""
        subscribed.used = self._clock.now()

    def watch(self, subscribed: Subscribed) -> None:
        """A subscription was made or changed: that is a use, and its policy may be another."""
        self.use(subscribed)
        if (end := _end(subscribed)) < math.inf:
            self._alarm.at(end)

    def sweep(self) -> None:
        """Delete what has expired, and wait for the next."""
        now = self._clock.now()
        for subscribed in list(self._subscriptions()):
            if subscribed.streams:
                self.use(subscribed)
            elif _end(subscribed) <= now:
                self._delete(subscribed.config.name)
        ends = [_end(each) for each in self._subscriptions()]
        if ends and min(ends) < math.inf:
            self._alarm.at(min(ends))

    def stop(self) -> None:
        """Delete nothing any more."""
        self._alarm.cancel()


def _end(subscribed: Subscribed) -> float:
    """Return when a subscription expires if nobody comes, infinity for never."""
    policy = subscribed.config.expiration_policy
    if not policy.HasField("ttl"):
        return math.inf
    return subscribed.used + float(policy.ttl.seconds + policy.ttl.nanos / 1e9)
