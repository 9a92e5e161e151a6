"""State and recordings at the console: export, import, record."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulators.core.errors import failed_precondition, invalid_argument
from emulators.hub.levers import object_of
from emulators.state.folder import DamagedError, export, state_of
from emulators.state.recording import Recording, ask_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulators.core.clock import VirtualClock
    from emulators.core.context import Context


class StateRoutes:
    """Answers ``/_mg/state/…`` and ``/_mg/record``.

    Attributes:
        prepare: Reads a folder that is to be imported; set by who owns the journal's file.
        state_dir: Where a wish to record is left for the next process.
    """

    def __init__(self, context: Context, clock: VirtualClock, end: Callable[[], None]) -> None:
        self._context = context
        self._clock = clock
        self._end = end
        self.prepare: Callable[[Path], Awaitable[None]] | None = None
        self.state_dir: Path | None = None
        self.under_way: Recording | None = None

    @property
    def recording(self) -> str:
        """The folder that a run is recorded to, empty for none."""
        return str(self.under_way.folder) if self.under_way else ""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/_mg/state/export", self.export),
            web.post("/_mg/state/import", self.take),
            web.get("/_mg/record", self.show),
            web.post("/_mg/record", self.record),
            web.delete("/_mg/record", self.stop),
        ]

    async def export(self, request: web.Request) -> web.Response:
        """Write all state into a new folder: ``{"folder": "/…"}``."""
        folder = _folder(await object_of(request))
        entries = await asyncio.to_thread(self._context.journal.everything)
        try:
            counts = await asyncio.to_thread(export, state_of(entries), folder)
        except (DamagedError, OSError) as error:
            raise failed_precondition(f"folder: {error}") from error
        return web.json_response({"folder": str(folder), "entries": counts})

    async def take(self, request: web.Request) -> web.Response:
        """Take the state of a folder in place of all there is; the services start anew with it."""
        folder = _folder(await object_of(request))
        if self.prepare is None:
            raise failed_precondition("these emulators keep no file that could be replaced")
        try:
            await self.prepare(folder)
        except DamagedError as error:
            raise invalid_argument(f"folder: {error}") from error
        self._end()
        return web.json_response({"folder": str(folder)})

    async def show(self, _request: web.Request) -> web.Response:
        """Answer with what is recorded, and where."""
        return web.json_response(self._told())

    async def record(self, request: web.Request) -> web.Response:
        """Record from now on: ``{"folder": "/…"}``; the services start anew, so all is in it."""
        body = await object_of(request)
        folder = _folder(body)
        seed = body.get("seed", "")
        if not isinstance(seed, str):
            raise invalid_argument(f"seed: must be a text, not {seed!r}")
        if self.under_way is not None:
            raise failed_precondition(f"a run is recorded to {self.recording} already")
        if self.state_dir is None:
            raise failed_precondition("these emulators keep nothing, so they cannot start anew")
        if folder.exists() and any(folder.iterdir()):
            raise failed_precondition(f"folder: {folder} is not empty")
        ask_for(self.state_dir, folder, seed)
        self._end()
        return web.json_response({"folder": str(folder), "recording": True})

    async def stop(self, _request: web.Request) -> web.Response:
        """Record no more."""
        if self.under_way is None:
            raise failed_precondition("nothing is recorded")
        told = self._told()
        self.under_way.stop()
        self.under_way = None
        return web.json_response({**told, "recording": False})

    def _told(self) -> dict[str, Any]:
        events = self.under_way.events if self.under_way else 0
        folder = self.recording
        return {"folder": folder, "recording": self.under_way is not None, "events": events}


def _folder(body: dict[str, Any]) -> Path:
    folder = body.get("folder")
    if not isinstance(folder, str) or not Path(folder).is_absolute():
        raise invalid_argument(f"folder: must be an absolute path, not {folder!r}")
    return Path(folder)
