"""Sessions begin, are listed, and end."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import text

from shared.adapters.sql.identity import clients
from shared.adapters.sql.identity.sessions import SqlSessions
from shared.identity.sessions import Device, SessionRefusedError, Subject
from shared.identity.tokens import is_refresh_token
from shared.kernel.clock import FixedClock
from shared.kernel.principal import principal_of
from tests.fakes.identity import ADA, BEN, CLIENTS, Told, add_users, issuer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.identity.sessions import TokenSet


class Desk:
    """Where sessions begin, under a clock that stands still."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.told = engine, FixedClock(), Told()
        self.sessions = SqlSessions(issuer(self.clock), self.told, lambda: engine)
        clients.register(engine, CLIENTS, now=self.clock.now())
        add_users(engine, ADA, BEN)

    def start(
        self, user: str = ADA, *, scopes: str = "", version: int = 1, **device: str
    ) -> TokenSet:
        """Begin a session in a browser."""
        where = Device(**{"client_id": "mg-web", "device_id": "laptop", **device})
        return self.sessions.start(
            Subject(user, region="DE", version=version),
            where,
            scopes=scopes.split(),
            methods=["pwd"],
            authenticated_at=self.clock.now(),
        )

    def status(self, session: str) -> tuple[str, str | None]:
        """Return the status of a session and why it ended."""
        asked = text("SELECT status, revoked_reason FROM token_family WHERE family_id = :id")
        with self.engine.connect() as connection:
            found = connection.execute(asked, {"id": session}).one()
        return found.status, found.revoked_reason


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A desk with two accounts and the applications."""
    return Desk(engine)


def claims(tokens: TokenSet) -> dict[str, object]:
    """Return what an access token says."""
    payload = tokens.access_token.split(".")[1]
    found: dict[str, object] = orjson.loads(urlsafe_b64decode(payload + "=="))
    return found


def test_a_session_begins_with_a_token_that_every_service_understands(desk: Desk) -> None:
    tokens = desk.start()
    said = claims(tokens)
    who = principal_of(said)

    assert is_refresh_token(tokens.refresh_token)
    assert (tokens.expires_in, tokens.scope) == (900, said["scope"])
    assert (who.sub, who.client_id, who.device_id, who.version) == (ADA, "mg-web", "laptop", 1)
    assert who.may("read:watchlist")
    (line,) = desk.sessions.of(ADA)
    assert (line.id, line.client_name, line.created_at) == (
        who.session,
        "Browser",
        desk.clock.now(),
    )


def test_a_second_session_on_the_same_device_takes_the_place_of_the_first(desk: Desk) -> None:
    first = str(claims(desk.start())["sid"])
    other = str(claims(desk.start(device_id="tablet"))["sid"])
    second = str(claims(desk.start())["sid"])

    assert desk.status(first) == ("revoked", "replaced")
    assert desk.told.dead == [first]
    assert {line.id for line in desk.sessions.of(ADA)} == {other, second}


def test_an_ended_session_stays_ended_and_ending_it_again_tells_of_it_again(desk: Desk) -> None:
    session = str(claims(desk.start())["sid"])
    desk.sessions.end(session, "logout")
    desk.sessions.end(session, "another reason")

    assert desk.status(session) == ("revoked", "logout")
    assert desk.told.dead == [session, session]
    assert desk.sessions.of(ADA) == ()


def test_all_sessions_but_one_end_and_those_of_others_do_not(desk: Desk) -> None:
    kept = str(claims(desk.start())["sid"])
    ended = {str(claims(desk.start(device_id=name))["sid"]) for name in ("tablet", "phone")}
    strangers = desk.start(BEN)

    assert desk.sessions.end_all(ADA, except_family=kept, reason="password") == 2
    assert set(desk.told.dead) == ended
    assert [line.id for line in desk.sessions.of(ADA)] == [kept]
    assert [line.id for line in desk.sessions.of(BEN)] == [claims(strangers)["sid"]]
    assert desk.told.versions == {}


def test_when_all_sessions_end_every_token_of_the_user_is_of_an_earlier_version(
    desk: Desk,
) -> None:
    desk.start()
    assert desk.sessions.end_all(ADA, reason="reset") == 1
    assert desk.told.versions == {ADA: 2}

    assert claims(desk.start(version=2))["ver"] == 2
    assert claims(desk.start(BEN))["ver"] == 1


def test_who_proved_who_they_are_before_all_sessions_ended_has_to_do_it_again(desk: Desk) -> None:
    desk.sessions.end_all(ADA, reason="reset")

    with pytest.raises(SessionRefusedError):
        desk.start(version=1)

    assert desk.sessions.of(ADA) == ()


def test_scopes_are_what_was_asked_for_and_may_be_had(desk: Desk) -> None:
    assert desk.start(scopes="write:watchlist admin:full").scope == "write:watchlist"
    assert "admin:full" not in desk.start().scope
    assert desk.start(client_id="mg-mcp").scope == "read:content read:watchlist"
    with pytest.raises(SessionRefusedError):
        desk.start(scopes="admin:full")


@pytest.mark.parametrize(
    "change",
    ["status = 'suspended'", "status = 'pending_deletion'", "deleted_at = now()"],
)
def test_an_account_that_is_closed_gets_no_session(desk: Desk, change: str) -> None:
    with desk.engine.begin() as connection:
        connection.execute(text(f"UPDATE app_user SET {change} WHERE id = '{ADA}'"))  # noqa: S608 - of this test

    with pytest.raises(SessionRefusedError):
        desk.start()


def test_an_application_that_is_unknown_or_disabled_gets_no_session(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(text("UPDATE oauth_client SET disabled = true WHERE name = 'Browser'"))

    for client_id in ("mg-web", "nobody"):
        with pytest.raises(SessionRefusedError):
            desk.start(client_id=client_id)


def test_a_session_that_was_idle_for_too_long_is_not_listed(desk: Desk) -> None:
    desk.start()
    desk.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert len(desk.sessions.of(ADA)) == 1
    desk.clock.advance(timedelta(seconds=1))
    assert desk.sessions.of(ADA) == ()
