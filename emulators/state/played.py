"""Calls of a recording that are made once more."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from emulators.core import errors
from emulators.core.plain_http import unpacked
from emulators.core.recorder import to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emulators.core.binding import Binding
    from emulators.core.methods import Method, Proto

PATIENCE_SECONDS: Final = 10.0
"""How long an answer is waited for, of real time."""


class Played:
    """One call that is done once more."""

    def __init__(self, method: Method, binding: Binding, first: Proto) -> None:
        self.replies: list[Any] = []
        self.seen = 0
        self._more: asyncio.Queue[Proto] = asyncio.Queue()
        self._news = asyncio.Event()
        self._sent = asyncio.Semaphore(0)
        self.method = method
        if method.kind == "unary_unary":
            work = self._unary(binding, first)
        else:
            streamed = method.kind.startswith("stream")
            work = self._stream(binding, self._said(first) if streamed else first)
        self.task = asyncio.get_running_loop().create_task(work)
        self.task.add_done_callback(lambda _: self._news.set())

    def say(self, request: Proto) -> None:
        """Let the client say more; None when it has no more to say."""
        self._more.put_nowait(request)

    def sent(self) -> None:
        """Let the next reply of the stream be made."""
        self._sent.release()

    async def next_reply(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the next reply, None where none comes."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.seen >= len(self.replies):
                if self.task.done():
                    return None
                self._news.clear()
                await self._news.wait()
        self.seen += 1
        return self.replies[self.seen - 1]

    async def end(self) -> dict[str, Any]:
        """Return how it ended: ``{}``, or the error."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                await asyncio.shield(self.task)
            except errors.EmulatorError as error:
                return {"code": error.status.value[0], "message": error.message}
        return {}

    async def leave(self) -> None:
        """Let the client go away."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _said(self, first: Proto) -> AsyncIterator[Proto]:
        yield first
        while (request := await self._more.get()) is not None:
            yield request

    async def _unary(self, binding: Binding, request: Proto) -> None:
        self._answered(await binding.unary(self.method, request, None))

    async def _stream(self, binding: Binding, request: Proto) -> None:
        async with contextlib.aclosing(binding.stream(self.method, request, None)) as replies:
            async for reply in replies:
                self._answered(reply)
                await self._sent.acquire()

    def _answered(self, reply: Proto) -> None:
        self.replies.append(to_json(reply))
        self._news.set()


class PlainPlayed:
    """One plain HTTP request that is made once more.

    Args:
        address: Of the service.
        asked: The request as it was noted.
    """

    def __init__(self, address: str, asked: dict[str, Any]) -> None:
        self.task = asyncio.get_running_loop().create_task(_asked(address, asked))

    async def next_reply(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the answer's status."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return {"status": await asyncio.shield(self.task)}

    async def leave(self) -> None:
        """Let the client go away."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def _asked(address: str, asked: dict[str, Any]) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.request(
            asked["method"],
            f"http://{address}{asked['path']}",
            headers=asked["headers"],
            data=unpacked(asked["body"]),
        ) as response,
    ):
        await response.read()
        return response.status
