"""Statements of a page, which each connection keeps prepared.

A page's statements are few, long and always the same. Prepared, they take one round trip instead of
three, and neither the driver nor the server reads and plans them again. Their parameters are JSON,
of which a planner knows nothing, so the plan that is kept is the one it would make each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters.sql.ingest.page import RacedError
from shared.adapters.sql.reading import STALE_PLANS
from shared.adapters.sql.statement import sqlstate

if TYPE_CHECKING:
    from pg8000.native import PreparedStatement
    from sqlalchemy import Connection, TextClause
    from sqlalchemy.pool import PoolProxiedConnection

KEPT = "page statements"
"""Where a connection keeps them."""

Rows = list[list[Any]]


def run(connection: Connection, query: TextClause, **given: Any) -> Rows:  # noqa: ANN401 - parameters
    """Run one statement in the connection's transaction and return its rows.

    Args:
        connection: The page's transaction.
        query: One statement.
        given: Its parameters.

    Raises:
        DBAPIError: As where SQLAlchemy runs it.
        RacedError: The server forgot the statement, or its tables changed: begin again.
    """
    from pg8000.exceptions import Error  # noqa: PLC0415 - loaded with the connection
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - likewise

    lent = connection.connection
    try:
        _begin(lent.driver_connection)
        found: Rows = _prepared(lent, query.text).run(**given) or []
    except Error as error:
        if sqlstate(error) in STALE_PLANS:
            lent.info.pop(KEPT, None)
            raise RacedError(f"a statement is not prepared any more ({sqlstate(error)})") from error
        raise DBAPIError(query.text, given, error) from error
    return found


def scalar(connection: Connection, query: TextClause, **given: Any) -> Any:  # noqa: ANN401 - whatever SQL returns
    """Run one statement and return the first column of its first row."""
    return run(connection, query, **given)[0][0]


def _begin(driver: Any) -> None:  # noqa: ANN401 - a pg8000 connection has no types
    """Begin the transaction, which the driver does by itself with its own cursors only."""
    if not driver._in_transaction:  # noqa: SLF001 - nothing else tells
        driver.execute_simple("begin transaction")


def _prepared(lent: PoolProxiedConnection, query: str) -> PreparedStatement:
    from pg8000.native import PreparedStatement  # noqa: PLC0415 - loaded with the connection

    kept: dict[str, PreparedStatement] = lent.info.setdefault(KEPT, {})
    if query not in kept:
        kept[query] = PreparedStatement(lent.driver_connection, query)
    return kept[query]
