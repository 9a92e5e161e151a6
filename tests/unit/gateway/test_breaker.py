"""Circuit breakers: the machine's laws, its figures, what counts, a lost Redis."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.gateway.breaker import (
    DEFAULT_POLICY,
    LONGEST_OPEN_MS,
    POLICIES,
    BreakerPolicy,
    Circuit,
    CircuitOpenError,
    Phase,
    counted,
    held,
    outcome_of,
    probed,
    settled,
)
from shared.gateway.local_breakers import DegradingBreakers, MemoryBreakers
from shared.gateway.ports import Outcome, Permit
from shared.kernel.clock import FixedClock
from shared.kernel.errors import NotFoundError, TimedOutError, UnavailableError
from shared.runtime.problems import status_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")
NOW = 1_767_225_600_000
POLICY = BreakerPolicy(volume=4, open_seconds=3, error_rate=0.5, lease_seconds=5)
ROW = BreakerPolicy(volume=3, open_seconds=10, error_rate=0)
FAILURE, SUCCESS, IGNORED = Outcome.FAILURE, Outcome.SUCCESS, Outcome.IGNORED


def after_failures(number: int, policy: BreakerPolicy = POLICY, now: int = NOW) -> Circuit:
    circuit = Circuit(generation=7)
    for _ in range(number):
        circuit = counted(circuit, policy, now, (0, 1))
    return circuit


def test_few_failures_mean_nothing() -> None:
    assert after_failures(3).phase is Phase.CLOSED


def test_enough_failures_of_enough_calls_open() -> None:
    circuit = after_failures(4)

    assert (circuit.phase, circuit.until) == (Phase.OPEN, NOW + 3000)


def test_rate_below_the_limit_stays_closed() -> None:
    circuit = counted(Circuit(7), POLICY, NOW, (4, 0))

    assert counted(circuit, POLICY, NOW, (0, 3)).phase is Phase.CLOSED
    assert counted(circuit, POLICY, NOW, (0, 4)).phase is Phase.OPEN


def test_failures_older_than_ten_seconds_are_forgotten() -> None:
    circuit = after_failures(3)

    assert counted(circuit, POLICY, NOW + 9_999, (0, 1)).phase is Phase.OPEN
    assert counted(circuit, POLICY, NOW + 10_000, (0, 1)).phase is Phase.CLOSED


def test_failures_in_a_row_open_where_the_policy_says_so() -> None:
    circuit = counted(after_failures(2, ROW), ROW, NOW, (1, 0))

    assert counted(circuit, ROW, NOW, (0, 2)).phase is Phase.CLOSED
    assert counted(circuit, ROW, NOW, (0, 3)).phase is Phase.OPEN


def test_open_breaker_lets_one_probe_out_when_its_time_is_over() -> None:
    circuit = after_failures(4)

    assert probed(circuit, POLICY, circuit.until - 1) == (circuit, False)
    half_open, granted = probed(circuit, POLICY, circuit.until)
    assert (granted, half_open.phase) == (True, Phase.HALF_OPEN)
    assert probed(half_open, POLICY, circuit.until) == (half_open, False)


def test_probe_that_never_came_back_is_followed_by_another() -> None:
    half_open, _ = probed(after_failures(4), POLICY, NOW + 3000)

    assert not probed(half_open, POLICY, NOW + 7999)[1]
    assert probed(half_open, POLICY, NOW + 8000)[1]


def test_two_probes_that_succeed_close() -> None:
    circuit, _ = probed(after_failures(4), POLICY, NOW + 3000)
    circuit = settled(circuit, POLICY, NOW + 3010, SUCCESS)
    assert circuit.phase is Phase.HALF_OPEN

    circuit, granted = probed(circuit, POLICY, NOW + 3010)
    circuit = settled(circuit, POLICY, NOW + 3020, SUCCESS)

    assert granted
    assert (circuit.phase, circuit.opened, circuit.window) == (Phase.CLOSED, 0, ())


def test_open_time_doubles_with_every_probe_that_fails_up_to_a_minute() -> None:
    circuit, lengths = after_failures(4), []
    for _ in range(7):
        began = circuit.until
        circuit, _ = probed(circuit, POLICY, began)
        circuit = settled(circuit, POLICY, began, FAILURE)
        lengths.append((circuit.until - began) // 1000)

    assert lengths == [6, 12, 24, 48, 60, 60, 60]


def test_probe_that_says_nothing_makes_room_for_the_next() -> None:
    circuit, _ = probed(after_failures(4), POLICY, NOW + 3000)

    circuit = settled(circuit, POLICY, NOW + 3001, IGNORED)

    assert probed(circuit, POLICY, NOW + 3001)[1]


def test_service_that_asks_to_be_left_alone_is_and_nothing_doubles() -> None:
    circuit = held(Circuit(7), NOW, 4000)

    assert (circuit.phase, circuit.until, circuit.opened) == (Phase.OPEN, NOW + 4000, 0)


def test_service_cannot_ask_for_more_than_a_minute_nor_shorten_an_open_time() -> None:
    assert held(Circuit(7), NOW, 10**9).until == NOW + LONGEST_OPEN_MS
    assert held(after_failures(4), NOW, 1).until == NOW + 3000


@pytest.mark.parametrize(
    ("area", "volume", "open_ms", "rate"),
    [
        ("catalog", 20, 3000, 0.5),
        ("search", 20, 3000, 0.5),
        ("recommend", 10, 2000, 0.4),
        ("playback", 15, 3000, 0.4),
        ("sync", 15, 3000, 0.5),
        ("identity", 10, 2000, 0.5),
    ],
)
def test_figures_are_those_of_the_specification(
    area: str, volume: int, open_ms: int, rate: float
) -> None:
    policy = POLICIES.get(area, DEFAULT_POLICY)

    assert (policy.volume, policy.open_ms, policy.error_rate) == (volume, open_ms, rate)
    assert policy.closes_after == 2


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (200, SUCCESS),
        (304, SUCCESS),
        (400, SUCCESS),
        (404, SUCCESS),
        (429, IGNORED),
        (500, FAILURE),
        (501, IGNORED),
        (503, FAILURE),
        (TimedOutError("search did not answer"), FAILURE),
        (UnavailableError("search cannot be reached"), FAILURE),
        (ConnectionRefusedError(), FAILURE),
        (TimeoutError(), FAILURE),
        (asyncio.CancelledError(), IGNORED),
        (NotFoundError("no such title"), IGNORED),
        (ValueError("a fault of ours"), IGNORED),
    ],
)
def test_only_what_the_service_did_counts(result: int | BaseException, outcome: Outcome) -> None:
    assert outcome_of(result) is outcome


def test_open_breaker_becomes_503_with_a_time() -> None:
    error = CircuitOpenError("search", retry_after_seconds=2.5)

    assert (error.code, status_of(error), error.retry_after_seconds) == ("circuit-open", 503, 2.5)


def done(call: Coroutine[object, None, T]) -> T:
    """Return what a call gives that waits for nothing, without a loop of its own."""
    try:
        call.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    raise AssertionError("it waits")


class BreakerMachine(RuleBasedStateMachine):
    """Calls that start, end late or never, beside what the breaker says of them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FixedClock()
        self.breakers = MemoryBreakers(self.clock, {"search": POLICY})
        self.calls: list[Permit] = []
        self.probes: list[tuple[int, float]] = []

    def circuit(self) -> Circuit:
        """Return the breaker's state."""
        return self.breakers.circuit("search")

    @rule(seconds=st.floats(0.001, 30))
    def time_passes(self, seconds: float) -> None:
        """Move the clock."""
        self.clock.advance(timedelta(seconds=seconds))

    @rule()
    def call_starts(self) -> None:
        """Ask for a permit; a refusal says when to come again, and means it."""
        before = self.circuit()
        permit = done(self.breakers.permit("search"))
        now = self.clock.now().timestamp()
        assert permit.allowed or permit.retry_after_seconds > 0
        assert permit.allowed is (permit.probe or before.phase is Phase.CLOSED)
        if permit.probe:
            self.probes.append((permit.generation, now))
        if permit.allowed:
            self.calls.append(permit)

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), outcome=st.sampled_from(Outcome))
    def call_ends(self, data: st.DataObject, outcome: Outcome) -> None:
        """Record any call that runs, in any order; a late one changes nothing."""
        permit = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        before = self.circuit()
        done(self.breakers.record("search", permit, outcome))
        if permit.generation != before.generation:
            assert self.circuit() == before
        if permit.probe:
            self.probes = [probe for probe in self.probes if probe[0] != permit.generation]

    @rule(seconds=st.integers(1, 100))
    def service_asks_for_a_pause(self, seconds: int) -> None:
        """Hold the breaker open."""
        done(self.breakers.hold("search", seconds=seconds))
        assert self.circuit().phase is Phase.OPEN
        self.probes.clear()

    @invariant()
    def at_most_one_probe_has_a_lease(self) -> None:
        """Two probes at one time are two leases, and there is one."""
        now = self.clock.now().timestamp()
        assert len([at for _, at in self.probes if now - at < POLICY.lease_seconds - 0.002]) <= 1

    @invariant()
    def open_time_is_bounded(self) -> None:
        """No state lasts beyond a minute."""
        assert self.circuit().until <= self.clock.now().timestamp() * 1000 + LONGEST_OPEN_MS


BreakerMachine.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestBreakerMachine = BreakerMachine.TestCase


async def fail(breakers: MemoryBreakers | DegradingBreakers, times: int = 10) -> None:
    for _ in range(times):
        await breakers.record("identity", await breakers.permit("identity"), FAILURE)


async def test_late_success_does_not_close_and_late_failure_does_not_reopen() -> None:
    clock = FixedClock()
    breakers = MemoryBreakers(clock)
    early = await breakers.permit("identity")
    await fail(breakers)
    opened = breakers.circuit("identity")

    await breakers.record("identity", early, SUCCESS)
    await breakers.record("identity", early, FAILURE)

    assert breakers.circuit("identity") == opened


async def test_areas_have_a_breaker_each() -> None:
    breakers = MemoryBreakers(FixedClock())
    await fail(breakers)

    assert not (await breakers.permit("identity")).allowed
    assert (await breakers.permit("search")).allowed


class FlakyBreakers(MemoryBreakers):
    """Shared breakers that can be taken away."""

    gone = False

    async def permit(self, area: str) -> Permit:
        """Answer, while they are there."""
        self._answer()
        return await super().permit(area)

    async def record(self, area: str, permit: Permit, outcome: Outcome) -> None:
        """Count, while they are there."""
        self._answer()
        await super().record(area, permit, outcome)

    def _answer(self) -> None:
        if self.gone:
            raise UnavailableError("redis is gone")


def degrading(clock: FixedClock) -> tuple[DegradingBreakers, FlakyBreakers]:
    shared = FlakyBreakers(clock)
    return DegradingBreakers(shared, MemoryBreakers(clock), clock=clock), shared


async def test_lost_redis_leaves_a_breaker_of_this_instance() -> None:
    breakers, shared = degrading(FixedClock())
    shared.gone = True

    await fail(breakers, 9)
    assert (await breakers.permit("identity")).allowed
    await fail(breakers, 1)

    assert not (await breakers.permit("identity")).allowed


async def test_redis_lost_between_permit_and_record_fails_no_request() -> None:
    breakers, shared = degrading(FixedClock())
    permit = await breakers.permit("identity")
    shared.gone = True

    await breakers.record("identity", permit, FAILURE)

    assert breakers.degraded


async def test_lost_redis_is_warned_of_once_a_minute_and_taken_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    clock = FixedClock()
    breakers, shared = degrading(clock)
    shared.gone = True
    for _ in range(61):
        await breakers.permit("search")
        clock.advance(timedelta(seconds=1))
    shared.gone = False

    await breakers.permit("search")

    said = [record.getMessage() for record in caplog.records]
    assert said == ["breakers.degraded", "breakers.degraded", "breakers.restored"]
