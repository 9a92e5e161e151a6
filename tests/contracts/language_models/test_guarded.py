"""A model behind its breaker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.adapters.language_models.guarded import POLICY, TRIES, Guarded
from shared.gateway.breaker import CircuitOpenError, Phase
from shared.kernel.clock import FixedClock
from shared.kernel.errors import AppError, ExhaustedError, InvalidInputError, UnavailableError
from tests.fakes.language_models import ScriptedModel, reading

DOWN = UnavailableError("hangs")
FOUND = reading(themes=("letters",))


class Guard:
    """A guarded model, what it is asked, and what it waits."""

    def __init__(self, *answers: object) -> None:
        self.model, self.clock = ScriptedModel(*answers), FixedClock()
        self.guarded = Guarded(self.model, self.clock, longest_wait=0)

    def read(self) -> object:
        """Return the reading, or the error there was instead."""
        try:
            return self.guarded.read("any")
        except AppError as error:
            return type(error)


def test_a_call_that_failed_is_made_once_more() -> None:
    guard = Guard(DOWN, FOUND)
    assert guard.read() == FOUND
    assert len(guard.model.asked) == TRIES


@pytest.mark.parametrize("refusal", [ExhaustedError("429"), InvalidInputError("400")])
def test_a_refusal_is_not_asked_again(refusal: AppError) -> None:
    guard = Guard(refusal)
    assert guard.read() is type(refusal)
    assert len(guard.model.asked) == 1


def test_five_failures_open_the_breaker_and_nobody_is_asked_for_half_a_minute() -> None:
    guard = Guard(DOWN)
    found = [guard.read() for _ in range(4)]

    assert found == [UnavailableError, UnavailableError, CircuitOpenError, CircuitOpenError]
    assert len(guard.model.asked) == POLICY.volume
    guard.clock.advance(timedelta(seconds=29.9))
    assert guard.read() is CircuitOpenError
    assert len(guard.model.asked) == POLICY.volume


def test_a_success_begins_the_count_anew() -> None:
    guard = Guard(*[DOWN] * 4, FOUND, DOWN, DOWN, DOWN, DOWN, FOUND)
    for _ in range(5):
        guard.read()
    assert guard.guarded.phase is Phase.CLOSED


def test_a_model_that_is_back_is_trusted_after_two_probes() -> None:
    guard = Guard(*[DOWN] * 5, FOUND)
    for _ in range(3):
        guard.read()

    guard.clock.advance(timedelta(seconds=30))
    phases = []
    for _ in range(2):
        assert guard.read() == FOUND
        phases.append(guard.guarded.phase)
    assert phases == [Phase.HALF_OPEN, Phase.CLOSED]


def test_a_probe_that_fails_keeps_it_shut_for_twice_as_long() -> None:
    guard = Guard(DOWN)
    for _ in range(3):
        guard.read()
    guard.clock.advance(timedelta(seconds=30))

    assert guard.read() is CircuitOpenError  # after one probe, the second try is none
    assert len(guard.model.asked) == POLICY.volume + 1
    guard.clock.advance(timedelta(seconds=59))
    assert guard.read() is CircuitOpenError
    assert len(guard.model.asked) == POLICY.volume + 1


def test_a_model_that_asks_for_quiet_gets_it() -> None:
    guard = Guard(ExhaustedError("429", retry_after_seconds=20), FOUND)
    guard.read()

    guard.clock.advance(timedelta(seconds=19))
    assert guard.read() is CircuitOpenError
    guard.clock.advance(timedelta(seconds=1))
    assert guard.read() == FOUND


def test_a_fault_of_ours_counts_as_a_failure_and_is_not_hidden() -> None:
    guard = Guard(ZeroDivisionError())
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            guard.read()
    assert guard.read() is CircuitOpenError
