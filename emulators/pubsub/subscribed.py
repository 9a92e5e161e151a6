"""One subscription, as everybody who delivers from it sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.pubsub.filters import compile_filter

if TYPE_CHECKING:
    from emulators.core.methods import Proto
    from emulators.pubsub.backlog import Backlog
    from emulators.pubsub.filters import Predicate
    from emulators.pubsub.kept import Retained


class Subscribed:
    """A subscription: its configuration and what it has still to deliver.

    Attributes:
        config: The completed Subscription message; replaced on change, never changed.
        backlog: Its messages.
        retained: Acknowledged messages it can go back to.
        wants: Whether its filter lets a message of these attributes through.
        used: When somebody came for it last, in seconds of the clock.
        streams: How many streams are open.
    """

    def __init__(self, config: Proto, backlog: Backlog, retained: Retained) -> None:
        self.config = config
        self.backlog = backlog
        self.retained = retained
        self.wants: Predicate = compile_filter(config.filter)
        self.used = 0.0
        self.streams = 0

    def drop_messages(self) -> None:
        """Forget everything, delivered or not."""
        self.backlog.clear()
        self.retained.clear()
