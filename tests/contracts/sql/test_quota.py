"""The account of providers' keys, with many workers at once."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters.sql.quota.leases import FetchActiveError, FetchLeases
from shared.adapters.sql.quota.ledger import Account, QuotaLedger
from shared.adapters.sql.runs import Part
from shared.catalog.quota import Limits, limits
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ExhaustedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
WORKERS = 4
DAY = '{"allowances": [{"period": "day", "units": %d}], "costs": {"search": 100}}'
HOUR = timedelta(hours=1)


def plans(youtube: str) -> Limits:
    """Return limits in which YouTube's plan is this."""
    return limits('{"youtube": %s}' % youtube)  # noqa: UP031 - JSON is full of braces


def account(kind: str = "availability", key: str = "key") -> Account:
    return Account("youtube", key, kind)


def used(engine: Engine) -> list[Any]:
    """Return used units by key and period."""
    query = "SELECT key_ref, used FROM quota_ledger ORDER BY key_ref, period, period_start"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def at_once(work: Callable[[int], int]) -> list[int]:
    """Let workers begin together; return what each one came to."""
    barrier = Barrier(WORKERS)

    def begin(number: int) -> int:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(begin, range(WORKERS)))


def spend(ledger: QuotaLedger, call: str, whose: Account) -> int:
    """Debit until nothing is left; return how often that went well."""
    for done in range(10_000):
        try:
            ledger.debit(whose, call)
        except ExhaustedError:
            return done
    raise AssertionError("the quota never ends")


def test_four_workers_use_a_quota_up_and_never_a_unit_more(engine: Engine) -> None:
    ledger = QuotaLedger(engine, FixedClock(NOON), plans(DAY % 10_050))

    done = at_once(lambda _n: spend(ledger, "search", account()))

    assert sum(done) == 100
    assert used(engine) == [("key", 10_000)]
    ledger.debit(account())
    assert used(engine) == [("key", 10_001)]


class Passing:
    """A clock that workers move on where they wait, and when their calls were let out."""

    def __init__(self) -> None:
        self.at, self.called = NOON, list[datetime]()
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the time."""
        return self.at

    def wait(self, seconds: float) -> None:
        """Let a little of the time pass, so that workers take turns."""
        with self._lock:
            self.at += timedelta(seconds=min(seconds, 0.2))

    def note(self) -> None:
        """Remember that a call was let out now."""
        with self._lock:
            self.called.append(self.at)


def test_four_workers_keep_the_pace_in_every_stretch_of_time(engine: Engine) -> None:
    clock = Passing()
    paced = plans('{"pace": {"calls": 15, "seconds": 10, "burst": 5}}')
    ledger = QuotaLedger(engine, clock, paced, wait=clock.wait)

    def work(_number: int) -> int:
        for _ in range(15):
            ledger.debit(account())
            clock.note()
        return 15

    assert sum(at_once(work)) == 60

    called = sorted(clock.called)
    window = timedelta(seconds=10)
    most = max(sum(start <= one < start + window for one in called) for start in called)
    assert most <= 20
    assert called[-1] - called[0] >= timedelta(seconds=(60 - 5) * 10 / 15 - 1)


def test_purposes_leave_what_matters_more_its_share(engine: Engine) -> None:
    ledger = QuotaLedger(engine, FixedClock(NOON), plans(DAY % 100))

    done = [spend(ledger, "call", account(k)) for k in ("enrichment", "changes", "availability")]

    assert done == [60, 30, 10]


def test_spent_quota_says_until_when_and_begins_anew_then(engine: Engine) -> None:
    clock = FixedClock(NOON)
    ledger = QuotaLedger(engine, clock, plans(DAY % 1))
    ledger.debit(account())

    with pytest.raises(ExhaustedError, match="spent until 2026-06-11T00:00:00") as caught:
        ledger.debit(account())

    assert caught.value.retry_after_seconds == 12 * 3600
    clock.advance(12 * HOUR)
    ledger.debit(account())
    assert used(engine) == [("key", 1), ("key", 1)]


def test_call_that_one_allowance_refuses_costs_nothing_of_another(engine: Engine) -> None:
    both = '{"allowances": [{"period": "month", "units": 9}, {"period": "day", "units": 1}]}'
    ledger = QuotaLedger(engine, FixedClock(NOON), plans(both))
    ledger.debit(account())

    with pytest.raises(ExhaustedError):
        ledger.debit(account())

    assert used(engine) == [("key", 1), ("key", 1)]


def test_every_key_has_an_account_of_its_own(engine: Engine) -> None:
    ledger = QuotaLedger(engine, FixedClock(NOON), plans(DAY % 1))

    for key in ("one", "two"):
        ledger.debit(account(key=key))

    assert used(engine) == [("one", 1), ("two", 1)]


def test_somebody_is_told_once_that_a_quota_runs_low(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = QuotaLedger(engine, FixedClock(NOON), plans(DAY % 10))
    caplog.set_level(logging.WARNING)

    assert spend(ledger, "call", account()) == 10

    (told,) = [record for record in caplog.records if record.getMessage() == "quota.low"]
    assert (told.__dict__["used"], told.__dict__["allowed"]) == (8, 10)


def test_periods_of_long_ago_are_forgotten(engine: Engine) -> None:
    clock = FixedClock(NOON)
    ledger = QuotaLedger(engine, clock, plans(DAY % 10))
    ledger.debit(account())
    clock.advance(timedelta(days=500))
    ledger.debit(account())

    ledger.prune()

    assert used(engine) == [("key", 1)]


def part(run_id: str, kind: str = "changes") -> Part:
    return Part(run_id, "tmdb", "netflix", "US", kind)


def test_one_run_at_a_time_fetches_a_part(engine: Engine) -> None:
    leases = FetchLeases(engine, FixedClock(NOON))

    with leases.held(part("r1"), HOUR):
        told = pytest.raises(FetchActiveError, match="run 'r1' fetches tmdb changes netflix-US")
        with told, leases.held(part("r2"), HOUR):
            raise AssertionError("two runs fetch the same part")
        with leases.held(part("r2", kind="catalog"), HOUR):
            pass

    with leases.held(part("r2"), HOUR):
        pass


def test_run_that_was_lost_may_come_back_and_others_wait_until_its_time_is_over(
    engine: Engine,
) -> None:
    clock = FixedClock(NOON)
    leases = FetchLeases(engine, clock)
    lost = leases.held(part("r1"), HOUR)
    lost.__enter__()

    with leases.held(part("r1"), HOUR):
        pass
    lost = leases.held(part("r1"), HOUR)
    lost.__enter__()
    clock.advance(HOUR)
    with leases.held(part("r2"), HOUR):
        lost.__exit__(None, None, None)
        with pytest.raises(FetchActiveError, match="r2"), leases.held(part("r3"), HOUR):
            raise AssertionError("what the lost run gave back was not its own")
