"""What an optimistic transaction read: it locks nothing, and is aborted where that has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.locks import contention

if TYPE_CHECKING:
    from emulators.firestore.data import Data
    from emulators.firestore.names import Path
    from emulators.firestore.queries.query import Query


class Reads:
    """The documents and queries that a transaction read, all as of its first read."""

    def __init__(self) -> None:
        self._at: int | None = None
        self._documents: set[Path] = set()
        self._queries: list[Query] = []

    def moment(self, now: int) -> int:
        """Return the microseconds that it reads at: the moment of its first read."""
        if self._at is None:
            self._at = now
        return self._at

    def add(self, path: Path) -> None:
        """Remember a document that was read, whether or not it is there."""
        self._documents.add(path)

    def ask(self, query: Query) -> None:
        """Remember a query."""
        self._queries.append(query)

    def check(self, data: Data) -> None:
        """Refuse to go on where a read would find something else now.

        Raises:
            EmulatorError: ABORTED.
        """
        at = self._at
        if at is None or data.last <= at:
            return
        stale = any(data.find(each, at) is not data.find(each) for each in self._documents)
        if stale or any(each.run(data, at) != each.run(data) for each in self._queries):
            raise contention()
