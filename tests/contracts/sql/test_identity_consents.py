"""Consents, and applications that describe themselves, in a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters.sql.identity import clients, consents
from shared.adapters.sql.identity.clients import SqlClients
from shared.adapters.sql.identity.consents import SqlConsents
from shared.adapters.sql.identity.sessions import SqlSessions
from shared.identity.clients_redirects import is_acceptable
from shared.identity.consents import GRANTED
from shared.identity.own_clients import own_clients
from shared.identity.sessions import Device, Subject
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import FixedClock
from shared.kernel.ids import TimeOrderedIds
from tests.fakes.authorize_house import APP, NOTES
from tests.fakes.identity import ADA, BEN, Told, add_users, issuer

if TYPE_CHECKING:
    from sqlalchemy import Engine

DESCRIBED = replace(NOTES, client_id="https://notes.example/client.json")


class Desk:
    """Two accounts and two applications, under a clock that is set by hand."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.told = engine, FixedClock(), Told()
        self.ids = TimeOrderedIds(self.clock)
        self.clients = SqlClients(lambda: engine, lambda: engine)
        self.consents = SqlConsents(self.told, lambda: engine, lambda: engine)
        clients.register(engine, [APP, NOTES], now=self.clock.now())
        add_users(engine, ADA, BEN)

    def event(self) -> AuditEvent:
        """Return what the audit log is told."""
        return AuditEvent(
            id=self.ids.new(),
            occurred_at=self.clock.now(),
            actor_id=ADA,
            actor_type=ActorType.USER,
            action=GRANTED,
        )

    def grant(self, *scopes: str, user: str = ADA) -> None:
        """Allow something, a second later."""
        self.clock.advance(timedelta(seconds=1))
        now = self.clock.now()
        self.consents.grant(user, NOTES.client_id, scopes, now=now, event=self.event())

    def withdraw(self, user: str = ADA) -> bool:
        """Take it back."""
        now, event = self.clock.now(), self.event()
        return self.consents.withdraw(user, NOTES.client_id, now=now, event=event)

    def allowed(self, user: str = ADA) -> set[str]:
        """Return what stands."""
        return set(self.consents.allowed(user, NOTES.client_id))

    def count(self, of: str) -> int:
        """Return how many rows there are."""
        with self.engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {of}")).scalar_one())  # noqa: S608 - of this test


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A desk."""
    return Desk(engine)


def test_what_is_allowed_grows_and_what_stood_before_is_kept(desk: Desk) -> None:
    desk.grant("read:content")
    desk.grant("write:ratings", "read:content")

    assert desk.allowed() == {"read:content", "write:ratings"}
    assert desk.allowed(BEN) == set()
    (standing,) = desk.consents.of(ADA)
    assert (standing.client_name, standing.granted_at) == (NOTES.name, desk.clock.now())
    assert desk.count("user_consent") == desk.count("audit.audit_log") == 2


def test_users_are_asked_again_once_the_page_tells_something_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.grant("read:content")
    monkeypatch.setattr(consents, "TOLD", 2)

    assert desk.allowed() == set()
    desk.grant("write:ratings")
    assert desk.allowed() == {"write:ratings"}


def test_of_many_consents_at_once_one_stands_with_all_of_them(desk: Desk) -> None:
    scopes = ["read:content", "read:history", "write:ratings", "write:progress"]

    def grant(scope: str) -> None:
        now, event = desk.clock.now(), desk.event()
        desk.consents.grant(ADA, NOTES.client_id, [scope], now=now, event=event)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(grant, scopes))

    assert desk.allowed() == set(scopes)
    assert desk.count("user_consent WHERE revoked_at IS NULL") == 1


def test_a_withdrawal_ends_the_sessions_of_that_user_and_application_alone(desk: Desk) -> None:
    sessions = SqlSessions(issuer(desk.clock), desk.told, lambda: desk.engine)
    for user, client in ((ADA, NOTES), (ADA, APP), (BEN, NOTES)):
        desk.grant("read:content", user=user)
        sessions.start(
            Subject(user),
            Device(client.client_id),
            scopes=(),
            methods=["pwd"],
            authenticated_at=desk.clock.now(),
        )

    assert [desk.withdraw(), desk.withdraw()] == [True, False]

    assert (desk.allowed(), desk.consents.of(ADA)) == (set(), ())
    assert desk.allowed(BEN) == {"read:content"}
    ended = desk.count("token_family WHERE revoked_reason = 'consent_withdrawn'")
    assert (ended, len(desk.told.dead), desk.count("token_family")) == (1, 1, 3)
    assert desk.count("audit.audit_log") == 4


def test_an_application_that_describes_itself_is_kept_as_it_last_did(desk: Desk) -> None:
    now = desk.clock.now()
    odd = replace(
        DESCRIBED, name='A "{name}", with, signs', redirect_uris=('https://a.example/{",}',)
    )

    assert desk.clients.keep(DESCRIBED, now)
    assert desk.clients.keep(odd, now)
    assert desk.clients.find(DESCRIBED.client_id) == odd


def test_nobody_describes_an_application_of_ours_or_one_that_was_disabled(desk: Desk) -> None:
    now = desk.clock.now()
    assert desk.clients.keep(DESCRIBED, now)
    with desk.engine.begin() as connection:
        connection.execute(text("UPDATE oauth_client SET disabled = true WHERE NOT first_party"))

    assert not desk.clients.keep(replace(DESCRIBED, name="Another"), now)
    assert not desk.clients.keep(replace(APP, name="Another"), now)
    assert desk.clients.is_barred(DESCRIBED.client_id)
    assert not desk.clients.is_barred(APP.client_id)
    assert desk.clients.find(APP.client_id) == APP


def test_our_own_applications_are_at_addresses_that_may_be_registered() -> None:
    for client in own_clients("secret"):
        assert client.first_party
        assert all(map(is_acceptable, client.redirect_uris))
        assert ("authorization_code" in client.grant_types) == bool(client.redirect_uris)
