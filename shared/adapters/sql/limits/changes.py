"""Limits that administrators changed: table ``limit_change``, and the copy for the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.statement import statement, translated
from shared.gateway.limits_admin import document

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.kernel.audit import AuditEvent

LOCK = statement(__file__, "lock")
EVERY = statement(__file__, "every")
PUT = statement(__file__, "put")
REMOVE = statement(__file__, "remove")
WHAT = "limit_change"
Changed = dict[str, tuple[dict[str, int], "datetime"]]


class SqlLimitChanges:
    """Changes of limits; each call that writes is one transaction, at whose end the copy is told.

    Where the copy cannot be told, nothing is changed.

    Args:
        tell: Writes the copy: the changes as JSON, empty where there are none.
        engine: Of the transactions.
    """

    def __init__(
        self, tell: Callable[[bytes], None], engine: Callable[[], Engine] = connect.engine
    ) -> None:
        self._tell, self._engine = tell, engine

    def every(self) -> Changed:
        """Return what was changed, and when, by name."""
        with translated(WHAT), self._engine().connect() as connection:
            return _every(connection)

    def put(self, name: str, said: dict[str, int], now: datetime, act: AuditEvent) -> None:
        """Let a tier or class differ."""
        given = {"name": name, "said": orjson.dumps(said).decode(), "now": now}
        self._write(lambda connection: connection.execute(PUT(), given), act)

    def remove(self, name: str, act: AuditEvent) -> None:
        """Let a tier or class be as it was shipped; one that is, stays so."""
        self._write(lambda connection: connection.execute(REMOVE(), {"name": name}), act)

    def tell_again(self) -> None:
        """Write the copy once more, where it was forgotten."""
        self._write(lambda _connection: None, None)

    def _write(self, work: Callable[[Connection], object], act: AuditEvent | None) -> None:
        with translated(WHAT), self._engine().begin() as connection:
            connection.execute(LOCK())
            work(connection)
            if act is not None:
                audit.write(connection, act)
            said = document((name, found[0]) for name, found in _every(connection).items())
            self._tell(orjson.dumps(said) if said else b"")


def _every(connection: Connection) -> Changed:
    rows = connection.execute(EVERY()).all()
    return {row.name: (dict(row.said), row.changed_at) for row in rows}
