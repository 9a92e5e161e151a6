"""Callback endpoints of executions: made by a step, called from outside, awaited by a step."""

import asyncio
from collections.abc import Mapping

from emulators.core.clock import Clock
from emulators.core.errors import EmulatorError
from emulators.workflows.codec import pack, unpack
from emulators.workflows.errors import failure, value_error
from emulators.workflows.stdlib.time import time_format
from emulators.workflows.store import Store
from emulators.workflows.values import Value


class Mailbox:
    """Wakes the steps that wait for a callback."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def event(self, name: str) -> asyncio.Event:
        """Return what is set when a request to this endpoint arrives."""
        return self._events.setdefault(name, asyncio.Event())

    def forget(self, execution: str) -> None:
        """Drop the endpoints of an execution that ended."""
        for name in [n for n in self._events if n.startswith(f"{execution}/")]:
            del self._events[name]


class ExecutionCallbacks:
    """The endpoints of one execution.

    How many requests a step has taken from each endpoint stands in ``taken``, which is kept with
    the checkpoints: a request taken by a step that is done again is there again.
    """

    def __init__(
        self,
        store: Store,
        mailbox: Mailbox,
        clock: Clock,
        *,
        execution: str,
        address: str,
    ) -> None:
        self._store = store
        self._mailbox = mailbox
        self._clock = clock
        self._execution = execution
        self._address = address
        self.taken: dict[str, int] = {}

    async def create(self, method: str) -> str:
        """Return the address of a new endpoint, durable before it is told."""
        name = self._store.create_callback(self._execution, method)
        await self._store.commit()
        return f"http://{self._address}/v1/{name}"

    async def wait(self, url: str, seconds: float) -> Value:
        """Return the next request to an endpoint of this execution.

        Raises:
            WorkflowError: TimeoutError; ValueError for an endpoint of another execution.
        """
        # The name alone counts: after a restart the address may be another.
        name = url.partition("/v1/")[2]
        if not name.startswith(f"{self._execution}/callbacks/"):
            raise value_error("the callback belongs to another execution")
        deadline = self._clock.now() + seconds
        while (request := self._next(name)) is None:
            await self._arrival(name, deadline - self._clock.now())
        return unpack(request)

    def _next(self, name: str) -> Mapping[str, Value] | None:
        try:
            requests = self._store.callback(name).requests
        except EmulatorError as error:
            raise value_error(error.message) from error
        taken = self.taken.get(name, 0)
        if taken >= len(requests):
            return None
        self.taken[name] = taken + 1
        return requests[taken]

    async def _arrival(self, name: str, seconds: float) -> None:
        event = self._mailbox.event(name)
        event.clear()
        arrived = asyncio.ensure_future(event.wait())
        passed = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({arrived, passed}, return_when=asyncio.FIRST_COMPLETED)
            if not arrived.done():
                raise failure("TimeoutError", "no callback arrived in time")
        finally:
            arrived.cancel()
            passed.cancel()


def received(request: dict[str, Value], now: float) -> Mapping[str, Value]:
    """Return a request in the form ``await_callback`` gives it, ready to be kept."""
    event: Value = {
        "http_request": request,
        "received_time": time_format(now, "UTC"),
        "type": "HTTP",
    }
    kept: Mapping[str, Value] = pack(event)
    return kept
