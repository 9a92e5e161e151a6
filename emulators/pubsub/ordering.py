"""Ordering keys: a key's messages go out in order, to one consumer at a time.

A key's messages are pipelined: several may be out, all with the same consumer. When one of them
fails, it and everything after it for the key that is not acknowledged goes back, in order.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.pubsub.leases import Consumer, Entry


@dataclass(eq=False)
class _Key:
    waiting: deque[Entry] = field(default_factory=deque)
    sent: dict[int, Entry] = field(default_factory=dict)
    holder: Consumer | None = None
    blocker: int = 0  # the message whose retry delay holds the key back

    def accepts(self, consumer: Consumer) -> bool:
        """Whether the next message may go to this consumer now."""
        if not self.sent:
            return True
        return consumer.pipelined and self.holder is consumer


class OrderedKeys:
    """Messages of one subscription that carry an ordering key."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._open: dict[str, _Key] = {}  # those with something waiting, and not blocked

    def waiting(self) -> int:
        """Return how many keys have something to deliver."""
        return len(self._open)

    def append(self, entry: Entry) -> None:
        """Queue a new message behind its key."""
        key = self._keys.setdefault(entry.key, _Key())
        key.waiting.append(entry)
        self._settle(entry.key, key)

    def next(self, consumer: Consumer, room: float) -> Entry | None:
        """Take the next message this consumer may have, of at most so many bytes."""
        for name, key in self._open.items():
            if key.accepts(consumer) and key.waiting[0].size <= room:
                entry = key.waiting.popleft()
                key.sent[entry.number] = entry
                key.holder = consumer
                self._settle(name, key)
                return entry
        return None

    def is_first(self, entry: Entry) -> bool:
        """Whether no message of the key that was sent before this one is unanswered."""
        # Messages are sent in the order of publishing.
        return next(iter(self._keys[entry.key].sent), entry.number) == entry.number

    def forget(self, entry: Entry) -> None:
        """Remove a message that is acknowledged or dropped."""
        key = self._keys[entry.key]
        if key.sent.pop(entry.number, None) is None and entry in key.waiting:
            key.waiting.remove(entry)
        if key.blocker == entry.number:
            key.blocker = 0
        self._settle(entry.key, key)

    def rewind(self, entry: Entry) -> list[Entry]:
        """Put a sent message and all sent after it back, and return those after it."""
        key = self._keys[entry.key]
        back = sorted((e for n, e in key.sent.items() if n >= entry.number), key=lambda e: e.number)
        for failed in back:
            del key.sent[failed.number]
        key.waiting.extendleft(reversed(back))
        self._settle(entry.key, key)
        return back[1:]

    def block(self, entry: Entry) -> None:
        """Hold the entry's key back while the entry waits for its retry."""
        key = self._keys[entry.key]
        key.blocker = entry.number
        self._settle(entry.key, key)

    def unblock(self, entry: Entry) -> None:
        """Let the key go on, unless another message holds it back by now."""
        key = self._keys[entry.key]
        if key.blocker == entry.number:
            key.blocker = 0
            self._settle(entry.key, key)

    def _settle(self, name: str, key: _Key) -> None:
        if key.waiting and not key.blocker:
            self._open[name] = key
        else:
            self._open.pop(name, None)
        if not key.waiting and not key.sent and not key.blocker:
            self._keys.pop(name, None)
