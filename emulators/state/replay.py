"""A recorded run once more, on emulators of its own: the same calls at the same virtual times."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import aiohttp
from google.protobuf import json_format

from emulators.core.chance import Chance
from emulators.core.clock import VirtualClock, settled
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.plain_http import Answered, ReplayedSession, unpacked
from emulators.core.recorder import seconds_of
from emulators.core.server import Running, serve
from emulators.state.folder import DamagedError, State, read, state_of
from emulators.state.played import PATIENCE_SECONDS, PlainPlayed, Played
from emulators.state.recording import CALLS, HEADER, STATE
from emulators.state.stored import fill

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from emulators.core.methods import Method, Proto
    from emulators.core.server import Endpoint

    FindService = Callable[[str], Callable[[Context], Awaitable[Endpoint]] | None]

_MOST_DIFFERENCES: Final = 100
_SAID: Final = ("seed", "project", "location", "addresses", "services")


@dataclass(frozen=True)
class Outcome:
    """What came of a replay.

    Attributes:
        state: What the emulators kept at its end.
        events: How many there were.
        differences: Where an answer was another than the recorded one, in words.
    """

    state: State
    events: int
    differences: list[str] = field(default_factory=list)


async def replay(folder: Path, find_service: FindService) -> Outcome:
    """Do once more what a folder of `emulators.state.recording` holds.

    Args:
        folder: The recording.
        find_service: Returns what makes a service's endpoint, by the service's name.

    Raises:
        DamagedError: It is no recording; the message begins with the file.
    """
    header = _header(folder)
    start = seconds_of(header["start"])
    clock, journal = VirtualClock(lambda: start), Journal(None)
    clock.freeze()
    if (folder / STATE).exists():
        fill(journal, await asyncio.to_thread(read, folder / STATE))
    asked = _Asked()
    context = Context(
        clock,
        journal,
        Faults(clock),
        Signer(clock),
        addresses=header["addresses"],
        http=lambda: cast("aiohttp.ClientSession", ReplayedSession(asked.expect)),
        project=header["project"],
        location=header["location"],
        chance=Chance(header["seed"]),
    )
    running: list[Running] = []
    stage = _Stage(context, clock, asked)
    try:
        makers = filter(None, map(find_service, header["services"]))
        running.extend([await serve(await make(context), 0) for make in makers])
        stage.addresses = {each.endpoint.name: each.address for each in running}
        for number, event in _events(folder):
            await stage.play(number, event)
        await settled()
        state = state_of(await asyncio.to_thread(journal.everything))
    finally:
        await stage.clear()
        for each in reversed(running):
            await each.stop()
        journal.close()
    return Outcome(state, stage.events, stage.differences)


def _header(folder: Path) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        if header["format"] != "media-gateway-record" or header["version"] != 1:
            raise DamagedError(f"{HEADER}: format: is no recording of this version")
        seconds_of(header["start"])
        _ = [header[name] for name in _SAID]
    except KeyError as error:
        raise DamagedError(f"{HEADER}: {error.args[0]}: is missing") from error
    except (OSError, ValueError, TypeError) as error:
        if isinstance(error, DamagedError):
            raise
        raise DamagedError(f"{HEADER}: cannot be read: {error}") from error
    return header


def _events(folder: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = (folder / CALLS).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedError(f"{CALLS}: cannot be read: {error}") from error
    # What a killed process had begun to write is no event.
    for number, line in enumerate(lines[:-1], 1):
        try:
            event = json.loads(line)
        except ValueError as error:
            raise DamagedError(f"{CALLS}:{number}: is no JSON: {error}") from error
        if not isinstance(event, dict):
            raise DamagedError(f"{CALLS}:{number}: is no event")
        yield number, event


class _Asked:
    """What the emulators ask of others, until the recording says what the answer was."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[asyncio.Future[Answered]]] = {}
        self._news = asyncio.Event()

    async def expect(self, asked: str) -> Answered:
        """Return the recorded answer, when its time has come."""
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asked, deque()).append(future)
        self._news.set()
        return await future

    async def answer(self, event: Mapping[str, Any]) -> bool:
        """Answer the first who asked this; False where nobody does."""
        waiting = self._waiting.setdefault(event["asked"], deque())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not waiting:
                    self._news.clear()
                    await self._news.wait()
        while waiting:
            future = waiting.popleft()
            if not future.done():
                _settle(future, event)
                return True
        return False


def _settle(future: asyncio.Future[Answered], event: Mapping[str, Any]) -> None:
    if (told := event.get("answer")) is not None:
        body = unpacked(told["body"])
        future.set_result(Answered(told["status"], told["headers"], body))
    elif event.get("failed") == "timeout":
        future.set_exception(TimeoutError())
    else:
        future.set_exception(aiohttp.ClientConnectionError("as it was recorded"))


class _Stage:
    """Plays events one by one, and notes where answers differ from the recorded ones."""

    def __init__(self, context: Context, clock: VirtualClock, asked: _Asked) -> None:
        self.addresses: dict[str, str] = {}
        self._asked = asked
        self._bindings = context.recorder.bindings
        self._clock = clock
        self._calls: dict[int, Played | PlainPlayed] = {}
        self.events = 0
        self.differences: list[str] = []

    async def play(self, number: int, event: Mapping[str, Any]) -> None:
        """Do what an event says, or wait for what it says was answered."""
        self.events = number
        if "at" in event:
            await self._clock.travel(self._moment(number, event))
        if "end" in event:
            return
        if "request" in event:
            self._begin(number, event)
        elif "asked" in event:
            if not await self._asked.answer(event):
                self._differ(number, f"nobody asked {event['asked']}")
        elif "http" not in event:
            await self._of_call(number, event)
        elif (address := self.addresses.get(str(event.get("service")))) is not None:
            self._calls[event["call"]] = PlainPlayed(address, event["http"])
        else:
            _damaged(number, f"service: nobody is {event.get('service')!r}")
        await settled()

    async def _of_call(self, number: int, event: Mapping[str, Any]) -> None:
        played = self._calls.get(event.get("call", 0))
        if played is None:
            _damaged(number, "call: never began")
        try:
            await self._go_on(number, event, played)
        except TimeoutError:
            self._differ(number, "nothing was answered")

    async def clear(self) -> None:
        """End what is still under way."""
        for played in self._calls.values():
            await played.leave()

    def _moment(self, number: int, event: Mapping[str, Any]) -> float:
        try:
            return seconds_of(event["at"])
        except (ValueError, TypeError) as error:
            _damaged(number, f"at: {error}")

    def _begin(self, number: int, event: Mapping[str, Any]) -> None:
        found = self._bindings.get(str(event.get("method")))
        if found is None:
            _damaged(number, f"method: nobody serves {event.get('method')!r}")
        method, binding = found
        request = self._message(number, "request", method, event["request"])
        self._calls[event["call"]] = Played(method, binding, request)

    def _message(self, number: int, name: str, method: Method, said: Any) -> Proto:  # noqa: ANN401 - any JSON
        try:
            return json_format.ParseDict(said, method.request())
        except (json_format.ParseError, TypeError, AttributeError) as error:
            _damaged(number, f"{name}: {error}")

    async def _go_on(
        self, number: int, event: Mapping[str, Any], played: Played | PlainPlayed
    ) -> None:
        if isinstance(played, PlainPlayed):
            await self._go_on_plainly(number, event, played)
        elif "message" in event:
            played.say(self._message(number, "message", played.method, event["message"]))
        elif "ended" in event:
            played.say(None)
        elif "sent" in event:
            played.sent()
        elif "left" in event:
            await played.leave()
        elif "reply" in event:
            self._compare(number, event["reply"], await played.next_reply())
        else:
            self._compare(number, event.get("error", {}), await played.end())

    async def _go_on_plainly(
        self, number: int, event: Mapping[str, Any], played: PlainPlayed
    ) -> None:
        if "left" in event:
            await played.leave()
            return
        now = await played.next_reply()
        if "reply" in event:
            self._compare(number, event["reply"], now)

    def _compare(self, number: int, recorded: object, now: object) -> None:
        if recorded != now:
            self._differ(number, f"answered {_short(now)}, recorded is {_short(recorded)}")

    def _differ(self, number: int, how: str) -> None:
        if len(self.differences) < _MOST_DIFFERENCES:
            self.differences.append(f"{CALLS}:{number}: {how}")


def _short(answer: object) -> str:
    text = json.dumps(answer, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"  # noqa: PLR2004 - of a line


def _damaged(number: int, what: str) -> NoReturn:
    raise DamagedError(f"{CALLS}:{number}: {what}")
