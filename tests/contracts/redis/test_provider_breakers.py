"""Breakers of providers: what one worker learns of a provider, every worker knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import redis

from shared.adapters import connect
from shared.adapters.providers.guarding import ProviderGuard, awaited, shared_breakers
from shared.adapters.sql.quota.ledger import Account
from shared.gateway.breaker import CircuitOpenError
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnavailableError
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emulators.managed.redis import Redis

LOST = UnavailableError("no answer")


class Nothing:
    """Debits nothing."""

    def debit(self, _account: Account, _call: str) -> None:
        """Let every call pass."""


@pytest.fixture
def at(
    server: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[connect.Addresses]:
    """This process, connected to an empty Redis, with a loop that ends with the test."""
    with redis.Redis.from_url(server.url) as plain:
        plain.flushall()
    monkeypatch.setenv("MEDIA_GATEWAY_REDIS_URL", server.url)
    with surroundings("", tmp_path, monkeypatch) as addresses:
        yield addresses
        awaited(connect.redis_async().aclose())


def worker(provider: str = "tmdb") -> ProviderGuard:
    """Return what one worker's calls of a provider pass."""
    breakers: Any = shared_breakers(SystemClock(), ("tmdb", "watchmode"))
    account = Account(provider, "key", "catalog")
    return ProviderGuard(account, ledger=Nothing(), breakers=breakers)


@pytest.mark.usefixtures("at")
def test_what_fails_for_one_worker_is_left_alone_by_all() -> None:
    first = worker()
    for _ in range(5):
        first.after(first.before("call"), LOST)

    with pytest.raises(CircuitOpenError) as caught:
        worker().before("call")

    assert 25 < caught.value.retry_after_seconds <= 30
    assert worker("watchmode").before("call").allowed


@pytest.mark.usefixtures("at")
def test_failures_of_several_workers_are_counted_together_and_a_success_between_them_is() -> None:
    workers = [worker(), worker()]
    for guard in (workers[0], workers[1], workers[0], workers[1]):
        guard.after(guard.before("call"), LOST)
    assert worker().before("call").allowed

    workers[0].after(workers[0].before("call"), LOST)

    with pytest.raises(CircuitOpenError):
        worker().before("call")
