"""All databases: documents, transactions, commits, and who is told of them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, TypeAlias

from emulators.core import errors
from emulators.firestore import names
from emulators.firestore.data import KEPT, Data
from emulators.firestore.messages import Document
from emulators.firestore.together import check_all
from emulators.firestore.transactions import Transaction, Transactions
from emulators.firestore.writes import SECOND, Draft, microseconds, target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto
    from emulators.firestore.data import Change
    from emulators.firestore.planning.planner import Planner
    from emulators.firestore.rate import WriteRate

    Watcher: TypeAlias = "Callable[[int, list[Change]], None]"

SPACE = "firestore.document"


class Database:
    """One database.

    Args:
        root: ``projects/P/databases/D``.
        clock: The time.
        journal: Where documents are kept.
        random_bytes: Makes ids of transactions.

    Attributes:
        planner: Knows the indexes of queries; None where nobody asks for them.
        rate: How often documents may be written; None where as often as anyone likes.
    """

    def __init__(
        self,
        root: str,
        clock: Clock,
        journal: Journal,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._clock, self._journal = clock, journal
        self.data = Data(root)
        self.transactions = Transactions(clock, random_bytes)
        self.watchers: set[Watcher] = set()
        self._told = 0
        self.planner: Planner | None = None
        self.rate: WriteRate | None = None

    def begin(self, options: Proto) -> Transaction:
        """Return a new transaction.

        Raises:
            EmulatorError: INVALID_ARGUMENT.
        """
        made = self.transactions.begin(options, self.now())
        if made.read_at is not None:
            try:
                self.check_time(made.read_at)
            except errors.EmulatorError:
                self.transactions.end(made)
                raise
        return made

    async def commit(
        self,
        writes: Sequence[Proto],
        transaction: Transaction | None = None,
        *,
        limited: bool = True,
    ) -> tuple[list[Proto], int]:
        """Do all writes, or none; returns their results and the time of the commit.

        Args:
            writes: In their order.
            transaction: It is over afterwards.
            limited: They count in how often a document may be written.

        Raises:
            EmulatorError: A write is refused, or the transaction lost a deadlock.
        """
        if transaction is not None and transaction.read_only and writes:
            self.transactions.end(transaction)
            raise errors.invalid_argument("Cannot modify entities in a read-only transaction.")
        try:
            owner = await self.transactions.write(transaction, map(target, writes))
            try:
                if transaction is not None and transaction.reads is not None and writes:
                    transaction.reads.check(self.data)
                if limited and self.rate is not None and self.rate.is_limited:
                    self.rate.take({target(write) for write in writes})
                return self._apply(writes)
            finally:
                if owner is not None:
                    self.transactions.release(owner)
        finally:
            if transaction is not None:
                self.transactions.end(transaction)

    def _apply(self, writes: Sequence[Proto]) -> tuple[list[Proto], int]:
        check_all(writes, self.data.root)
        time = self._next()
        draft = Draft(self.data, time)
        results = [draft.apply(write) for write in writes]
        changed = draft.changed()
        changes = self.data.put(time, changed)
        for path, document in changed.items():
            kept = None if document is None else document.SerializeToString()
            self._journal.put(SPACE, str(path), kept)
        for watcher in tuple(self.watchers) if changes else ():
            watcher(time, changes)
        return results, time

    def _next(self) -> int:
        return max(int(self._clock.now() * SECOND), self.data.last + 1, self._told + 1)

    def now(self) -> int:
        """Return a time at which everything that was committed can be read, and nothing more.

        Whatever is committed from now on is of a later time, even where the clock stands still.
        """
        self._told = max(int(self._clock.now() * SECOND), self.data.last)
        return self._told

    def moment(self, transaction: Transaction) -> int | None:
        """Return the microseconds a transaction reads at; None where it reads what is there now."""
        if transaction.reads is not None:
            return transaction.reads.moment(self.now())
        return transaction.read_at

    def check_time(self, at: int) -> int:
        """Return a time at which documents can be read.

        Raises:
            EmulatorError: INVALID_ARGUMENT: it lies ahead. FAILED_PRECONDITION: too far back.
        """
        now = self.now()
        if at < 0:
            raise errors.invalid_argument("Only timestamps past epoch are supported (read_time).")
        if at > now:
            raise errors.invalid_argument("The requested 'read_time' cannot be in the future.")
        if at < now - KEPT:
            raise errors.failed_precondition("The requested 'read_time' is too old.")
        return at

    def time_of(self, request: Proto) -> int | None:
        """Return the time that a request reads at, None for now.

        Raises:
            EmulatorError: As for `check_time`.
        """
        if not request.HasField("read_time"):
            return None
        return self.check_time(microseconds(request.read_time))

    def clear(self) -> None:
        """Forget every document."""
        time = self._next()
        gone = {version.path: None for version in self.data.everything()}
        for path in gone:
            self._journal.put(SPACE, str(path), None)
        changes = self.data.put(time, gone)
        for watcher in tuple(self.watchers):
            watcher(time, changes)


class Store:
    """Every database; one is there from the first time that it is named.

    Args:
        clock: The time.
        journal: Where documents are kept.
        random_bytes: Makes ids and tokens.

    Attributes:
        on_open: Told of each that is named for the first time; it may refuse.
    """

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._clock, self._journal = clock, journal
        self.random_bytes = random_bytes
        self._databases: dict[str, Database] = {}
        self._gone: dict[str, Database] = {}
        self.on_open: Callable[[Database], None] = lambda _: None
        self._load()

    def database(self, root: str) -> Database:
        """Return a database.

        Raises:
            EmulatorError: INVALID_ARGUMENT: this is no name of one. NOT_FOUND: it was deleted.
        """
        if root not in self._databases:
            name = names.database(root)
            # One that was forgotten may be listened to still.
            made = self._gone.get(name) or Database(
                name, self._clock, self._journal, self.random_bytes
            )
            self.on_open(made)
            self._databases[name] = made
        return self._databases[root]

    def all(self) -> list[Database]:
        """Return the databases that are there."""
        return list(self._databases.values())

    def forget(self, root: str) -> None:
        """Let a database be as if it had never been named, which ends its transactions."""
        database = self._databases.pop(root, None)
        if database is not None:
            self._gone[root] = database
            database.transactions.close()
            database.clear()

    async def commit(self) -> None:
        """Return when everything that was done would survive the process."""
        await self._journal.commit()

    def close(self) -> None:
        """End every transaction."""
        for each in self._databases.values():
            each.transactions.close()

    def _load(self) -> None:
        kept = [Document.FromString(value) for _, value in self._journal.load(SPACE)]
        kept.sort(key=lambda document: microseconds(document.update_time))
        for document in kept:
            path = names.document(document.name)
            data = self.database(path.root).data
            data.put(microseconds(document.update_time), {path: document})
