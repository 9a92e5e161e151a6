"""The connection under SQLAlchemy."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection


def send_at_once(connection: Connection) -> None:
    """Make the socket of a connection send what it has, as `driver_sends_at_once`."""
    driver_sends_at_once(connection.connection.driver_connection)


def driver_sends_at_once(driver: Any) -> None:  # noqa: ANN401 - a pg8000 connection has no types
    """Make the socket send what it has (TCP_NODELAY, RFC 9293 section 3.7.4).

    pg8000 writes a parameter above 8 KB in several pieces; the last one then waits up to 40 ms for
    the server's delayed acknowledgement, ten times what the statement takes.
    """
    under = getattr(driver, "_usock", None)
    if isinstance(under, socket.socket) and under.family in {socket.AF_INET, socket.AF_INET6}:
        under.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
