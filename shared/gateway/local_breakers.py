"""Breakers of one process, and the shared ones with these behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.gateway.breaker import (
    DEFAULT_POLICY,
    POLICIES,
    BreakerPolicy,
    Circuit,
    Phase,
    counted,
    held,
    probed,
    settled,
)
from shared.gateway.outage import Outage
from shared.gateway.ports import Outcome, Permit
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.gateway.ports import Breakers
    from shared.kernel.clock import Clock


class MemoryBreakers:
    """`shared.gateway.ports.Breakers` of one process."""

    def __init__(self, clock: Clock, policies: Mapping[str, BreakerPolicy] = POLICIES) -> None:
        self._clock = clock
        self._policies = policies
        self._circuits: dict[str, Circuit] = {}

    def circuit(self, area: str) -> Circuit:
        """Return the present state of an area's breaker."""
        found = self._circuits.get(area)
        if found is None:
            # Below zero, so that a permit that Redis gave never fits.
            found = self._circuits[area] = Circuit(-self._now())
        return found

    async def permit(self, area: str) -> Permit:
        """Return whether a service of `area` may be called now."""
        circuit = self.circuit(area)
        if circuit.phase is Phase.CLOSED:
            return Permit(allowed=True, generation=circuit.generation)
        now = self._now()
        after, granted = probed(circuit, self._policy(area), now)
        self._circuits[area] = after
        wait = 0.0 if granted else max(0, after.until - now) / 1000
        return Permit(granted, after.generation, probe=granted, retry_after_seconds=wait)

    async def record(self, area: str, permit: Permit, outcome: Outcome) -> None:
        """Count how the call went, if nothing changed since its permit."""
        circuit = self.circuit(area)
        if not permit.allowed or permit.generation != circuit.generation:
            return
        policy, now = self._policy(area), self._now()
        if permit.probe:
            self._circuits[area] = settled(circuit, policy, now, outcome)
        elif outcome is not Outcome.IGNORED:
            calls = (1, 0) if outcome is Outcome.SUCCESS else (0, 1)
            self._circuits[area] = counted(circuit, policy, now, calls)

    async def hold(self, area: str, *, seconds: float) -> None:
        """Keep the breaker open for so long."""
        self._circuits[area] = held(self.circuit(area), self._now(), round(seconds * 1000))

    def _policy(self, area: str) -> BreakerPolicy:
        return self._policies.get(area, DEFAULT_POLICY)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


class DegradingBreakers:
    """Shared breakers, and this instance's own while those are gone; never fails.

    Args:
        shared: For every instance together.
        local: This instance's.
        clock: The time.
    """

    def __init__(self, shared: Breakers, local: Breakers, *, clock: Clock) -> None:
        self._shared = shared
        self._local = local
        self._outage = Outage("breakers", clock)

    @property
    def degraded(self) -> bool:
        """Whether this instance judges alone."""
        return self._outage.lasts

    async def permit(self, area: str) -> Permit:
        """Return whether a service of `area` may be called now."""
        if self._outage.asks():
            try:
                permit = await self._shared.permit(area)
            except UnavailableError as error:
                self._outage.failed(error)
            else:
                self._outage.worked()
                return permit
        return await self._local.permit(area)

    async def record(self, area: str, permit: Permit, outcome: Outcome) -> None:
        """Count how the call went, where its permit came from: generations tell."""
        await self._local.record(area, permit, outcome)
        if not self._outage.lasts:
            try:
                await self._shared.record(area, permit, outcome)
            except UnavailableError as error:
                self._outage.failed(error)

    async def hold(self, area: str, *, seconds: float) -> None:
        """Keep the breaker open for so long."""
        if not self._outage.lasts:
            try:
                await self._shared.hold(area, seconds=seconds)
            except UnavailableError as error:
                self._outage.failed(error)
            else:
                return
        await self._local.hold(area, seconds=seconds)
