"""Runs definitions on a clock that a test can look at and that never waits."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from emulators.core.clock import Alarm, Timer
from emulators.workflows.engine import Checkpoint, Machine, save_nothing
from emulators.workflows.host import Host
from emulators.workflows.parser import parse_definition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emulators.workflows.engine import Save
    from emulators.workflows.errors import WorkflowError
    from emulators.workflows.host import Request
    from emulators.workflows.values import Value

# What a test expects of a result it says itself.
Answer: TypeAlias = Any
START = 1_700_000_000.0


class SkippingClock:
    """Time passes as soon as somebody sleeps."""

    def __init__(self) -> None:
        self.time = START
        self.sleeps: list[float] = []

    def now(self) -> float:
        """Return the time reached by sleeping."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.sleeps.append(seconds)
        self.time += seconds

    def call_at(self, moment: float, action: Callable[[], None]) -> Alarm:
        """Let the time pass at once."""
        self.time = max(self.time, moment)
        action()
        return Timer(moment, 0, action)

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Time does not wait for work: it passes when somebody sleeps."""
        yield


class Outside:
    """Answers connectors and requests of a workflow, and remembers them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Mapping[str, Value]]] = []
        self.answer: Value = None

    async def call(self, name: str, arguments: Mapping[str, Value]) -> Value:
        """Stand in for every connector."""
        self.calls.append((name, arguments))
        return self.answer

    async def send(self, request: Request) -> Value:
        """Stand in for the network."""
        self.calls.append((request.url, {"body": request.body}))
        return self.answer

    async def run(self, address: Mapping[str, Value], argument: Value) -> Value:
        """Stand in for child workflows: answer with the argument."""
        self.calls.append((str(address["workflow_id"]), {"argument": argument}))
        return argument

    async def create(self, method: str) -> str:
        """Stand in for callback endpoints."""
        return f"http://127.0.0.1/{method}"

    async def wait(self, url: str, seconds: float) -> Value:
        """Stand in for a callback."""
        return {"url": url, "seconds": seconds}


class Lab:
    """One machine at a time, with everything it touched."""

    def __init__(self) -> None:
        self.clock = SkippingClock()
        self.outside = Outside()
        self.logged: list[tuple[str, str]] = []
        self.host = Host(
            clock=self.clock,
            environment={"GOOGLE_CLOUD_PROJECT_ID": "p1", "REGION": "us"},
            random_bytes=bytes,
            log=lambda text, severity: self.logged.append((severity, text)),
            web=self.outside,
            callbacks=self.outside,
            children=self.outside,
            connectors=self.outside,
        )

    async def run(
        self,
        source: str,
        argument: Value = None,
        *,
        save: Save = save_nothing,
        resume: Checkpoint | None = None,
    ) -> Answer:
        """Return a definition's result."""
        return await Machine(parse_definition(source), self.host, save).run(argument, resume)

    async def value(self, expression: str) -> Answer:
        """Return an expression's value, with some variables to speak of."""
        text = json.dumps(f"${{{expression}}}")
        return await self.run(f"- set: {{assign: {VARIABLES}}}\n- answer: {{return: {text}}}")


VARIABLES = (
    "[{x: 7}, {d: 1.5}, {s: abc}, {t: true}, {n: null}, {l: [1, 2, 3]},"
    " {m: {a: 1, b c: 2, in: {k: [10, 20]}}}, {list: mine}]"
)


def tags_of(error: WorkflowError) -> list[Value]:
    """Return the tags of an error of the interpreter."""
    assert isinstance(error.payload, dict)
    tags = error.payload["tags"]
    assert isinstance(tags, list)
    return tags


@pytest.fixture
def lab() -> Lab:
    """A fresh laboratory."""
    return Lab()
