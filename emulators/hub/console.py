"""The admin side of the emulators: status, clock, faults, reset, and the metadata server."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

import grpc
from aiohttp import web

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.errors import invalid_argument, not_found
from emulators.core.faults import Faults, Rule
from emulators.core.identity import METADATA_HEADERS, metadata_routes
from emulators.core.server import Endpoint

ACTIONS = ("delay", "error", "drop", "duplicate", "reorder")


class Console:
    """Answers ``/_mg/…`` and ``/computeMetadata/…``.

    Attributes:
        reset_asked: The services were asked to forget everything.
    """

    def __init__(
        self, context: Context, clock: VirtualClock, faults: Faults, stop: asyncio.Event
    ) -> None:
        self._context = context
        self._clock = clock
        self._faults = faults
        self._stop = stop
        self.reset_asked = False

    def endpoint(self) -> Endpoint:
        """Return the routes as one service."""
        own = [
            web.get("/", self.root),
            web.get("/_mg/status", self.status),
            web.get("/_mg/clock", self.clock),
            web.post("/_mg/clock", self.set_clock),
            web.get("/_mg/faults", self.faults),
            web.post("/_mg/faults", self.add_fault),
            web.delete("/_mg/faults", self.clear_faults),
            web.delete("/_mg/faults/{number}", self.remove_fault),
            web.post("/_mg/reset", self.reset),
        ]
        context = self._context
        metadata = metadata_routes(context.signer, context.project, context.location)
        return Endpoint(name="console", routes=[*own, *metadata])

    async def root(self, _request: web.Request) -> web.Response:
        """Answer as a metadata server does, which is how Google's libraries find one."""
        return web.Response(text="computeMetadata/\n", headers=METADATA_HEADERS)

    async def status(self, _request: web.Request) -> web.Response:
        """Answer with addresses, the time and the number of faults."""
        return web.json_response(
            {
                "addresses": dict(self._context.addresses),
                "clock": self._time(),
                "faults": len(self._faults.rules()),
            }
        )

    async def clock(self, _request: web.Request) -> web.Response:
        """Answer with the time."""
        return web.json_response(self._time())

    async def set_clock(self, request: web.Request) -> web.Response:
        """Advance, freeze or resume time: ``{"action": "advance", "seconds": 60}``."""
        body = await _object(request)
        acts: Mapping[str, Callable[[], None]] = {
            "advance": lambda: self._clock.advance(_seconds(body)),
            "freeze": self._clock.freeze,
            "resume": self._clock.resume,
        }
        act = acts.get(str(body.get("action")))
        if act is None:
            raise invalid_argument("action must be advance, freeze or resume")
        act()
        return web.json_response(self._time())

    async def faults(self, _request: web.Request) -> web.Response:
        """Answer with the rules in force."""
        return web.json_response({"rules": self._rules()})

    async def add_fault(self, request: web.Request) -> web.Response:
        """Put one rule in force."""
        number = self._faults.add(rule_of(await _object(request)))
        return web.json_response({"id": number, "rules": self._rules()})

    async def clear_faults(self, _request: web.Request) -> web.Response:
        """Lift every rule."""
        self._faults.clear()
        return web.json_response({"rules": self._rules()})

    async def remove_fault(self, request: web.Request) -> web.Response:
        """Lift one rule."""
        number = request.match_info["number"]
        if not number.isdigit() or not self._faults.remove(int(number)):
            raise not_found(f"there is no fault {number}")
        return web.json_response({"rules": self._rules()})

    async def reset(self, _request: web.Request) -> web.Response:
        """Forget what the services keep: they end, and the hub starts them empty."""
        self.reset_asked = True
        asyncio.get_running_loop().call_later(0.05, self._stop.set)
        return web.json_response({"reset": True})

    def _time(self) -> dict[str, Any]:
        return {"now": self._clock.now(), "frozen": self._clock.frozen}

    def _rules(self) -> list[dict[str, Any]]:
        return [
            {"id": number, **asdict(rule), "status": rule.status.name}
            for number, rule in self._faults.rules().items()
        ]


def rule_of(body: Mapping[str, Any]) -> Rule:
    """Return the rule a request describes.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the field.
    """
    known = {f.name for f in fields(Rule)} - {"struck"}
    if unknown := sorted(set(body) - known):
        raise invalid_argument(f"a fault has no field {', '.join(unknown)}")
    if body.get("action") not in ACTIONS:
        raise invalid_argument(f"action must be one of {', '.join(ACTIONS)}")
    given = dict(body)
    if "status" in given:
        given["status"] = _status(str(given["status"]))
    return Rule(**given)


def _status(name: str) -> grpc.StatusCode:
    try:
        return grpc.StatusCode[name.upper()]
    except KeyError:
        raise invalid_argument(f"status {name!r} is no gRPC status") from None


def _seconds(body: Mapping[str, Any]) -> float:
    seconds = body.get("seconds")
    if not isinstance(seconds, int | float) or seconds < 0:
        raise invalid_argument("seconds must be a number from 0 on")
    return float(seconds)


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise invalid_argument(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid_argument("the body must be a JSON object")
    return body
