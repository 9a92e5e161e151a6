"""One circuit breaker: a state and what may happen to it.

| phase | a call | what counts | leaves when |
|---|---|---|---|
| closed | is made | outcomes of ten seconds | enough of enough calls failed: open |
| open | is refused | nothing | its time is over: half-open with the next call |
| half-open | is a probe, if none runs | the probe's outcome | it failed: open, for twice as long; |
|  |  |  | enough in a row succeeded: closed |

Every transition, every probe that is let out and every probe that comes back raises `generation`,
and an outcome counts only in the generation that its permit was given in: a late writer can neither
re-open a breaker nor close one. Figures are those of spec/gateway §5.5; the rolling window is
Hystrix's (ten buckets of a second), the probe's lease Nygard's half-open state made exclusive.

Times are whole milliseconds: shared/adapters/redis/breakers.lua computes the same.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from shared.gateway.ports import Outcome
from shared.kernel.errors import TimedOutError, UnavailableError

BUCKET_MS = 1_000
BUCKETS = 10
LONGEST_OPEN_MS = 60_000
"""Cap of an open time, however often it doubled and whatever a service asked for."""

_TOO_MANY = 429
_SERVER_ERRORS = 500
_NOT_IMPLEMENTED = 501


class CircuitOpenError(UnavailableError):
    """An area's breaker is open: its service was not called.

    Attributes:
        retry_after_seconds: When to come again.
    """

    code = "circuit-open"

    def __init__(self, area: str, *, retry_after_seconds: float) -> None:
        super().__init__(f"{area} fails too often and is left alone for a moment")
        self.retry_after_seconds = retry_after_seconds


class Phase(StrEnum):
    """What a breaker does with calls."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


GAUGE = {Phase.CLOSED: 0, Phase.HALF_OPEN: 1, Phase.OPEN: 2}
"""A phase as the metric ``circuit_breaker_state`` tells it."""


@dataclass(frozen=True)
class BreakerPolicy:
    """When a breaker opens, and for how long.

    Attributes:
        volume: Fewest calls in the window that mean something; failures in a row where
            `error_rate` is 0.
        open_seconds: First open time; it doubles each time a probe fails.
        error_rate: Share of failures that opens it; 0 counts failures in a row instead.
        lease_seconds: How long a probe may take before another is let out: the time-out of a call.
        closes_after: Probes in a row that must succeed.
    """

    volume: int
    open_seconds: float
    error_rate: float
    lease_seconds: float = 5.0
    closes_after: int = 2

    @property
    def open_ms(self) -> int:
        """First open time in milliseconds."""
        return round(self.open_seconds * 1000)

    @property
    def lease_ms(self) -> int:
        """Life of a probe's lease in milliseconds."""
        return round(self.lease_seconds * 1000)


DEFAULT_POLICY = BreakerPolicy(volume=10, open_seconds=2, error_rate=0.5)
POLICIES = {
    "catalog": BreakerPolicy(volume=20, open_seconds=3, error_rate=0.5),
    "webhooks": BreakerPolicy(volume=20, open_seconds=3, error_rate=0.5),
    "search": BreakerPolicy(volume=20, open_seconds=3, error_rate=0.5),
    "recommend": BreakerPolicy(volume=10, open_seconds=2, error_rate=0.4, lease_seconds=3),
    "playback": BreakerPolicy(volume=15, open_seconds=3, error_rate=0.4),
    "sync": BreakerPolicy(volume=15, open_seconds=3, error_rate=0.5),
    "mcp": BreakerPolicy(volume=10, open_seconds=2, error_rate=0.5, lease_seconds=30),
    "platform": BreakerPolicy(5, 30, error_rate=0, lease_seconds=10, closes_after=3),
    "realtime": BreakerPolicy(3, 10, error_rate=0, lease_seconds=3),
    "embedding": BreakerPolicy(5, 60, error_rate=0, closes_after=3),
}
"""Spec/gateway §5.5 by area; discovery is ``catalog`` and ``search``, sona is ``recommend``.

Webhooks fail apart: a platform whose secret cannot be read closes no page of a title.
"""


@dataclass(frozen=True)
class Bucket:
    """Outcomes of one second.

    Attributes:
        slot: Which second since 1970.
    """

    slot: int
    succeeded: int
    failed: int


@dataclass(frozen=True)
class Circuit:
    """The state of one breaker.

    Attributes:
        until: Open: when the next probe may go. Half-open: when the lease of the one that runs
            ends, 0 where none runs.
        opened: How often it opened since it was last closed.
        succeeded: Probes that succeeded in a row.
        streak: Failures in a row.
        window: Buckets of the last ten seconds, oldest first.
    """

    generation: int
    phase: Phase = Phase.CLOSED
    until: int = 0
    opened: int = 0
    succeeded: int = 0
    streak: int = 0
    window: tuple[Bucket, ...] = ()


def counted(circuit: Circuit, policy: BreakerPolicy, now: int, calls: tuple[int, int]) -> Circuit:
    """Count (successes, then failures) of a closed breaker; any other is not changed."""
    if circuit.phase is not Phase.CLOSED:
        return circuit
    succeeded, failed = calls
    streak = failed if succeeded else circuit.streak + failed
    window = _with(circuit.window, Bucket(now // BUCKET_MS, succeeded, failed))
    after = replace(circuit, window=window, streak=streak)
    return _opened(after, policy, now) if _is_too_much(after, policy) else after


def _with(window: tuple[Bucket, ...], new: Bucket) -> tuple[Bucket, ...]:
    kept = [bucket for bucket in window if bucket.slot > new.slot - BUCKETS]
    if kept and kept[-1].slot == new.slot:
        last = kept.pop()
        new = Bucket(new.slot, last.succeeded + new.succeeded, last.failed + new.failed)
    return (*kept, new)


def _is_too_much(circuit: Circuit, policy: BreakerPolicy) -> bool:
    if policy.error_rate == 0:
        return circuit.streak >= policy.volume
    failed = sum(bucket.failed for bucket in circuit.window)
    total = failed + sum(bucket.succeeded for bucket in circuit.window)
    return total >= policy.volume and failed >= policy.error_rate * total


def _opened(circuit: Circuit, policy: BreakerPolicy, now: int) -> Circuit:
    length = min(LONGEST_OPEN_MS, policy.open_ms * 2**circuit.opened)
    opened = circuit.opened + 1
    return Circuit(circuit.generation + 1, Phase.OPEN, until=now + length, opened=opened)


def probed(circuit: Circuit, policy: BreakerPolicy, now: int) -> tuple[Circuit, bool]:
    """Let a probe out where that is due; the answer's generation is the probe's."""
    if circuit.phase is Phase.CLOSED or now < circuit.until:
        return circuit, False
    until = now + policy.lease_ms
    after = replace(circuit, generation=circuit.generation + 1, phase=Phase.HALF_OPEN, until=until)
    return after, True


def settled(circuit: Circuit, policy: BreakerPolicy, now: int, outcome: Outcome) -> Circuit:
    """Take a probe back; one that says nothing of the service makes room for the next."""
    if circuit.phase is not Phase.HALF_OPEN:
        return circuit
    if outcome is Outcome.FAILURE:
        return _opened(circuit, policy, now)
    succeeded = circuit.succeeded + (outcome is Outcome.SUCCESS)
    if succeeded >= policy.closes_after:
        return Circuit(circuit.generation + 1)
    return replace(circuit, generation=circuit.generation + 1, until=0, succeeded=succeeded)


def held(circuit: Circuit, now: int, milliseconds: int) -> Circuit:
    """Open for as long as a service asked to be left alone: no failure, so nothing doubles."""
    until = now + min(LONGEST_OPEN_MS, milliseconds)
    if circuit.phase is Phase.OPEN:
        until = max(until, circuit.until)
    return Circuit(circuit.generation + 1, Phase.OPEN, until=until, opened=circuit.opened)


def outcome_of(result: int | BaseException) -> Outcome:
    """Return what a status or an error says of the service (spec/gateway §5.5).

    No connection, no answer in time and 5xx but 501 are failures. Any other answer shows that the
    service is there, also one that says what the caller did wrong: else a service that is asked
    for nothing but what it does not have would never be trusted again. What the caller gave up, a
    refusal for its rate (see `held`) and our own faults say nothing.
    """
    if isinstance(result, int):
        return _outcome_of_status(result)
    if isinstance(result, asyncio.CancelledError):
        return Outcome.IGNORED
    lost = (TimedOutError, UnavailableError, OSError)  # TimeoutError is an OSError
    return Outcome.FAILURE if isinstance(result, lost) else Outcome.IGNORED


def _outcome_of_status(status: int) -> Outcome:
    if status in {_TOO_MANY, _NOT_IMPLEMENTED}:
        return Outcome.IGNORED
    return Outcome.FAILURE if status >= _SERVER_ERRORS else Outcome.SUCCESS
