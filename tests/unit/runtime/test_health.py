"""When a function is alive, ready and started, and who is told why not."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from shared.kernel.errors import UnavailableError
from shared.runtime import health
from shared.runtime.health import Health
from shared.runtime.lifecycle import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KNOWN = {"x-serverless-authorization": "Bearer of a service"}


class Clock:
    """What `time.monotonic` would say, moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        """Return the second."""
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(health, "monotonic", made)
    return made


def probe(name: str, does: Callable[[], object]) -> Callable[[], object]:
    """Return a probe of a dependency."""

    def run() -> object:
        return does()

    run.__name__ = name
    return run


def works() -> None:
    """Answer."""


def fails() -> None:
    raise UnavailableError("the server is gone")


def broken() -> None:
    raise RuntimeError("with an address in its message")


async def asked(made: Health, path: str = "/health/ready", *, known: bool = True) -> object:
    """Return status and body."""
    found = await made.answer(path, KNOWN if known else {})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("database", "redis", "code", "status"),
    [
        (works, works, 200, "healthy"),
        (works, fails, 200, "degraded"),
        (fails, works, 503, "unhealthy"),
        (broken, broken, 503, "unhealthy"),
    ],
)
async def test_a_critical_dependency_decides_and_another_only_degrades(
    database: Callable[[], object], redis: Callable[[], object], code: int, status: str
) -> None:
    declared = {"database": "critical", "redis": "degraded"}
    made = Health(declared, [probe("database", database), probe("redis", redis)])

    assert await asked(made, known=False) == (code, {"status": status})


async def test_a_service_is_told_which_dependency_it_is() -> None:
    made = Health({"database": "critical"}, [probe("database", fails)])

    found = await made.answer("/health/ready", KNOWN)

    assert found is not None
    component = found[1]["components"]["database"]
    assert component["message"] == "the server is gone"
    assert (component["status"], component["critical"]) == ("unhealthy", True)


async def test_of_a_bug_only_its_kind_is_told() -> None:
    made = Health({"redis": "degraded"}, [probe("redis", broken)])
    found = await made.answer("/health/ready", KNOWN)

    assert found is not None
    assert found[1]["components"]["redis"]["message"] == "RuntimeError"


async def test_a_public_door_tells_nobody() -> None:
    made = Health({"redis": "degraded"}, [probe("redis", fails)], details=lambda _: False)
    assert await asked(made, known=True) == (200, {"status": "degraded"})


async def test_live_asks_nobody() -> None:
    made = Health({"database": "critical"}, [probe("database", fails)])
    assert await asked(made, "/health/live", known=False) == (200, {"status": "healthy"})


@pytest.mark.parametrize("path", ["/health", "/health/", "/health/other", "/healthy/live", "/"])
async def test_other_paths_are_not_health(path: str) -> None:
    assert await Health({}).answer(path, {}) is None


async def test_an_answer_is_kept_for_a_second(clock: Clock) -> None:
    asked_for: list[int] = []

    def answers() -> None:
        asked_for.append(1)

    made = Health({"redis": "degraded"}, [probe("redis", answers)])

    await asyncio.gather(*(made.ready() for _ in range(10)))
    clock.at += 0.9
    await made.ready()
    assert len(asked_for) == 1

    clock.at += 0.2
    await made.ready()
    assert len(asked_for) == 2


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What a hanging probe waits for; nobody waits long for the probe."""
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.05)
    opened = threading.Event()
    yield opened
    opened.set()


async def test_a_probe_that_hangs_is_not_waited_for_nor_started_again(
    clock: Clock, gate: threading.Event
) -> None:
    begun: list[int] = []
    declared = {"database": "critical", "redis": "degraded"}

    def hangs() -> None:
        begun.append(1)
        gate.wait(10)

    made = Health(declared, [probe("database", hangs), probe("redis", works)])

    for _ in range(2):
        await made.ready()
        clock.at += 2
    report = await made.ready()

    assert report.code == 503
    assert report.components["database"].message == "no answer in 0.05 s"
    assert report.components["redis"].status == "healthy"
    assert len(begun) == 1


async def test_probes_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=5)
    declared = {"database": "critical", "redis": "critical"}
    meeting = [probe(name, both.wait) for name in declared]

    assert (await Health(declared, meeting).ready()).code == 200


async def test_a_process_that_is_told_to_end_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = Work()
    monkeypatch.setattr(health, "work", ending)
    made = Health({})
    assert (await made.ready()).code == 200

    ending.stop()

    assert (await made.ready()).code == 503
    assert await asked(made, "/health/live", known=False) == (200, {"status": "healthy"})


async def test_nothing_is_ready_before_what_must_have_worked_once_has(clock: Clock) -> None:
    problems = [UnavailableError("no keys yet")]
    runs: list[int] = []

    def keys() -> None:
        runs.append(1)
        if problems:
            raise problems.pop()

    def table() -> None:
        runs.append(2)

    made = Health({}, warm=[keys, table])

    assert (await made.ready()).code == 503
    assert await asked(made, "/health/startup", known=False) == (200, {"status": "healthy"})
    clock.at += 2
    assert (await made.ready()).code == 200
    assert runs == [1, 1, 2]


@pytest.mark.parametrize(
    "declared", [{}, {"redis": "critical"}, {"database": "critical", "redis": "degraded"}]
)
def test_manifest_and_probes_name_the_same_dependencies(declared: dict[str, str]) -> None:
    with pytest.raises(LookupError, match="differ"):
        Health(declared, [probe("database", works)])
