"""What is done to an account and what is told of it, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from shared.adapters.outbox import Outbox
from shared.adapters.sql import audit
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks.publishing import publish_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told

CHAIN = "accounts"
"""Of the audit log: who signs in waits for nobody but others who do."""
Found = TypeVar("Found")


class Telling:
    """Writes with what there is to tell of it: an act for the audit log, events for the outbox.

    Args:
        what: Is written, for messages.
        publisher: Sends what was written to the outbox, after the commit; None leaves that to the
            relay.
        engine: Of the transactions.
    """

    def __init__(
        self, what: str, publisher: Publisher | None, engine: Callable[[], Engine]
    ) -> None:
        self._what, self._publisher, self._engine = what, publisher, engine

    def write(self, told: Told, work: Callable[[Connection], Found]) -> Found:
        """Return what the work gives, once it and what is told of it are written.

        Raises:
            ConflictError: Two writers met; trying again may succeed.
            UnavailableError: The database does not answer.
        """
        with translated(self._what), self._engine().begin() as connection:
            found = work(connection)
            rows = Outbox.add(connection, told.events)
            audit.write(connection, told.act, chain=CHAIN)
        if rows and self._publisher is not None:
            publish_now(self._engine(), self._publisher, rows)
        return found
