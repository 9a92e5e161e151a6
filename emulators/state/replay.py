"""A recorded run once more, on emulators of its own: the same calls at the same virtual times."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

import aiohttp
from google.protobuf import json_format

from emulators.core import errors
from emulators.core.chance import Chance
from emulators.core.clock import VirtualClock, settled
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.recorder import seconds_of, to_json
from emulators.state.folder import DamagedError, State, read, state_of
from emulators.state.recording import CALLS, HEADER, STATE
from emulators.state.stored import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from emulators.core.binding import Binding
    from emulators.core.methods import Method, Proto
    from emulators.core.server import Endpoint

    FindService = Callable[[str], Callable[[Context], Awaitable[Endpoint]] | None]

_PATIENCE_SECONDS: Final = 10.0
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
    context = Context(
        clock,
        journal,
        Faults(clock),
        Signer(clock),
        addresses=header["addresses"],
        http=aiohttp.ClientSession,
        project=header["project"],
        location=header["location"],
        chance=Chance(header["seed"]),
    )
    stage = _Stage(context, clock)
    endpoints = [await found(context) for found in map(find_service, header["services"]) if found]
    try:
        for endpoint in endpoints:
            await endpoint.on_start()
        for number, event in _events(folder):
            await stage.play(number, event)
        await settled()
        state = state_of(await asyncio.to_thread(journal.everything))
    finally:
        await stage.clear()
        for endpoint in reversed(endpoints):
            await endpoint.on_stop()
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


class _Played:
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
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while self.seen >= len(self.replies):
                if self.task.done():
                    return None
                self._news.clear()
                await self._news.wait()
        self.seen += 1
        return self.replies[self.seen - 1]

    async def end(self) -> dict[str, Any]:
        """Return how it ended: ``{}``, or the error."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
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


class _Stage:
    """Plays events one by one, and notes where answers differ from the recorded ones."""

    def __init__(self, context: Context, clock: VirtualClock) -> None:
        self._bindings = context.recorder.bindings
        self._clock = clock
        self._calls: dict[int, _Played] = {}
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
        else:
            try:
                await self._go_on(number, event, self._calls[event["call"]])
            except KeyError:
                _damaged(number, "call: never began")
            except TimeoutError:
                self._differ(number, "nothing was answered")
        await settled()

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
        self._calls[event["call"]] = _Played(method, binding, request)

    def _message(self, number: int, name: str, method: Method, said: Any) -> Proto:  # noqa: ANN401 - any JSON
        try:
            return json_format.ParseDict(said, method.request())
        except (json_format.ParseError, TypeError, AttributeError) as error:
            _damaged(number, f"{name}: {error}")

    async def _go_on(self, number: int, event: Mapping[str, Any], played: _Played) -> None:
        if "message" in event:
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
