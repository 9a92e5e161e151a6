"""How every provider is called: what passes before a try, and what a refusal asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from emulators.core.faults import Rule
from emulators.providers.service import endpoint
from shared.adapters.providers.calling import Caller, Patience, told_by
from shared.adapters.providers.guarding import ProviderGuard, own_breakers
from shared.adapters.providers.tmdb import Tmdb
from shared.adapters.refusals import retry_after
from shared.adapters.sql.quota.ledger import Account
from shared.gateway.breaker import CircuitOpenError
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ExhaustedError, NotFoundError, UnavailableError
from tests.contracts.providers.serving import Served, served
from tests.contracts.providers.test_live_feeds import FEW, NOON, PLENTY

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = Patience(first=0.01, longest=0.02, jitter=0.0)
NOW = datetime.fromtimestamp(NOON, UTC)


@dataclass
class Book:
    """`QuotaLedger` as far as a guard needs it; nothing is left once `left` calls were made."""

    left: int = 1000
    calls: list[str] = field(default_factory=list)

    def debit(self, _account: Account, call: str) -> None:
        """Note a call."""
        if not self.left:
            raise ExhaustedError("spent", retry_after_seconds=4000)
        self.left -= 1
        self.calls.append(call)


@pytest.fixture(scope="module")
def provider() -> Iterator[Served]:
    """Fakes of a few titles, with quotas that do not end."""
    with served(partial(endpoint, catalog=FEW, tariffs=PLENTY), now=NOON) as running:
        yield running


class Desk:
    """TMDB behind a guard under a clock that stands still."""

    def __init__(self, provider: Served) -> None:
        provider.faults.clear()
        self.faults = provider.faults
        self.clock = FixedClock(NOW)
        self.book: Any = Book()
        breakers = own_breakers(self.clock, ["tmdb"])
        account = Account("tmdb", "key", "catalog")
        guard = ProviderGuard(account, ledger=self.book, breakers=breakers)
        self.service = Tmdb(provider.url + "/3", "local-key", Caller(QUICK, guard))

    def fail(self, times: int | None) -> Rule:
        """Let the next calls fail."""
        rule = Rule("error", "providers", "tmdb.details", remaining=times)
        self.faults.add(rule)
        return rule

    def ask(self) -> object:
        """Ask for The Matrix."""
        return self.service.title("movie", "603")


@pytest.fixture
def desk(provider: Served) -> Iterator[Desk]:
    """A desk that is closed after the test."""
    made = Desk(provider)
    yield made
    made.service.close()


def test_every_try_is_debited_before_it_is_made(desk: Desk) -> None:
    desk.fail(times=2)

    assert desk.ask()

    assert desk.book.calls == ["title"] * 3


def test_spent_quota_makes_no_call(desk: Desk) -> None:
    desk.book.left, rule = 0, desk.fail(times=None)

    with pytest.raises(ExhaustedError, match="spent"):
        desk.ask()

    assert rule.struck == 0


def test_breaker_opens_after_five_failures_and_costs_nothing_while_it_is_open(desk: Desk) -> None:
    rule = desk.fail(times=None)
    with pytest.raises(UnavailableError, match="503"):
        desk.ask()

    with pytest.raises(CircuitOpenError) as caught:
        desk.ask()

    assert (rule.struck, len(desk.book.calls)) == (5, 5)
    assert caught.value.retry_after_seconds == 30


def test_breaker_closes_after_three_probes_that_succeed(desk: Desk) -> None:
    desk.fail(times=5)
    with pytest.raises(UnavailableError):
        desk.ask()
    desk.clock.advance(timedelta(seconds=30))

    for _ in range(3):
        assert desk.ask()
    desk.fail(times=4)

    assert desk.ask()


def test_probe_that_fails_opens_the_breaker_for_longer(desk: Desk) -> None:
    rule = desk.fail(times=6)
    with pytest.raises(UnavailableError):
        desk.ask()
    desk.clock.advance(timedelta(seconds=30))

    with pytest.raises(CircuitOpenError) as caught:
        desk.ask()

    assert (rule.struck, caught.value.retry_after_seconds) == (6, 60)


def test_probe_that_the_quota_refuses_makes_room_for_the_next(desk: Desk) -> None:
    desk.fail(times=5)
    with pytest.raises(UnavailableError):
        desk.ask()
    desk.clock.advance(timedelta(seconds=30))
    desk.book.left = 0
    with pytest.raises(ExhaustedError):
        desk.ask()

    desk.book.left = 1

    assert desk.ask()


def test_what_is_not_there_shows_that_the_provider_is(desk: Desk) -> None:
    desk.fail(times=4)
    with pytest.raises(NotFoundError):
        desk.service.get("/movie/1", {})
    desk.fail(times=4)

    assert desk.ask()


DATE = "Wed, 10 Jun 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Wed, 10 Jun 2026 12:01:30 GMT", "date": DATE}, 90.0),
        ({"retry-after": "Wed, 10 Jun 2026 11:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Wed, 10 Jun 2026 12:01:30 GMT"}, None),
        ({"retry-after": "soon", "date": DATE}, None),
        ({"retry-after": "-3"}, None),
        ({}, None),
    ],
)
def test_wait_that_is_asked_for_is_read_in_both_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(httpx2.Response(429, headers=headers).headers) == seconds


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"message": "a"}', "a"),
        (b'{"status_code": 7, "status_message": "b", "success": false}', "b"),
        (b'{"success": false, "statusCode": 401, "statusMessage": "c"}', "c"),
        (b'{"error": {"code": 403, "message": "d", "errors": []}}', "d"),
        (b"<html>", "<html>"),
        (b"[1]", "[1]"),
        (b"", "no message"),
    ],
)
def test_refusal_is_told_in_the_providers_own_words(body: bytes, told: str) -> None:
    assert told_by(httpx2.Response(400, content=body)) == told
