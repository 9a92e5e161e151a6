"""Messages, in memory and in the journal for as long as something needs them.

A message is written once, in ``pubsub.message`` by id. Who needs it is written in a space of its
own, by owner and id: a subscription that has to deliver it, or has it acknowledged and retains it,
a topic that retains it, a snapshot.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from emulators.pubsub.messages import PubsubMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

# Of subscriptions: what they have to deliver, with the number of failed deliveries as the note.
PENDING = "pubsub.pending"
_MESSAGES, _BOOT = "pubsub.message", "pubsub.boot"


class Kept:
    """All messages that are needed.

    Args:
        journal: What survives the process.

    Attributes:
        boot: How often a process was started on this journal, kept in ``pubsub.boot``.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.boot = int(dict(journal.load(_BOOT)).get("count", b"0")) + 1
        journal.put(_BOOT, "count", str(self.boot).encode())
        self._needed: dict[int, int] = {}
        self._found = {
            int(key): PubsubMessage.FromString(raw) for key, raw in journal.load(_MESSAGES)
        }

    def last_id(self) -> int:
        """Return the greatest id found in the journal, 0 for none."""
        return max(self._found, default=0)

    def hold(self, space: str, owner: str, message: Proto, note: bytes = b"0") -> None:
        """An owner needs a message from now on, with a note of its own."""
        number = int(message.message_id)
        needed = self._needed.get(number, 0)
        if not needed:
            self._journal.put(_MESSAGES, f"{number:020d}", message.SerializeToString())
        self._needed[number] = needed + 1
        self._journal.put(space, f"{owner}\n{number:020d}", note)

    def note(self, space: str, owner: str, number: int, note: bytes) -> None:
        """Replace an owner's note on a message."""
        self._journal.put(space, f"{owner}\n{number:020d}", note)

    def drop(self, space: str, owner: str, number: int) -> None:
        """An owner needs a message no more; it is forgotten once nobody does."""
        self._journal.put(space, f"{owner}\n{number:020d}", None)
        needed = self._needed[number] = self._needed[number] - 1
        if not needed:
            del self._needed[number]
            if not self._needed:
                self._needed = {}  # one that was emptied stays as large as it ever was
            self._journal.put(_MESSAGES, f"{number:020d}", None)

    def restore(self, space: str) -> Iterator[tuple[str, Proto, bytes]]:
        """Yield owner, message and note of all that one space held when the process began."""
        for key, note in self._journal.load(space):
            owner, _, digits = key.partition("\n")
            number = int(digits)
            self._needed[number] = self._needed.get(number, 0) + 1
            yield owner, self._found[number], note

    def restored(self) -> None:
        """Every space has been restored: from here on the owners hold their messages."""
        self._found = {}


class Retained:
    """Messages one owner keeps although nothing has to be delivered of them.

    Args:
        kept: Keeps them.
        space: The journal's space for this kind of owner.
        owner: Full name.
    """

    def __init__(self, kept: Kept, space: str, owner: str) -> None:
        self._kept = kept
        self._space = space
        self._owner = owner
        self._messages: dict[int, Proto] = {}
        self._ids: list[int] = []  # a heap, since messages are acknowledged in any order

    def __iter__(self) -> Iterator[Proto]:
        return iter(list(self._messages.values()))

    def add(self, message: Proto) -> None:
        """Keep one more."""
        if int(message.message_id) not in self._messages:
            self._kept.hold(self._space, self._owner, message)
            self.restore(message)

    def restore(self, message: Proto) -> None:
        """Put back one that the journal held."""
        number = int(message.message_id)
        self._messages[number] = message
        heapq.heappush(self._ids, number)

    def discard(self, number: int) -> None:
        """Keep it no longer, if it was kept."""
        if self._messages.pop(number, None) is not None:
            self._kept.drop(self._space, self._owner, number)

    def drop_older(self, moment: float) -> None:
        """Forget what was published before this moment: ids are microseconds."""
        while self._ids and self._ids[0] < moment * 1e6:
            self.discard(heapq.heappop(self._ids))

    def clear(self) -> None:
        """Forget everything."""
        for number in list(self._messages):
            self.discard(number)
        self._ids = []
