"""Two connections joined into one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Closable(Protocol):
    """A connection that is under way."""

    def close(self) -> None:
        """End the connection."""


class Splice:
    """Two transports joined: what one receives the other sends, with back-pressure both ways.

    Args:
        client: The one that spoke first.
        first: What it said.
        connections: Holds this one until it is closed.
        on_close: Called when it is.
    """

    def __init__(
        self,
        client: asyncio.Transport,
        first: bytes,
        connections: set[Closable] | set[Splice],
        *,
        on_close: Callable[[], object] = lambda: None,
    ) -> None:
        self._client = client
        self._on_close = on_close
        self._first = first
        self._connections: set[Any] = connections
        self._server: asyncio.BaseTransport | None = None
        self._connecting: asyncio.Task[None] | None = None
        connections.add(self)
        client.pause_reading()

    def connect(self, opener: Opener) -> None:
        """Open the other side and let bytes flow."""
        self._connecting = asyncio.get_running_loop().create_task(self._connect(opener))

    async def _connect(self, opener: Opener) -> None:
        try:
            _, pipe = await opener(lambda: Pipe(self, self._client))
        except OSError:
            self.close()
            return
        self._server = pipe.own
        if self._client.is_closing():  # it left meanwhile
            self.close()
            return
        pipe.own.write(self._first)
        self._client.set_protocol(Pipe(self, pipe.own))
        self._client.resume_reading()

    def abort(self) -> None:
        """Break off, whatever is still to be sent."""
        self._client.abort()
        self.close()

    def close(self) -> None:
        """Close both sides."""
        self._on_close()
        self._connections.discard(self)
        self._client.close()
        if self._server:
            self._server.close()


class Pipe(asyncio.Protocol):
    """One direction of a splice: receives on its own transport, writes to ``other``."""

    def __init__(self, splice: Splice, other: asyncio.Transport) -> None:
        self._splice = splice
        self._other = other
        self.own: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport this pipe receives from."""
        if isinstance(transport, asyncio.Transport):
            self.own = transport

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        self._other.write(data)

    def pause_writing(self) -> None:
        """Our transport's buffer is full: let the other side stop reading."""
        self._other.pause_reading()

    def resume_writing(self) -> None:
        """There is room again."""
        self._other.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """When one side ends, both do."""
        self._splice.close()


Opener: TypeAlias = "Callable[[Callable[[], Pipe]], Awaitable[tuple[asyncio.Transport, Pipe]]]"
"""Opens a connection that speaks the protocol it is given, as `asyncio` does."""
