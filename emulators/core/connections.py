"""The connections that gRPC calls come on, by what gRPC calls the peer.

Sockets belong to the process, and so does this table of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import MutableMapping


class Closable(Protocol):
    """A connection."""

    def abort(self) -> None:
        """End it at once, whatever is under way."""


OPEN: MutableMapping[str, Closable] = {}


def cut(peer: str) -> bool:
    """End the connection of a peer; False where there is none."""
    found = OPEN.get(peer)
    if found is not None:
        found.abort()
    return found is not None
