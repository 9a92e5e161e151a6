"""The Listen stream: what a client asks for, and what commits mean to it, in one line."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any

from emulators.core import errors
from emulators.firestore.listening import Listener

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from emulators.core.methods import Proto
    from emulators.firestore.data import Change
    from emulators.firestore.store import Database, Store


class Listening:
    """One stream of Listen.

    Args:
        store: Every database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._commits: deque[tuple[int, list[Change]]] = deque()
        self._database: Database | None = None
        self._listener: Listener | None = None

    async def answers(self, requests: AsyncIterator[Proto]) -> AsyncGenerator[Proto, None]:
        """Yield what the client is told, until it leaves."""
        reader = asyncio.create_task(self._read(requests))
        try:
            while True:
                kind, event = await self._events.get()
                if kind == "end":
                    return
                if kind == "error":
                    raise event
                for answer in self._told(kind, event):
                    yield answer
        finally:
            if self._database is not None:
                self._database.watchers.discard(self._committed)
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def _read(self, requests: AsyncIterator[Proto]) -> None:
        try:
            async for request in requests:
                self._events.put_nowait(("request", request))
        except errors.EmulatorError as error:
            self._events.put_nowait(("error", error))
        else:
            self._events.put_nowait(("end", None))

    def _told(self, kind: str, event: Any) -> list[Proto]:  # noqa: ANN401 - a request or a commit
        """Return what an event means; commits that were done by now are told before a request.

        A target that is added finds what they did, so those that are there have to know it too.
        """
        told: list[Proto] = []
        while self._commits and self._listener is not None:
            told.extend(self._listener.committed(*self._commits.popleft()))
        return [*told, *self._asked(event)] if kind == "request" else told

    def _asked(self, request: Proto) -> list[Proto]:
        listener = self._listening(request.database)
        kind = request.WhichOneof("target_change")
        if kind is None:
            raise errors.invalid_argument("A request adds a target or removes one.")
        if kind == "add_target":
            return list(listener.add(request.add_target))
        return list(listener.remove(request.remove_target))

    def _listening(self, root: str) -> Listener:
        if self._listener is None:
            self._database = self._store.database(root)
            self._database.watchers.add(self._committed)
            self._listener = Listener(self._database)
        return self._listener

    def _committed(self, time: int, changes: list[Change]) -> None:
        self._commits.append((time, changes))
        self._events.put_nowait(("commit", None))
