"""One read: in a transaction, at a time, or of what is there now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.planning.refusals import described

if TYPE_CHECKING:
    from emulators.core.methods import Proto
    from emulators.firestore.data import Version
    from emulators.firestore.names import Path
    from emulators.firestore.queries.query import Query
    from emulators.firestore.store import Database
    from emulators.firestore.transactions import Transaction


class Reading:
    """What a request reads with.

    Attributes:
        at: Microseconds, None for what is there now.
        new_transaction: Id of the transaction that the request began, or empty.
    """

    def __init__(
        self, database: Database, transaction: Transaction | None, at: int | None, new: bytes = b""
    ) -> None:
        self._database, self._transaction = database, transaction
        self.at, self.new_transaction = at, new
        self._begun = database.now()

    @classmethod
    async def begin(cls, database: Database, request: Proto) -> Reading:
        """Return how a request reads.

        Raises:
            EmulatorError: INVALID_ARGUMENT or FAILED_PRECONDITION.
        """
        kind = request.WhichOneof("consistency_selector")
        if kind == "new_transaction":
            made = database.begin(request.new_transaction)
            return cls(database, made, database.moment(made), made.id)
        if kind == "transaction":
            found = database.transactions.find(request.transaction)
            return cls(database, found, database.moment(found))
        return cls(database, None, database.time_of(request))

    @property
    def time(self) -> int:
        """When what was read was so."""
        return self._database.now() if self.at is None else self.at

    @property
    def micros(self) -> int:
        """How long it took until now."""
        return self._database.now() - self._begun

    async def document(self, path: Path) -> Version | None:
        """Return a document, locked where a transaction reads that may write."""
        if self._transaction is not None:
            await self._database.transactions.read(self._transaction, path)
        return self._database.data.find(path, self.at)

    async def ask(self, query: Query) -> None:
        """Lock what a query is about, where a transaction asks that may write.

        Raises:
            EmulatorError: FAILED_PRECONDITION: it lacks an index, and that is refused.
        """
        if self._database.planner is not None:
            self._database.planner.check(query)
        if self._transaction is not None:
            await self._database.transactions.ask(self._transaction, query)

    def indexes(self, query: Query) -> list[dict[str, str]]:
        """Return the indexes that production would read for a query, as it describes them."""
        planner = self._database.planner
        return [] if planner is None else [described(each) for each in planner.used(query)]
