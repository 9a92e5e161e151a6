"""What each call of a provider passes: its breaker, then its key's quota."""

from __future__ import annotations

import asyncio
import atexit
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from shared.gateway.breaker import POLICIES, CircuitOpenError, outcome_of
from shared.gateway.local_breakers import DegradingBreakers, MemoryBreakers
from shared.gateway.ports import Outcome, Permit
from shared.kernel.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from typing import Any

    from shared.adapters.sql.quota.ledger import Account
    from shared.gateway.breaker import BreakerPolicy
    from shared.gateway.ports import Breakers
    from shared.kernel.clock import Clock

Answer = TypeVar("Answer")


def area(provider: str) -> str:
    """Return the name of a provider's breaker."""
    return f"provider:{provider}"


def policies(providers: Iterable[str]) -> dict[str, BreakerPolicy]:
    """Return the policy of each provider's breaker: five failures, 30 s, three probes (spec §7)."""
    return dict.fromkeys(map(area, providers), POLICIES["platform"])


def own_breakers(clock: Clock, providers: Iterable[str]) -> Breakers:
    """Return breakers of this process alone."""
    return MemoryBreakers(clock, policies(providers))


def shared_breakers(clock: Clock, providers: Iterable[str]) -> Breakers:
    """Return breakers in Redis, with this process's own behind them."""
    from shared.adapters.redis.breakers import RedisBreakers  # noqa: PLC0415 - where they are shared

    shared = RedisBreakers(clock, policies=policies(providers))
    return DegradingBreakers(shared, own_breakers(clock, providers), clock=clock)


class Debits(Protocol):
    """Keeps keys' accounts."""

    def debit(self, account: Account, call: str, /) -> None:
        """Take what one call costs.

        Raises:
            ExhaustedError: The quota is spent.
        """


class ProviderGuard:
    """`shared.adapters.providers.calling.Guard` of one provider's key.

    Args:
        account: Whose units are used, and what for.
        ledger: Debits them.
        breakers: One for each provider.
    """

    def __init__(self, account: Account, *, ledger: Debits, breakers: Breakers) -> None:
        self._account = account
        self._ledger = ledger
        self._breakers = breakers
        self._area = area(account.provider)

    def before(self, call: str) -> Permit:
        """Give leave for one call and debit it; a call that the breaker refuses costs nothing.

        Raises:
            CircuitOpenError: The provider fails too often and is left alone for now.
            ExhaustedError: The quota is spent.
        """
        permit = awaited(self._breakers.permit(self._area))
        if not permit.allowed:
            wait = permit.retry_after_seconds
            raise CircuitOpenError(self._account.provider, retry_after_seconds=wait)
        try:
            self._ledger.debit(self._account, call)
        except AppError:
            awaited(self._breakers.record(self._area, permit, Outcome.IGNORED))
            raise
        return permit

    def after(self, permit: Permit, result: int | BaseException) -> None:
        """Count how the call went."""
        awaited(self._breakers.record(self._area, permit, outcome_of(result)))


class DebitGuard:
    """`shared.adapters.providers.calling.Guard` that debits and keeps no breaker.

    For callers in many threads, whose failed call is repeated by whoever delivered the event.
    """

    def __init__(self, account: Account, ledger: Debits) -> None:
        self._account = account
        self._ledger = ledger

    def before(self, call: str) -> Permit:
        """Debit one call.

        Raises:
            ExhaustedError: The quota is spent.
        """
        self._ledger.debit(self._account, call)
        return Permit(allowed=True)

    def after(self, permit: Permit, result: int | BaseException) -> None:
        """Do nothing: nobody counts how calls went."""


@cache
def _runner() -> asyncio.Runner:
    """Return the loop of this process's breakers: a client of Redis lives in one loop only."""
    made = asyncio.Runner()
    atexit.register(made.close)
    return made


def awaited(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Return what a coroutine comes to; for code that waits anyway, in the main thread."""
    return _runner().run(work)
