"""Reading over connections that may be gone."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from shared.adapters.sql.reading import read
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from sqlalchemy import Engine

ONE = text("SELECT 1 AS one")
END_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_read_over_connections_the_server_dropped_answers_all_the_same(
    engine: Engine, database: str
) -> None:
    connections = [engine.connect() for _ in range(3)]
    for connection in connections:
        connection.execute(ONE)
        connection.close()
    other = create_engine(database)
    with other.connect() as connection:
        connection.execute(END_THE_OTHERS)
    other.dispose()

    rows = [read(ONE, {}, what="one", engine=engine) for _ in range(5)]

    assert [row.one for (row,) in rows] == [1] * 5


def test_a_read_from_a_server_that_is_gone_says_what_was_read() -> None:
    nowhere = create_engine("postgresql+pg8000://postgres@127.0.0.1:1/nothing")

    with pytest.raises(UnavailableError, match="titles: the database does not answer"):
        read(ONE, {}, what="titles", engine=nowhere)


def test_what_is_asked_is_sent_at_once_however_long_it_is(engine: Engine) -> None:
    read(ONE, {}, what="one", engine=engine)

    with engine.connect() as connection:
        under = connection.connection.driver_connection._usock  # type: ignore[union-attr]
        assert under.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_read_goes_on_after_its_tables_changed(engine: Engine) -> None:
    everything = text("SELECT * FROM reading_changes WHERE 1 = :one")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE reading_changes AS SELECT 1 AS a"))
    before = read(everything, {"one": 1}, what="changes", engine=engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE reading_changes ADD b integer DEFAULT 2"))

    after = read(everything, {"one": 1}, what="changes", engine=engine)

    assert [row._fields for row in (*before, *after)] == [("a",), ("a", "b")]


def test_a_connection_reads_on_after_a_statement_of_ours_was_wrong(engine: Engine) -> None:
    with pytest.raises(Exception, match="22012"):
        read(text("SELECT 1 / CAST(:zero AS integer)"), {"zero": 0}, what="one", engine=engine)

    (row,) = read(ONE, {"more": "than it names"}, what="one", engine=engine)

    assert row.one == 1
