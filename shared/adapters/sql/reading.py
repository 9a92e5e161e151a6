"""Single statements that only read, outside any transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.statement import is_down, translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine, Row, TextClause


def read(
    query: TextClause, bound: Mapping[str, Any], *, what: str, engine: Engine | None = None
) -> list[Row[Any]]:
    """Return every row of ``query``.

    A connection that its server has dropped is found out by using it: asking each one first would
    cost more than the statement. The pool is emptied then, and the statement runs once more.

    Args:
        query: One statement that changes nothing.
        bound: Its parameters.
        what: What is read, for the message of an error.
        engine: Where, `connect.reads` unless said.

    Raises:
        UnavailableError: The database does not answer.
    """
    found = engine or connect.reads()
    with translated(what):
        try:
            return _rows(found, query, bound)
        except Exception as error:
            if not is_down(error):
                raise
            found.dispose()
            return _rows(found, query, bound)


def _rows(engine: Engine, query: TextClause, bound: Mapping[str, Any]) -> list[Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(query, bound))
