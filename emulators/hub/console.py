"""The admin side of the emulators: status, levers, reset, and the metadata server."""

import asyncio

from aiohttp import web

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.metadata import METADATA_HEADERS, metadata_routes
from emulators.core.server import Endpoint
from emulators.hub.levers import ClockLever, FaultLever
from emulators.hub.state_routes import StateRoutes


class Console:
    """Answers ``/_mg/…`` and ``/computeMetadata/…``.

    Attributes:
        reset_asked: The services were asked to forget everything.
    """

    def __init__(
        self, context: Context, clock: VirtualClock, faults: Faults, stop: asyncio.Event
    ) -> None:
        self._context = context
        self._clock = ClockLever(context, clock)
        self._faults = faults
        self._stop = stop
        self.reset_asked = False
        self.state = StateRoutes(context, clock, self.end)

    def endpoint(self) -> Endpoint:
        """Return the routes as one service."""
        own = [
            web.get("/", self.root),
            web.get("/_mg/status", self.status),
            web.post("/_mg/reset", self.reset),
            *self._clock.routes(),
            *FaultLever(self._faults).routes(),
            *self.state.routes(),
        ]
        context = self._context
        metadata = metadata_routes(context.signer, context.project, context.location)
        return Endpoint(name="console", routes=lambda: [*own, *metadata])

    async def root(self, _request: web.Request) -> web.Response:
        """Answer as a metadata server does, which is how Google's libraries find one."""
        return web.Response(text="computeMetadata/\n", headers=METADATA_HEADERS)

    async def status(self, _request: web.Request) -> web.Response:
        """Answer with addresses, the time and the number of faults."""
        return web.json_response(
            {
                "addresses": dict(self._context.addresses),
                "clock": self._clock.time(),
                "faults": len(self._faults.rules()),
                "recording": self.state.recording,
            }
        )

    async def reset(self, _request: web.Request) -> web.Response:
        """Forget what the services keep: they end, and the hub starts them empty."""
        self.reset_asked = True
        self.end()
        return web.json_response({"reset": True})

    def end(self) -> None:
        """End this process in order, once it has answered; the hub starts it anew."""
        asyncio.get_running_loop().call_later(0.05, self._stop.set)
