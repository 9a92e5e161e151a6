"""Refresh tokens: rotation, grace, reuse, and many who show the same one at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import create_engine, text

from shared.adapters.sealing import Sealer
from shared.adapters.sql.identity import clients
from shared.adapters.sql.identity.families import SqlFamilies
from shared.adapters.sql.identity.sessions import SqlSessions
from shared.identity.families import GRACE
from shared.identity.refreshing import Refresher, TokenSpentError
from shared.identity.sessions import Device, Subject
from shared.identity.tokens import digest, new_refresh_token
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ExhaustedError, UnavailableError
from tests.fakes.identity import ADA, CLIENTS, TV, WEB, Told, add_users, issuer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from shared.identity.families import Family

SECOND = timedelta(seconds=1)
PAUSE = timedelta(minutes=15)
KEY = "k" * 32


class Instance:
    """One process that refreshes, with an engine of its own."""

    def __init__(self, engine: Engine, clock: FixedClock, told: Told) -> None:
        self.clock = clock
        self.families = SqlFamilies(lambda: engine, lambda: engine)
        made = issuer(clock)
        self.sessions = SqlSessions(made, told, lambda: engine)
        self._refresher = Refresher(self.families, told, made, Sealer([KEY]), self._noted)

    def _noted(self, family: Family) -> AuditEvent:
        return AuditEvent(
            id=self.sessions._issuer.ids.new(),
            occurred_at=self.clock.now(),
            actor_id="test",
            actor_type=ActorType.SYSTEM,
            action="TOKEN_REUSE_DETECTED",
            resource_id=family.id,
        )

    def start(self, client_id: str = WEB.client_id) -> str:
        """Begin a session and return its refresh token."""
        tokens = self.sessions.start(
            Subject(ADA),
            Device(client_id, "sofa"),
            scopes=(),
            methods=["pwd"],
            authenticated_at=self.clock.now(),
        )
        return tokens.refresh_token

    def refresh(self, token: str) -> str:
        """Return a token's successor."""
        shown = self.families.show(digest(token))
        assert shown is not None
        client = TV if shown.family.client_id == TV.client_id else WEB
        return self._refresher.refresh(token, shown, client)


class Pair:
    """Two instances over one database."""

    def __init__(self, database: str, threads: int = 4) -> None:
        self.clock, self.told = FixedClock(), Told()
        self.engines = [
            create_engine(database, pool_size=threads, isolation_level="AUTOCOMMIT")
            for _ in range(2)
        ]
        self.one, self.other = (Instance(e, self.clock, self.told) for e in self.engines)
        clients.register(self.engines[0], CLIENTS, now=self.clock.now())
        add_users(self.engines[0], ADA)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        with self.engines[0].connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]


@pytest.fixture
def pair(database: str) -> Iterator[Pair]:
    """Two instances, an account, and the applications."""
    made = Pair(database)
    yield made
    for engine in made.engines:
        engine.dispose()


def test_each_refresh_gives_another_token_and_the_chain_is_kept(pair: Pair) -> None:
    token = pair.one.start()
    shown = [token]
    for _ in range(3):
        pair.clock.advance(PAUSE)
        token = pair.one.refresh(token)
        shown.append(token)

    assert len(set(shown)) == 4
    assert pair.rows("SELECT seq, used_at IS NULL FROM refresh_token ORDER BY seq") == [
        (1, False), (2, False), (3, False), (4, True)
    ]  # fmt: skip
    assert pair.rows("SELECT rotation_count FROM token_family") == [(3,)]
    assert token not in str(pair.rows("SELECT t::text FROM refresh_token AS t"))


@pytest.mark.behavior("identity:5.5:grace")
@pytest.mark.behavior("oauth2:refresh:grace-is-idempotent")
def test_a_token_shown_again_within_the_grace_gives_the_same_successor(pair: Pair) -> None:
    token = pair.one.start()
    successor = pair.one.refresh(token)
    pair.clock.advance(GRACE - SECOND / 1000)

    assert pair.other.refresh(token) == successor
    assert pair.rows("SELECT count(*) FROM refresh_token") == [(2,)]
    assert pair.rows("SELECT status FROM token_family") == [("active",)]


@pytest.mark.behavior("identity:5.5:grace")
@pytest.mark.behavior("oauth2:refresh:reuse-ends-the-session")
def test_a_token_shown_again_after_the_grace_ends_its_session_and_the_successor(
    pair: Pair,
) -> None:
    token = pair.one.start()
    successor = pair.one.refresh(token)
    pair.clock.advance(GRACE)

    for shown in (token, successor, token):
        with pytest.raises(TokenSpentError):
            pair.other.refresh(shown)

    ((session, status, reason),) = pair.rows(
        "SELECT family_id::text, status, revoked_reason FROM token_family"
    )
    assert (status, reason, pair.told.dead) == ("revoked", "reuse", [session])
    assert pair.rows("SELECT action, resource_id FROM audit.audit_log") == [
        ("TOKEN_REUSE_DETECTED", session)
    ]
    ((letter,),) = pair.rows("SELECT payload FROM outbox WHERE topic = 'mail.requested'")
    assert orjson.loads(str(letter))["data"] == {
        "asked": "token_reused", "user_id": ADA, "sealed_email": ""
    }  # fmt: skip


@pytest.mark.behavior("identity:5.5:rotation")
@pytest.mark.behavior("oauth2:refresh:one-successor-of-many")
def test_of_64_who_show_one_token_at_two_instances_all_get_the_one_successor(pair: Pair) -> None:
    assert _race(pair, 64, threads=8) == 1


@pytest.mark.behavior("identity:5.5:rotation")
@pytest.mark.soak
def test_of_1000_who_show_one_token_at_two_instances_all_get_the_one_successor(
    pair: Pair,
) -> None:
    assert _race(pair, 1000, threads=8) == 1


def _race(pair: Pair, times: int, *, threads: int) -> int:
    """Show one token so often, at both instances in turn; returns how many successors there are."""
    token = pair.one.start()
    pair.clock.advance(PAUSE)
    with ThreadPoolExecutor(threads) as pool:
        turns = (pair.one, pair.other)
        got = set(pool.map(lambda n: turns[n % 2].refresh(token), range(times)))
    assert pair.rows("SELECT count(*) FROM refresh_token WHERE used_at IS NULL") == [(1,)]
    assert pair.one.refresh(got.pop())
    assert pair.rows("SELECT status, rotation_count FROM token_family") == [("active", 2)]
    return len(got) + 1


def test_a_session_that_ends_while_it_refreshes_gets_no_successor(pair: Pair) -> None:
    token = pair.one.start()
    shown = pair.one.families.show(digest(token))
    assert shown is not None
    pair.other.sessions.end(shown.family.id, "logout")

    with pytest.raises(TokenSpentError):
        pair.one._refresher.refresh(token, shown, WEB)

    assert pair.rows("SELECT count(*) FROM refresh_token") == [(1,)]


@pytest.mark.behavior("identity:5.4:lifetimes")
@pytest.mark.parametrize(
    ("client_id", "idle"), [("mg-web", timedelta(days=7)), ("mg-tv", timedelta(days=90))]
)
def test_a_token_lives_as_long_unused_as_its_application_says(
    pair: Pair, client_id: str, idle: timedelta
) -> None:
    token = pair.one.start(client_id)
    pair.clock.advance(idle - SECOND)
    token = pair.one.refresh(token)
    pair.clock.advance(idle)

    with pytest.raises(TokenSpentError):
        pair.one.refresh(token)

    assert pair.told.dead == []


@pytest.mark.behavior("identity:5.4:lifetimes")
def test_a_session_in_a_browser_ends_after_30_days_however_much_it_is_used(pair: Pair) -> None:
    token = pair.one.start()
    for _ in range(5):
        pair.clock.advance(timedelta(days=6) - SECOND)
        token = pair.one.refresh(token)
    pair.clock.advance(6 * SECOND)

    with pytest.raises(TokenSpentError):
        pair.one.refresh(token)


@pytest.mark.behavior("identity:5.5:limit")
def test_after_100_rotations_a_browser_signs_in_again_and_a_television_does_not(
    pair: Pair,
) -> None:
    web, tv = pair.one.start(), pair.one.start(TV.client_id)
    with pair.engines[0].connect() as connection:
        connection.execute(text("UPDATE token_family SET rotation_count = 99"))

    web, tv = pair.one.refresh(web), pair.one.refresh(tv)

    with pytest.raises(TokenSpentError):
        pair.one.refresh(web)
    assert pair.one.refresh(tv)


@pytest.mark.behavior("identity:5.5:limit")
def test_a_session_is_warned_of_from_its_eightieth_rotation_on(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    web, tv = pair.one.start(), pair.one.start(TV.client_id)
    with pair.engines[0].connect() as connection:
        connection.execute(text("UPDATE token_family SET rotation_count = 78"))

    web = pair.one.refresh(web)
    before = [*caplog.messages]
    pair.one.refresh(web)
    pair.one.refresh(pair.one.refresh(tv))

    assert "session.nearly_spent" not in before
    assert caplog.messages.count("session.nearly_spent") == 1


def test_a_session_makes_ten_tokens_a_minute_and_then_rests(pair: Pair) -> None:
    token = pair.one.start()
    for _ in range(10):
        token = pair.one.refresh(token)
        pair.clock.advance(SECOND)

    with pytest.raises(ExhaustedError) as refused:
        pair.one.refresh(token)

    assert refused.value.retry_after_seconds == 50
    pair.clock.advance(timedelta(seconds=50))
    assert pair.one.refresh(token)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE app_user SET status = 'suspended'",
        "UPDATE app_user SET deleted_at = now()",
        "UPDATE oauth_client SET disabled = true",
    ],
)
def test_who_may_have_no_session_any_more_refreshes_none(pair: Pair, change: str) -> None:
    token = pair.one.start()
    with pair.engines[0].connect() as connection:
        connection.execute(text(change))

    with pytest.raises(TokenSpentError):
        pair.one.refresh(token)


def test_a_successor_sealed_with_a_key_that_is_gone_is_an_outage_not_a_reuse(pair: Pair) -> None:
    token = pair.one.start()
    pair.one.refresh(token)
    shown = pair.one.families.show(digest(token))
    assert shown is not None
    other = Refresher(
        pair.one.families, pair.told, issuer(pair.clock), Sealer(["x" * 32]), pair.one._noted
    )

    with pytest.raises(UnavailableError):
        other.refresh(token, shown, WEB)

    assert pair.rows("SELECT status FROM token_family") == [("active",)]


def test_a_token_that_nobody_made_is_unknown(pair: Pair) -> None:
    assert pair.one.families.show(digest(new_refresh_token())) is None


def test_an_access_token_is_good_while_session_account_and_version_are(pair: Pair) -> None:
    pair.one.start()
    ((session,),) = pair.rows("SELECT family_id::text FROM token_family")
    families = pair.one.families
    assert families.is_live(str(session), 1)

    pair.one.sessions.end_all(ADA, except_family=str(session), reason="x")
    assert families.is_live(str(session), 1)
    pair.one.sessions.end_all(ADA, reason="x")
    assert not families.is_live(str(session), 1)
    assert not families.is_live(str(session), 2)
