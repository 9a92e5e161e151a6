"""What is said first to a database, by where it is."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from shared.adapters import connect
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
