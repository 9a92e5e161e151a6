"""How a process connects to its database: what is said first, how often, and until when."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from shared.adapters import connect
from shared.runtime.settings import use_settings
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from pathlib import Path

ASKS_FOR_TLS = (80_877_103).to_bytes(4)
VERSION_3 = (3 << 16).to_bytes(4)
"""Of the protocol; each follows the length of a first message (PostgreSQL 18 §54.7)."""


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", VERSION_3), ("localhost", ASKS_FOR_TLS)])
def test_only_an_address_of_this_machine_is_spoken_to_without_asking_for_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, said: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        heard = pool.submit(hear, server)
        url = f"postgresql+pg8000://postgres@{host}:{server.getsockname()[1]}/any"

        with surroundings(url, tmp_path, monkeypatch), pytest.raises(DBAPIError):
            connect.engine().connect()

        assert heard.result()[4:8] == said


def hear(server: socket.socket) -> bytes:
    """Return what the first caller says first, and hang up."""
    caller, _ = server.accept()
    with caller:
        return caller.recv(8)


def test_threads_that_are_first_at_once_share_one_engine(connected: connect.Addresses) -> None:
    begun = Event()

    def slow() -> connect.Addresses:
        begun.set()
        Event().wait(0.05)
        return connected

    connect.close()
    connect.configure(slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(connect.engine)
        assert begun.wait(5)
        assert connect.engine() is first.result()
    connect.close()
    use_settings()


@pytest.mark.usefixtures("connected")
def test_a_connection_that_comes_back_to_an_emptied_pool_is_closed() -> None:
    with connect.reads().connect() as connection:
        driver = connection.connection.driver_connection
        under = driver._usock  # type: ignore[union-attr]
        connect.close()
        assert under.fileno() != -1

    assert under.fileno() == -1
