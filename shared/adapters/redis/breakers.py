"""Circuit breakers in Redis: one state for every instance, read at most twice a second.

A permit comes from this instance's copy of the state, so that a call usually costs no round trip;
a copy is read again once it is half a second old, and never used beyond a second. Successes wait
in the copy and travel with the next message, failures are sent at once: other instances' successes
of the last half second may be missing from the sum that opens a breaker. A probe is let out by the
script alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.gateway.breaker import (
    BUCKET_MS,
    BUCKETS,
    DEFAULT_POLICY,
    POLICIES,
    BreakerPolicy,
    Phase,
)
from shared.gateway.ports import Outcome, Permit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

    from shared.kernel.clock import Clock

SCRIPT = Path(__file__).parent / "breakers.lua"
FRESH_SECONDS = 0.5
USABLE_SECONDS = 1.0
WINDOW_SECONDS = BUCKETS * BUCKET_MS / 1000


@dataclass
class _Copy:
    """What this instance knows of an area's breaker.

    Attributes:
        until: When the next probe may go, by this instance's clock.
        read_at: When it was read.
        succeeded: Calls that are not counted in Redis yet.
        reading: Somebody reads it again.
    """

    phase: Phase
    generation: int
    until: float
    read_at: float
    succeeded: int = 0
    reading: bool = False


class RedisBreakers:
    """`shared.gateway.ports.Breakers`, one hash ``circuit_breaker:{area}:state`` an area.

    Args:
        clock: Ages copies; the breakers' own time is the server's.
        client: Where Redis is.
        policies: By area; others have the default.
        on_change: Told of every change of phase that this instance learns of.
    """

    def __init__(
        self,
        clock: Clock,
        client: Callable[[], Redis] = connect.redis_async,
        *,
        policies: Mapping[str, BreakerPolicy] = POLICIES,
        on_change: Callable[[str, Phase], None] | None = None,
    ) -> None:
        self._clock = clock
        self._client = client
        self._policies = policies
        self._on_change = on_change
        self._copies: dict[str, _Copy] = {}

    async def permit(self, area: str) -> Permit:
        """Return whether a service of `area` may be called now.

        Raises:
            UnavailableError: Redis did not answer.
        """
        copy = await self._current(area)
        if copy.phase is Phase.CLOSED:
            return Permit(allowed=True, generation=copy.generation)
        wait = copy.until - self._now()
        if wait > 0:
            return Permit(allowed=False, generation=copy.generation, retry_after_seconds=wait)
        return await self._probe(area)

    async def _current(self, area: str) -> _Copy:
        copy = self._copies.get(area)
        if copy is None:
            return (await self._send(area, "count", 0, 0, 0))[0]
        age = self._now() - copy.read_at
        if age <= FRESH_SECONDS or (copy.reading and age <= USABLE_SECONDS):
            return copy
        copy.reading = True
        try:
            return await self._count(area, copy, failed=0)
        finally:
            copy.reading = False

    async def _count(self, area: str, copy: _Copy, *, failed: int) -> _Copy:
        succeeded, copy.succeeded = copy.succeeded, 0
        if self._now() - copy.read_at > WINDOW_SECONDS:
            succeeded = 0
        return (await self._send(area, "count", copy.generation, succeeded, failed))[0]

    async def _probe(self, area: str) -> Permit:
        copy, granted = await self._send(area, "probe")
        if copy.phase is Phase.CLOSED:
            return Permit(allowed=True, generation=copy.generation)
        wait = 0.0 if granted else max(0.0, copy.until - self._now())
        return Permit(granted, copy.generation, probe=granted, retry_after_seconds=wait)

    async def record(self, area: str, permit: Permit, outcome: Outcome) -> None:
        """Count how the call went, if nothing changed since its permit.

        Raises:
            UnavailableError: Redis did not answer.
        """
        copy = self._copies.get(area)
        if copy is None or not permit.allowed or permit.generation != copy.generation:
            return
        if permit.probe:
            await self._send(area, "settle", permit.generation, outcome.value)
        elif outcome is Outcome.SUCCESS:
            copy.succeeded += 1
        elif outcome is Outcome.FAILURE:
            await self._count(area, copy, failed=1)

    async def hold(self, area: str, *, seconds: float) -> None:
        """Keep the breaker open for so long: the service asked for it.

        Raises:
            UnavailableError: Redis did not answer.
        """
        await self._send(area, "hold", round(seconds * 1000))

    @cached_property
    def _script(self) -> AsyncScript:
        return self._client().register_script(SCRIPT.read_text(encoding="utf-8"))

    async def _send(self, area: str, *operation: str | int) -> tuple[_Copy, bool]:
        """Run one operation and keep what it says; return that, and whether a probe was let out."""
        name, *arguments = operation
        keys = [key_of(area)]
        numbers = policy_arguments(self._policies.get(area, DEFAULT_POLICY))
        async with commands("breakers"):
            phase, generation, wait, granted = await self._script(
                keys, [name, *numbers, *arguments], client=self._client()
            )
        now = self._now()
        copy = _Copy(Phase(phase.decode()), generation, now + wait / 1000, now)
        return self._keep(area, copy), bool(granted)

    def _keep(self, area: str, new: _Copy) -> _Copy:
        old = self._copies.get(area)
        if old is not None and old.generation > new.generation and old.read_at > new.read_at - 1:
            return old  # answers may overtake each other
        if old is not None and old.generation == new.generation:
            new.succeeded, new.reading = old.succeeded, old.reading
        self._copies[area] = new
        if self._on_change and new.phase is not (old.phase if old else Phase.CLOSED):
            self._on_change(area, new.phase)
        return new

    def _now(self) -> float:
        return self._clock.now().timestamp()


def key_of(area: str) -> str:
    """Return where an area's breaker is."""
    return f"circuit_breaker:{area}:state"


def policy_arguments(policy: BreakerPolicy) -> list[str | int]:
    """Return a policy as the script takes it."""
    return [
        policy.volume,
        policy.open_ms,
        repr(float(policy.error_rate)),  # every digit, so that both compare the same number
        policy.closes_after,
        policy.lease_ms,
    ]
