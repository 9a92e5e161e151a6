"""Locks of transactions, in the order in which they were asked for, and the end of deadlocks.

    SHARED     a document or collection that a transaction read: others may read it too
    UPDATE     likewise, by a transaction that was aborted before: one at a time, so that it gets on
    INTENT     of a collection below which a document is written: other writers may come too
    EXCLUSIVE  a document that is written

Who waits for somebody that waits for them is in a deadlock: the youngest of these transactions is
aborted. One that is tried again keeps its age, so it wins in the end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LockKey: TypeAlias = "tuple[str, tuple[str, ...]]"


class Mode(Enum):
    """How a lock is held."""

    SHARED = "shared"
    UPDATE = "update"
    INTENT = "intent"
    EXCLUSIVE = "exclusive"


_TOGETHER = frozenset(
    {
        (Mode.SHARED, Mode.SHARED),
        (Mode.SHARED, Mode.UPDATE),
        (Mode.UPDATE, Mode.SHARED),
        (Mode.INTENT, Mode.INTENT),
    }
)
_COVERS = {
    Mode.SHARED: {Mode.SHARED, Mode.UPDATE, Mode.EXCLUSIVE},
    Mode.UPDATE: {Mode.UPDATE, Mode.EXCLUSIVE},
    Mode.INTENT: {Mode.INTENT, Mode.EXCLUSIVE},
    Mode.EXCLUSIVE: {Mode.EXCLUSIVE},
}


@dataclass(eq=False)
class Owner:
    """Who holds locks.

    Attributes:
        age: Smaller is older; a commit without transaction is older than all.
        held: Keys it holds.
        aborted: It lost a deadlock, and holds nothing any more.
    """

    age: int
    held: set[LockKey] = field(default_factory=set)
    aborted: bool = False


@dataclass(eq=False)
class _Request:
    owner: Owner
    mode: Mode
    granted: asyncio.Future[None]


@dataclass
class _Lock:
    holders: dict[Owner, Mode] = field(default_factory=dict)
    waiting: deque[_Request] = field(default_factory=deque)

    def blockers(self, request: _Request) -> Iterator[Owner]:
        """Yield those for whom a request has to wait."""
        for owner, mode in self.holders.items():
            if owner is not request.owner and (mode, request.mode) not in _TOGETHER:
                yield owner
        if request.owner in self.holders:
            return  # whoever has it already comes before all who wait
        for earlier in self.waiting:
            if earlier is request:
                return
            if (earlier.mode, request.mode) not in _TOGETHER:
                yield earlier.owner


class Locks:
    """All locks of a database."""

    def __init__(self) -> None:
        self._locks: dict[LockKey, _Lock] = {}
        self._requests: dict[Owner, tuple[LockKey, _Request]] = {}

    def are_free(self, keys: Iterable[LockKey]) -> bool:
        """Tell whether nobody holds or waits for any of some keys."""
        return not self._locks or not any(key in self._locks for key in keys)

    async def acquire(self, owner: Owner, key: LockKey, mode: Mode) -> None:
        """Return when an owner has a lock.

        Raises:
            EmulatorError: ABORTED: it lost a deadlock.
        """
        must_live(owner)
        lock = self._locks.setdefault(key, _Lock())
        held = lock.holders.get(owner)
        if held in _COVERS[mode]:
            return
        wanted = Mode.EXCLUSIVE if held is not None and mode is Mode.INTENT else mode
        request = _Request(owner, wanted, asyncio.get_running_loop().create_future())
        if not any(lock.blockers(request)):
            self._grant(key, lock, request)
            return
        await self._wait(key, lock, request)

    async def _wait(self, key: LockKey, lock: _Lock, request: _Request) -> None:
        lock.waiting.append(request)
        self._requests[request.owner] = key, request
        try:
            self._end_deadlock(request.owner)
            await request.granted
        finally:
            self._requests.pop(request.owner, None)
            if request in lock.waiting:
                lock.waiting.remove(request)
                self._serve(key)
        must_live(request.owner)

    def release(self, owner: Owner) -> None:
        """Give back everything that an owner holds."""
        keys, owner.held = owner.held, set()
        for key in keys:
            del self._locks[key].holders[owner]
        for key in keys:
            self._serve(key)

    def abort(self, owner: Owner) -> None:
        """End an owner: what it holds is free, and what it waits for is refused."""
        owner.aborted = True
        waiting = self._requests.get(owner)
        if waiting is not None and not waiting[1].granted.done():
            waiting[1].granted.set_result(None)
        self.release(owner)

    def _grant(self, key: LockKey, lock: _Lock, request: _Request) -> None:
        lock.holders[request.owner] = request.mode
        request.owner.held.add(key)
        if not request.granted.done():
            request.granted.set_result(None)

    def _serve(self, key: LockKey) -> None:
        lock = self._locks.get(key)
        if lock is None:
            return
        for request in list(lock.waiting):
            if not request.granted.done() and not any(lock.blockers(request)):
                lock.waiting.remove(request)
                self._grant(key, lock, request)
        if not lock.holders and not lock.waiting:
            del self._locks[key]

    def _end_deadlock(self, owner: Owner) -> None:
        circle = self._circle(owner, [])
        while circle:
            self.abort(max(circle, key=lambda each: each.age))
            circle = self._circle(owner, [])

    def _circle(self, owner: Owner, before: list[Owner]) -> list[Owner]:
        """Return owners that wait for each other in turn, none where none do."""
        if owner in before:
            return before[before.index(owner) :]
        waiting = self._requests.get(owner)
        if waiting is None or owner.aborted:
            return []
        key, request = waiting
        for blocker in self._locks[key].blockers(request):
            found = self._circle(blocker, [*before, owner])
            if found:
                return found
        return []


def must_live(owner: Owner) -> None:
    """Refuse to go on for an owner that lost a deadlock.

    Raises:
        EmulatorError: ABORTED.
    """
    if owner.aborted:
        raise contention()


def contention() -> errors.EmulatorError:
    """ABORTED: what a transaction read or writes was wanted by others too."""
    return errors.aborted(
        "Aborted due to cross-transaction contention. This occurs when multiple transactions "
        "attempt to access the same data, requiring Firestore to abort at least one in order "
        "to enforce serializability."
    )
