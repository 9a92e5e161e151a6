"""Commands on one connection, each sent without waiting for the answers to those before it.

redis-py takes a connection for each command, looks whether it is alive, starts a task to send with
a deadline, measures, and gives the connection back: 110 us of processor for a script. Whoever asks
again and again holds a `Line`. redis-py opens its connection (address, TLS, password), then it is
read here: what is asked in one turn of the event loop leaves in one write, and answers come in the
order of the commands (Redis documentation, "Pipelining").

Only commands that are short at any time go this way, since each waits for those before it. A server
that owes an answer for too long, or a connection that broke, fails everybody who waits on it, and
the next command opens another. Who gives up waiting leaves a place behind that its answer fills.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from shared.adapters.redis import COMMAND_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis


class Line:
    """One connection of a client's pool, held for as long as it lasts; for one event loop.

    Args:
        client: Whose. Its ``socket_timeout`` is the longest that a command waits for its answer.
    """

    def __init__(self, client: Callable[[], Redis]) -> None:
        self._client = client
        self._wire: _Wire | None = None
        self._opening: asyncio.Task[_Wire] | None = None
        self._given: Any = None  # redis-py's connection under the wire

    async def ask(self, command: bytes) -> Any:  # noqa: ANN401 - whatever the server says
        """Send one command and return what the server says to it.

        Raises:
            RedisError: There is no connection, it broke, or the server says an error.
            TimeoutError: The server took longer than the client allows.
        """
        wire = self._wire
        if wire is None or wire.lost:
            wire = await self._opened()
        return await wire.ask(command)

    async def _opened(self) -> _Wire:
        """Return a new connection; all who need one wait for the same."""
        if self._opening is None:
            # A task of its own, so that no caller's end stops it.
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(self._told)
        return await asyncio.shield(self._opening)

    def _told(self, done: asyncio.Task[_Wire]) -> None:
        self._opening = None
        if not done.cancelled() and done.exception() is None:  # its callers heard of that
            self._wire = done.result()

    async def _open(self) -> _Wire:
        async with asyncio.timeout(COMMAND_SECONDS):
            pool: Any = self._client().connection_pool
            await self._give_back(pool)
            self._given = await pool.get_connection()
            transport = self._given._writer.transport  # noqa: SLF001 - it has no other name
            return _Wire(transport, self._given.socket_timeout)

    async def _give_back(self, pool: Any) -> None:  # noqa: ANN401 - of either kind
        given, self._given = self._given, None
        if given is not None:
            await given.disconnect()
            await pool.release(given)


class _Wire(asyncio.Protocol):
    """What is under way on one connection.

    Args:
        transport: Open; its answers are read here from now on.
        seconds: Longest wait for an answer, None for ever.
    """

    def __init__(self, transport: asyncio.Transport, seconds: float | None) -> None:
        self._loop, self._transport = asyncio.get_running_loop(), transport
        self._seconds, (self._reader, self._unasked) = seconds, _reader()
        self._unsent: list[bytes] = []
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._before = transport.get_protocol()
        self.lost = transport.is_closing()
        transport.set_protocol(self)

    def ask(self, command: bytes) -> asyncio.Future[Any]:
        """Send a command at the end of this turn; return its answer to come."""
        told = self._loop.create_future()
        if self.lost:  # while its asker waited for it to open
            told.set_exception(_lost(None))
            return told
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(command)
        self._waiting.append((told, self._loop.time()))
        if self._watch is None and self._seconds is not None:
            self._watch = self._loop.call_later(self._seconds, self._look)
        return told

    def _send(self) -> None:
        sent, self._unsent = self._unsent, []
        if not self.lost:
            self._transport.write(b"".join(sent))

    def data_received(self, data: bytes) -> None:
        """Hand answers out; a part of one waits for the rest."""
        self._reader.feed(data)
        while (said := self._reader.gets()) is not _PARTIAL:
            if isinstance(said, self._unasked):
                continue  # of the server's own accord, to nobody's command
            told, _ = self._waiting.popleft()
            if told.done():
                continue  # nobody waits for it any more
            if isinstance(said, Exception):
                told.set_exception(said)
            else:
                told.set_result(said)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits, and redis-py, which waits for this where it closes."""
        self._fail(_lost(exc))
        self._before.connection_lost(exc)

    def _look(self) -> None:
        """Give a server up that owes its oldest answer for too long; else look again then."""
        self._watch = None
        if not self._waiting or self._seconds is None:
            return
        left = self._waiting[0][1] + self._seconds - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look)
            return
        self._fail(TimeoutError(f"no answer within {self._seconds} s"))
        self._transport.abort()

    def _fail(self, error: Exception) -> None:
        self.lost = True
        waiting, self._waiting = self._waiting, deque()
        for told, _ in waiting:
            if not told.done():
                told.set_exception(type(error)(*error.args))  # each has a trace of its own


_PARTIAL = object()


def _reader() -> tuple[Any, type]:
    """Return what takes answers apart, and the kind of those that nobody asked for."""
    from hiredis import PushNotification, Reader  # noqa: PLC0415 - only where Redis is reached
    from redis.exceptions import InvalidResponse  # noqa: PLC0415 - 130 ms, likewise

    made = Reader(protocolError=InvalidResponse, replyError=_error, notEnoughData=_PARTIAL)
    return made, PushNotification


def _lost(error: Exception | None) -> Exception:
    from redis.exceptions import ConnectionError as LostError  # noqa: PLC0415 - 130 ms, likewise

    return LostError(f"the connection was lost: {error!r}")


def _error(said: str) -> Exception:
    from redis.exceptions import NoScriptError, ResponseError  # noqa: PLC0415 - 130 ms, likewise

    return (NoScriptError if said.startswith("NOSCRIPT") else ResponseError)(said)
