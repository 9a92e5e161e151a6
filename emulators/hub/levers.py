"""The levers of the console: time and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulators.core.errors import invalid_argument, not_found
from emulators.core.keeping import keep_reading
from emulators.core.recorder import moment_of, seconds_of
from emulators.core.rules import POSSIBLE, described, rule_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from emulators.core.clock import VirtualClock
    from emulators.core.context import Context
    from emulators.core.faults import Faults

_LONGEST = 100 * 366 * 86400.0


class ClockLever:
    """Answers ``/_mg/clock``."""

    def __init__(self, context: Context, clock: VirtualClock) -> None:
        self._context = context
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return its routes."""
        return [web.get("/_mg/clock", self.show), web.post("/_mg/clock", self.turn)]

    async def show(self, _request: web.Request) -> web.Response:
        """Answer with the time."""
        return web.json_response(self.time())

    async def turn(self, request: web.Request) -> web.Response:
        """Move time: ``{"action": "advance", "seconds": 60}``, ``{"action": "jump", "to": "…Z"}``.

        Answers when every timer on the way has rung; ``freeze`` and ``resume`` take nothing.
        """
        body = await object_of(request)
        acts: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[None]]] = {
            "advance": self._advance,
            "jump": self._jump,
            "freeze": self._freeze,
            "resume": self._resume,
        }
        act = acts.get(str(body.get("action")))
        if act is None:
            raise invalid_argument(f"action: must be one of {', '.join(acts)}")
        await act(body)
        await keep_reading(self._context.journal, self._clock)
        return web.json_response(self.time())

    async def _advance(self, body: Mapping[str, Any]) -> None:
        _only(body, "seconds")
        seconds = body.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise invalid_argument("seconds: must be a number from 0 on")
        if not 0 <= seconds <= _LONGEST:
            raise invalid_argument("seconds: must be from 0 to those of a hundred years")
        await self._clock.travel(self._clock.now() + seconds)

    async def _jump(self, body: Mapping[str, Any]) -> None:
        _only(body, "to")
        try:
            moment = seconds_of(str(body.get("to")))
        except ValueError as error:
            raise invalid_argument(
                f"to: must be a moment as 2026-12-24T18:00:00Z: {error}"
            ) from error
        now = self._clock.now()
        if not now <= moment <= now + _LONGEST:
            raise invalid_argument(f"to: must not lie before now, {moment_of(now)}")
        await self._clock.travel(moment)

    async def _freeze(self, body: Mapping[str, Any]) -> None:
        _only(body)
        self._clock.freeze()

    async def _resume(self, body: Mapping[str, Any]) -> None:
        _only(body)
        self._clock.resume()

    def time(self) -> dict[str, Any]:
        """Return the time as JSON."""
        now, waiting = self._clock.now(), self._clock.waiting
        at = moment_of(now)
        return {"now": now, "at": at, "frozen": self._clock.frozen, "timers": waiting}


class FaultLever:
    """Answers ``/_mg/faults``."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return its routes."""
        return [
            web.get("/_mg/faults", self.show),
            web.get("/_mg/faults/targets", self.targets),
            web.post("/_mg/faults", self.add),
            web.put("/_mg/faults/seed", self.reseed),
            web.delete("/_mg/faults", self.clear),
            web.delete("/_mg/faults/{number}", self.remove),
        ]

    async def show(self, _request: web.Request) -> web.Response:
        """Answer with the rules in force and how often they struck."""
        return web.json_response(self._state())

    async def targets(self, _request: web.Request) -> web.Response:
        """Answer with what rules can name: actions by service and method."""
        known = self._faults.known
        return web.json_response(
            {
                service: {name: sorted(POSSIBLE[methods[name]]) for name in sorted(methods)}
                for service, methods in sorted(known.items())
            }
        )

    async def add(self, request: web.Request) -> web.Response:
        """Put one rule in force."""
        number = self._faults.add(rule_of(await object_of(request), self._faults.known))
        return web.json_response({"id": number, **self._state()})

    async def reseed(self, request: web.Request) -> web.Response:
        """Let chances follow from another seed: ``{"seed": 7}``."""
        body = await object_of(request)
        seed = body.get("seed")
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise invalid_argument(f"seed: must be a whole number, not {seed!r}")
        self._faults.reseed(seed)
        return web.json_response(self._state())

    async def clear(self, _request: web.Request) -> web.Response:
        """Lift every rule."""
        self._faults.clear()
        return web.json_response(self._state())

    async def remove(self, request: web.Request) -> web.Response:
        """Lift one rule."""
        number = request.match_info["number"]
        if not number.isdigit() or not self._faults.remove(int(number)):
            raise not_found(f"there is no fault {number}")
        return web.json_response(self._state())

    def _state(self) -> dict[str, Any]:
        rules = [{"id": n, **described(rule)} for n, rule in self._faults.rules().items()]
        return {"seed": self._faults.seed, "rules": rules}


def _only(body: Mapping[str, Any], *names: str) -> None:
    if unknown := sorted(set(body) - {"action", *names}):
        raise invalid_argument(f"{unknown[0]}: says nothing about {body.get('action')}")


async def object_of(request: web.Request) -> dict[str, Any]:
    """Return the JSON object that a request brought.

    Raises:
        EmulatorError: INVALID_ARGUMENT, it brought none.
    """
    try:
        body = await request.json()
    except ValueError as error:
        raise invalid_argument(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid_argument("the body must be a JSON object")
    return body
