"""What the clock does to sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.adapters import connect
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.events import Event
from shared.runtime import issuing, metrics
from shared.runtime.events import TICK
from tests.fakes.edge import ask, load, pushed
from tests.fakes.identity import ADA, BEN
from tests.fakes.identity_house import House, rows


async def sweep(after: timedelta = timedelta(0)) -> None:
    """Let a minute's sweep happen."""
    main: Any = load("identity_sweep")
    main.clock = FixedClock(SystemClock().now() + after)
    tick = Event(
        event_id=UUID(int=1),
        event_type=TICK,
        occurred_at=main.clock.now(),
        correlation_id="test",
        data={},
    )
    answer = await ask(main.handle, "POST", "/", body=pushed(tick))
    assert answer.status == 204, answer.body


async def test_what_redis_forgot_is_told_again(identity: House) -> None:
    sessions = issuing.sessions()
    identity.start(), identity.start(user=BEN)
    sessions.end_all(ADA, reason="reset")
    before = sorted(connect.redis().scan_iter("auth:*"))
    connect.redis().flushall()

    await sweep()

    assert sorted(connect.redis().scan_iter("auth:*")) == before
    assert connect.redis().get(f"auth:user_version:{ADA}") == b"2"
    connect.redis().flushall()
    await sweep(timedelta(seconds=961))
    assert list(connect.redis().scan_iter("auth:*")) == []


async def test_a_successor_is_sealed_for_its_grace_and_then_forgotten(identity: House) -> None:
    await identity.refresh(identity.start().refresh_token)
    await sweep()
    assert rows("SELECT sealed_successor IS NULL FROM refresh_token WHERE seq = 1") == [(False,)]

    await sweep(timedelta(seconds=11))
    assert rows("SELECT sealed_successor IS NULL FROM refresh_token WHERE seq = 1") == [(True,)]


async def test_used_tokens_are_known_for_a_week_and_ended_sessions_for_a_month(
    identity: House,
) -> None:
    await identity.refresh(identity.start().refresh_token)
    await sweep(timedelta(days=6))
    assert rows("SELECT count(*) FROM refresh_token") == [(2,)]
    await sweep(timedelta(days=8))
    assert rows("SELECT seq FROM refresh_token") == [(2,)]

    await sweep(timedelta(days=31))
    assert rows("SELECT status FROM token_family") == [("expired",)]
    await sweep(timedelta(days=62))
    assert rows("SELECT 1 FROM token_family") == rows("SELECT 1 FROM refresh_token") == []


async def test_tokens_of_mails_are_forgotten_a_day_after_their_time(identity: House) -> None:
    assert identity.start().scope
    with connect.engine().begin() as connection:
        connection.execute(
            text(
                "INSERT INTO one_time_token (token_hash, purpose, user_id, created_at, expires_at)"
                " VALUES (sha256('x'), 'verify_email', :user, now(), now())"
            ),
            {"user": ADA},
        )
    await sweep(timedelta(hours=23))
    assert rows("SELECT count(*) FROM one_time_token") == [(1,)]
    await sweep(timedelta(hours=25))
    assert rows("SELECT count(*) FROM one_time_token") == [(0,)]


async def test_live_sessions_are_counted(identity: House) -> None:
    metrics.reset()
    identity.start(), identity.start(user=BEN)
    issuing.sessions().end_all(ADA, reason="reset")

    await sweep()

    found = {
        s.labels["kind"]: s.value
        for f in metrics.collected()
        for s in f.samples
        if s.name == "auth_sessions_active"
    }
    assert found == {"application": 1, "browser": 0}
