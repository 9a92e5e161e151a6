"""Sessions of browsers begin, are found, and end with everything else of their account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters.sql.identity import clients, sweep
from shared.adapters.sql.identity.browser import SqlBrowserSessions
from shared.adapters.sql.identity.sessions import SqlSessions
from shared.identity.accounts import Account
from shared.identity.browser import form_token
from shared.identity.proof import Proof
from shared.identity.sessions import SessionRefusedError
from shared.kernel.clock import FixedClock
from tests.fakes.identity import ADA, BEN, CLIENTS, Told, add_users, issuer

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Desk:
    """Where browsers sign in, under a clock that stands still."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock = engine, FixedClock()
        self.browsers = SqlBrowserSessions(self.clock, lambda: engine)
        self.sessions = SqlSessions(issuer(self.clock), Told(), lambda: engine)
        clients.register(engine, CLIENTS, now=self.clock.now())
        add_users(engine, ADA, BEN)

    def start(self, user: str = ADA, *, version: int = 1) -> str:
        """Sign in."""
        account = Account(user, "", True, None, "", "DE", "user", "free", "active", version)
        proof = Proof(account, ("pwd",), self.clock.now())
        return self.browsers.start(proof, "203.0.113.0/24", user_agent="A browser")

    def do(self, sql: str) -> None:
        """Write to the database."""
        with self.engine.begin() as connection:
            connection.execute(text(sql))


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A desk with two accounts."""
    return Desk(engine)


def test_a_session_says_who_signed_in_how_and_when(desk: Desk) -> None:
    cookie = desk.start()

    found = desk.browsers.find(cookie)

    assert found is not None
    assert (found.user_id, found.methods, found.version) == (ADA, ("pwd",), 1)
    assert found.authenticated_at == desk.clock.now()
    assert found.csrf == form_token(cookie)


@pytest.mark.behavior("attacks:asvs:3.2.2")
def test_each_sign_in_gives_another_cookie_and_none_is_kept_in_clear(desk: Desk) -> None:
    cookies = {desk.start() for _ in range(3)}
    assert len(cookies) == 3

    with desk.engine.connect() as connection:
        kept = connection.execute(text("SELECT browser_session::text FROM browser_session")).all()

    assert not any(cookie in row[0] for cookie in cookies for row in kept)


@pytest.mark.parametrize("cookie", ["", "mgb_", "mgb_" + "a" * 43, "mgp_" + "b" * 43, "ä" * 47])
def test_a_cookie_that_nobody_was_given_opens_nothing(desk: Desk, cookie: str) -> None:
    desk.start()
    assert desk.browsers.find(cookie) is None
    desk.browsers.end(cookie)


@pytest.mark.behavior("attacks:asvs:3.3.2")
def test_a_session_ends_half_an_hour_after_its_last_use_and_twelve_hours_after_its_first(
    desk: Desk,
) -> None:
    idle, used = desk.start(), desk.start()
    for _ in range(24):
        desk.clock.advance(timedelta(minutes=29))
        assert desk.browsers.find(used) is not None
    assert desk.browsers.find(idle) is None

    desk.clock.advance(timedelta(minutes=24))
    assert desk.browsers.find(used) is None
    assert desk.browsers.of(ADA) == ()


@pytest.mark.behavior("attacks:asvs:3.3.1")
def test_a_session_is_ended_by_its_browser_or_from_another_one(desk: Desk) -> None:
    first, second, stranger = desk.start(), desk.start(), desk.start(BEN)
    found = desk.browsers.find(second)
    assert found is not None

    assert not desk.browsers.end_one(BEN, found.id)
    assert desk.browsers.end_one(ADA, found.id)
    assert not desk.browsers.end_one(ADA, found.id)
    desk.browsers.end(first)

    assert desk.browsers.find(first) is desk.browsers.find(second) is None
    assert desk.browsers.find(stranger) is not None


def test_a_session_is_listed_for_its_user_alone(desk: Desk) -> None:
    desk.start(BEN)
    desk.start()

    (line,) = desk.browsers.of(ADA)

    assert (line.network, line.user_agent) == ("203.0.113.0/24", "A browser")
    assert line.created_at == line.last_used_at == desk.clock.now()


@pytest.mark.parametrize("kept", ["", "00000000-0000-0000-0000-000000000001"])
def test_the_end_of_all_sessions_is_the_end_of_browsers_too(desk: Desk, kept: str) -> None:
    cookie, other = desk.start(), desk.start(BEN)

    desk.sessions.end_all(ADA, except_family=kept, reason="test")

    assert desk.browsers.find(cookie) is None
    assert desk.browsers.find(other) is not None


def test_a_proof_from_before_the_end_of_all_sessions_opens_nothing(desk: Desk) -> None:
    desk.sessions.end_all(ADA, reason="test")
    with pytest.raises(SessionRefusedError):
        desk.start(version=1)
    assert desk.browsers.find(desk.start(version=2)) is not None


@pytest.mark.parametrize("change", ["status = 'suspended'", "deleted_at = now()"])
def test_an_account_that_is_closed_closes_its_browsers(desk: Desk, change: str) -> None:
    cookie = desk.start()
    desk.do(f"UPDATE app_user SET {change}")  # noqa: S608 - written here
    assert desk.browsers.find(cookie) is None
    with pytest.raises(SessionRefusedError):
        desk.start()


def test_a_sign_in_and_the_end_of_all_sessions_at_once_leave_no_session(desk: Desk) -> None:
    def begin(_: int) -> str:
        try:
            return desk.start()
        except SessionRefusedError:
            return ""

    with ThreadPoolExecutor(8) as pool:
        cookies = pool.map(begin, range(16))
        pool.submit(desk.sessions.end_all, ADA, reason="test").result()

    assert [desk.browsers.find(cookie) for cookie in cookies] == [None] * 16


def test_sessions_are_forgotten_a_day_after_their_time(desk: Desk) -> None:
    desk.start()
    over = desk.clock.now() + timedelta(hours=12)
    assert sweep.tidy(desk.engine, now=over + timedelta(hours=23))["browsers"] == 0
    assert sweep.tidy(desk.engine, now=over + timedelta(hours=24))["browsers"] == 1
