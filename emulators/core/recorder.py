"""What arrived, when, and how it was answered: a run as events that can be replayed.

    {"call": 7, "at": "…Z", "service": "pubsub", "method": "/google.pubsub.v1.Publisher/Publish",
     "request": {…}}                                  a call arrived
    {"call": 7, "at": "…Z", "reply": {…}}             it was answered; of a stream, once more
    {"call": 7, "at": "…Z", "sent": true}             …and the stream went on to the next
    {"call": 7, "at": "…Z", "error": {"code": 5, …}}  it was refused
    {"call": 7, "at": "…Z", "done": true}             the stream is over
    {"call": 7, "at": "…Z", "message": {…}}           the client said more on its stream
    {"call": 7, "at": "…Z", "ended": true}            the client has no more to say
    {"call": 7, "at": "…Z", "left": true}             the client is gone
    {"call": 9, "at": "…Z", "service": "firestore", "http": {"method", "path", "headers", "body"}}
                                                      a plain HTTP request arrived
    {"call": 11, "at": "…Z", "asked": "POST http://…", "answer": {"status", "headers", "body"}}
                                                      what the emulators asked of others
    {"at": "…Z", "end": true}                         nobody wanted to know more

While a run is recorded time goes by steps, one for each thing that arrives: everything one thing
lets happen sees one time, so that a replay, whose time takes the same steps, does the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format, timestamp_pb2

from emulators.core import errors
from emulators.core.clock import settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from emulators.core.binding import Binding
    from emulators.core.clock import VirtualClock
    from emulators.core.methods import Method, Proto

    Write = Callable[[dict[str, Any]], None]


def moment_of(seconds: float) -> str:
    """Return seconds since 1970 as RFC 3339, to the microsecond."""
    stamp = timestamp_pb2.Timestamp()
    stamp.FromMicroseconds(round(seconds * 1e6))
    return str(stamp.ToJsonString())


def seconds_of(moment: str) -> float:
    """Return RFC 3339 as seconds since 1970.

    Raises:
        ValueError: It is no moment.
    """
    stamp = timestamp_pb2.Timestamp()
    stamp.FromJsonString(moment)
    return float(stamp.ToMicroseconds() / 1e6)


def to_json(message: Proto) -> Any:  # noqa: ANN401 - any JSON
    """Return a message, or what is JSON already, as JSON."""
    if message is None or not hasattr(message, "DESCRIPTOR"):
        return message
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


class Recorder:
    """Notes what arrives at the bindings of one local cloud, while it is told to.

    Attributes:
        active: Whether it is.
        bindings: Who serves a method, by its path, and what the method is.
    """

    def __init__(self) -> None:
        self.active = False
        self.bindings: dict[str, tuple[Method, Binding]] = {}
        self._clock: VirtualClock
        self._write: Write
        self._calls = 0
        self._gate = asyncio.Lock()
        self._openers: set[asyncio.Task[None]] = set()

    def bind(self, method: Method, binding: Binding) -> None:
        """Remember who serves a method."""
        self.bindings[method.path] = method, binding

    def start(self, clock: VirtualClock, write: Write) -> None:
        """Record from now on.

        Args:
            clock: Will go by steps.
            write: Takes each event.
        """
        clock.by_steps()
        self._clock, self._write, self.active = clock, write, True

    def stop(self) -> None:
        """Record no more."""
        if self.active:
            self.active = False
            self._clock.by_steps(on=False)

    @contextlib.asynccontextmanager
    async def call(self, service: str, method: Method, request: Proto) -> AsyncIterator[Call]:
        """Note a call, and how it ends."""
        said = {"service": service, "method": method.path, "request": to_json(request)}
        async with self.noted(said) as call:
            yield call
        if method.kind.endswith("stream"):
            call.note({"done": True})

    @contextlib.asynccontextmanager
    async def noted(self, said: dict[str, Any]) -> AsyncIterator[Call]:
        """Note something that arrives, and how it ends."""
        call = Call(self, self.next_number())
        await self.arrived(call.number, said)
        try:
            yield call
        except errors.EmulatorError as error:
            call.note({"error": {"code": error.status.value[0], "message": error.message}})
            raise
        except BaseException:
            call.note({"left": True})
            raise

    def next_number(self) -> int:
        """Return the number of one more call."""
        self._calls += 1
        return self._calls

    async def arrived(self, number: int, said: dict[str, Any]) -> None:
        """Note something of a call, at a time of its own: the next thing arrives when it is done.

        One thing at a time, and each gets the turns of the event loop that a replay gives it.
        """
        await self._gate.acquire()
        try:
            await self._clock.step()
            self.happened(number, said)
        finally:
            opener = asyncio.get_running_loop().create_task(self._open())
            self._openers.add(opener)
            opener.add_done_callback(self._openers.discard)

    async def _open(self) -> None:
        await settled()
        self._gate.release()

    def happened(self, number: int, said: dict[str, Any]) -> None:
        """Note something of a call, if anybody still wants to know."""
        if self.active:
            self._write({"call": number, "at": moment_of(self._clock.now()), **said})


class Call:
    """One call that is recorded."""

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder = recorder
        self.number = number

    def note(self, said: dict[str, Any]) -> None:
        """Note something that happened to it."""
        self._recorder.happened(self.number, said)

    def replied(self, reply: Proto) -> None:
        """Note a reply."""
        self.note({"reply": to_json(reply)})

    async def noted(self, requests: AsyncIterator[Proto]) -> AsyncIterator[Proto]:
        """Yield the requests of a stream, noting those after the first, and their end."""
        first = True
        async for request in requests:
            if not first:
                await self._recorder.arrived(self.number, {"message": to_json(request)})
            first = False
            yield request
        await self._recorder.arrived(self.number, {"ended": True})
