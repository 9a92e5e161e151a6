"""Transactions: what they are, how long they last, and what they lock."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore.locks import LockKey, Locks, Mode, Owner, must_live
from emulators.firestore.messages import TransactionOptions
from emulators.firestore.optimistic import Reads
from emulators.firestore.writes import microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulators.core.clock import Clock
    from emulators.core.methods import Proto
    from emulators.firestore.names import Path
    from emulators.firestore.queries.query import Query

IDLE_SECONDS = 60.0
LIFE_SECONDS = 270.0
"""https://cloud.google.com/firestore/quotas#writes_and_transactions"""
COMMIT_AGE = -1
_ID_BYTES = 16
_UNSAID, _OPTIMISTIC = 0, TransactionOptions.OPTIMISTIC


@dataclass(eq=False)
class Transaction:
    """One transaction.

    Attributes:
        read_at: Microseconds that a read-only one reads at; None reads what is there now.
        reads: What an optimistic one read; None where it locks what it reads, or only reads.
        retried: It takes the place of one that was aborted.
        ends_at: Seconds; whatever happens it is over then.
        idle_at: Seconds; it is over then unless it is used before.
    """

    id: bytes
    owner: Owner
    read_only: bool
    read_at: int | None
    reads: Reads | None
    retried: bool
    ends_at: float
    idle_at: float = 0.0
    timer: asyncio.Task[None] | None = field(default=None, repr=False)


class Transactions:
    """The transactions of a database, and the locks of its commits.

    Args:
        clock: Says when a transaction is over.
        random_bytes: Makes ids.

    Attributes:
        optimistic: Those that do not say lock nothing that they read.
    """

    def __init__(
        self, clock: Clock, random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._clock = clock
        self._random_bytes = random_bytes
        self.optimistic = False
        self._locks = Locks()
        self._live: dict[bytes, Transaction] = {}
        self._ages: dict[bytes, int] = {}
        self._next_age = 0

    def begin(self, options: Proto, last: int) -> Transaction:
        """Return a new transaction.

        Args:
            options: TransactionOptions.
            last: Time of the last commit, at which one that only reads does so by default.

        Raises:
            EmulatorError: INVALID_ARGUMENT.
        """
        read_only = options.WhichOneof("mode") == "read_only"
        before = options.read_write.retry_transaction
        if before and len(before) != _ID_BYTES:
            raise errors.invalid_argument("retry_transaction is the id of no transaction.")
        now = self._clock.now()
        made = Transaction(
            id=self._random_bytes(_ID_BYTES),
            owner=Owner(self._age(before)),
            read_only=read_only,
            read_at=_read_at(options, last) if read_only else None,
            reads=Reads() if not read_only and self._is_optimistic(options) else None,
            retried=bool(before),
            ends_at=now + LIFE_SECONDS,
            idle_at=now + IDLE_SECONDS,
        )
        self._live[made.id] = made
        self._ages[made.id] = made.owner.age
        made.timer = asyncio.get_running_loop().create_task(self._expire(made))
        return made

    def _is_optimistic(self, options: Proto) -> bool:
        said = options.read_write.concurrency_mode
        return self.optimistic if said == _UNSAID else said == _OPTIMISTIC

    def _age(self, before: bytes) -> int:
        if before in self._ages:
            return self._ages.pop(before)
        self._next_age += 1
        return self._next_age

    def find(self, transaction_id: bytes) -> Transaction:
        """Return a transaction, which counts as used now.

        Raises:
            EmulatorError: INVALID_ARGUMENT: it is over, or never was. ABORTED: it lost a deadlock.
        """
        found = self._live.get(transaction_id)
        if found is None:
            raise errors.invalid_argument(
                "The referenced transaction has expired or is no longer valid."
            )
        found.idle_at = self._clock.now() + IDLE_SECONDS
        return found

    def end(self, transaction: Transaction) -> None:
        """Forget a transaction and give its locks back."""
        self._live.pop(transaction.id, None)
        if not transaction.owner.aborted:
            self._ages.pop(transaction.id, None)
        self._locks.abort(transaction.owner)
        if transaction.timer is not None and transaction.timer is not asyncio.current_task():
            transaction.timer.cancel()

    async def read(self, transaction: Transaction, path: Path) -> None:
        """Lock a document that is read, see `locks`, or remember it."""
        if transaction.reads is not None:
            transaction.reads.add(path)
        elif not transaction.read_only:
            mode = Mode.UPDATE if transaction.retried else Mode.SHARED
            await self._locks.acquire(transaction.owner, _document(path), mode)

    async def ask(self, transaction: Transaction, query: Query) -> None:
        """Lock what a query is about, so that nothing is added to its results, or remember it."""
        if transaction.reads is not None:
            transaction.reads.ask(query)
        elif not transaction.read_only:
            key = _asked(query)
            await self._locks.acquire(transaction.owner, key, Mode.SHARED)

    async def write(self, transaction: Transaction | None, paths: Iterable[Path]) -> Owner | None:
        """Lock documents that are written; returns who holds them, None where nobody needs to.

        Raises:
            EmulatorError: ABORTED.
        """
        if transaction is not None:
            must_live(transaction.owner)
        ordered = sorted(set(paths))
        keys = [*map(_document, ordered), *dict.fromkeys(_around(ordered))]
        if transaction is None and self._locks.are_free(keys):
            return None
        owner = transaction.owner if transaction is not None else Owner(COMMIT_AGE)
        try:
            for key in keys:
                mode = Mode.EXCLUSIVE if key[0] == "document" else Mode.INTENT
                await self._locks.acquire(owner, key, mode)
        except BaseException:
            self._locks.release(owner)
            raise
        return owner

    def release(self, owner: Owner) -> None:
        """Give back the locks of a commit."""
        self._locks.release(owner)

    def close(self) -> None:
        """End every transaction."""
        for each in list(self._live.values()):
            self.end(each)

    async def _expire(self, transaction: Transaction) -> None:
        while (left := min(transaction.idle_at, transaction.ends_at) - self._clock.now()) > 0:
            await self._clock.sleep(left)
        self.end(transaction)
        self._ages.pop(transaction.id, None)


def _read_at(options: Proto, last: int) -> int:
    if options.read_only.HasField("read_time"):
        return microseconds(options.read_only.read_time)
    return last


def _document(path: Path) -> LockKey:
    return "document", path.segments


def _around(paths: Iterable[Path]) -> Iterable[LockKey]:
    """Yield what queries lock that could find one of some documents."""
    for path in paths:
        yield "collection", path.segments[:-1]
        yield "group", (path.segments[-2],)
        yield "group", ("",)


def _asked(query: Query) -> LockKey:
    if query.deep or not query.collection:
        return "group", (query.collection,)
    return "collection", (*query.parent.segments, query.collection)
