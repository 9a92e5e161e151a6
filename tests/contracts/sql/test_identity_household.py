"""Households in PostgreSQL: sessions of a profile, and changes that meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine

from shared.adapters.sql.identity import clients
from shared.adapters.sql.identity.families import SqlFamilies
from shared.adapters.sql.identity.household import SqlHousehold
from shared.adapters.sql.identity.parental import SqlParentalControls
from shared.adapters.sql.identity.sessions import SqlSessions
from shared.catalog.values import GENRES
from shared.identity.accounts import Told as Noted
from shared.identity.device import Started, approval_of
from shared.identity.household import HouseholdProfile
from shared.identity.sessions import Device, SessionRefusedError, Subject
from shared.identity.tokens import digest
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Kind, Principal
from tests.fakes.accounts_house import Outgoing
from tests.fakes.household import claims, read
from tests.fakes.identity import ADA, BEN, CLIENTS, WEB, Told, add_users, issuer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from shared.identity.parental import Controls
    from shared.identity.sessions import TokenSet


class Home:
    """Ada's household, and what keeps it."""

    def __init__(self, engine: Engine) -> None:
        self.clock, self.told = FixedClock(), Told()
        self.issuer = issuer(self.clock)
        place: dict[str, Any] = {"engine": lambda: engine}
        self.sessions = SqlSessions(self.issuer, self.told, **place)
        self.families = SqlFamilies(lambda: engine, **place)
        self.household = SqlHousehold(Outgoing(), self.told, self.clock, **place)
        self.controls = SqlParentalControls(Outgoing(), self.told, self.clock, **place)
        clients.register(engine, CLIENTS, now=self.clock.now())
        add_users(engine, ADA, BEN)

    def noted(self) -> Noted:
        """Return what the log is told of an act of Ada's."""
        return Noted(
            AuditEvent(
                id=self.issuer.ids.new(), occurred_at=self.clock.now(), actor_id=ADA,
                actor_type=ActorType.USER, action="PREFERENCE_CHANGE",
            )
        )  # fmt: skip

    def child(self, rating: str = "PG") -> str:
        """Add a child's profile and return its id."""
        made = HouseholdProfile(
            str(self.issuer.ids.new()), "Tomás", "es", self.clock.now(), True, rating
        )
        self.household.add(ADA, made, 5, self.noted())
        return made.id

    def set(self, **said: Any) -> Controls:  # noqa: ANN401 - fields of controls
        """Change Ada's controls."""
        return self.controls.change(
            ADA, lambda kept: replace(kept, enabled=True, **said), self.noted()
        )

    def start(self, user: str = ADA, *, audience: str = "", **subject: Any) -> TokenSet:  # noqa: ANN401 - fields of a subject
        """Begin a session on a new device."""
        found = self.families.subject(user)
        assert found is not None
        return self.sessions.start(
            replace(found, **subject),
            Device(WEB.client_id),
            scopes=(),
            methods=["pwd"],
            authenticated_at=self.clock.now(),
            audience=audience,
        )


@pytest.fixture
def home(database: str) -> Iterator[Home]:
    """A household to which eight may speak at once."""
    engine = create_engine(database, pool_size=8)
    yield Home(engine)
    engine.dispose()


def test_a_session_of_a_profile_says_so_and_has_its_ceiling(home: Home) -> None:
    child = home.child("G")
    home.set(max_rating="PG", blocked_genres=("Horror",))
    tokens = home.start(profile_id=child)
    who, kept = read(tokens.access_token), home.families.show(digest(tokens.refresh_token))

    assert (who.sub, who.pid, who.max_rating) == (ADA, child, "G")
    assert who.blocked_genres == ("Horror",)
    assert kept is not None
    assert kept.family.subject.profile_id == child
    assert kept.family.limits.max_rating == "G"


def test_what_is_changed_is_what_the_next_token_of_a_session_says(home: Home) -> None:
    tokens = home.start()
    home.set(max_rating="PG-13")
    kept = home.families.show(digest(tokens.refresh_token))
    assert kept is not None
    assert (kept.family.limits.max_rating, kept.family.subject.version) == ("PG-13", 2)
    assert home.told.versions == {ADA: 2}


def test_nobody_has_a_session_as_a_profile_of_another_household(home: Home) -> None:
    child = home.child()
    for user, profile in ((BEN, child), (ADA, BEN)):
        with pytest.raises(SessionRefusedError):
            home.start(user, profile_id=profile)


def test_a_session_is_for_the_resource_that_was_asked_for(home: Home) -> None:
    elsewhere, here = home.start(audience="https://mcp.example"), home.start()
    assert claims(elsewhere.access_token)["aud"] == "https://mcp.example"
    assert claims(here.access_token)["aud"] == home.issuer.audience
    kept = home.families.show(digest(elsewhere.refresh_token))
    assert kept is not None
    assert kept.family.audience == "https://mcp.example"


def test_a_device_begins_as_the_viewer_who_let_it_in(home: Home) -> None:
    child = home.child()
    waiting = Started("mg-tv", ("read:content",), home.clock.now())
    approvals = [
        approval_of(who, waiting, None, home.clock.now()) for who in (viewer(ADA), viewer(child))
    ]
    assert [approval.profile_id for approval in approvals] == ["", child]
    assert home.families.subject(ADA, child) == Subject(ADA, region="DE", profile_id=child)


def viewer(profile: str) -> Principal:
    """Return whom a token of one of Ada's viewers speaks of."""
    return Principal(Kind.USER, sub=ADA, pid=profile, roles=frozenset({"user"}))


def test_of_many_changes_at_once_none_is_lost(home: Home) -> None:
    def block(genre: str) -> None:
        home.controls.change(
            ADA,
            lambda kept: replace(kept, enabled=True, blocked_genres=(*kept.blocked_genres, genre)),
            home.noted(),
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(block, GENRES))

    assert sorted(home.controls.find(ADA).blocked_genres) == sorted(GENRES)
    subject = home.families.subject(ADA)
    assert subject is not None
    assert subject.version == home.told.versions[ADA] == 1 + len(GENRES)


def test_no_session_that_begins_meanwhile_has_an_older_ceiling_and_the_newer_version(
    home: Home,
) -> None:
    def begin(_: int) -> Principal | None:
        with suppress(SessionRefusedError):
            return read(home.start().access_token)
        return None

    with ThreadPoolExecutor(8) as pool:
        before = [pool.submit(begin, n) for n in range(12)]
        home.set(max_rating="PG")
        after = [pool.submit(begin, n) for n in range(12)]
        begun = [found for each in (*before, *after) if (found := each.result())]

    assert {(who.version, who.max_rating) for who in begun} <= {(1, ""), (2, "PG")}
    assert (2, "PG") in {(who.version, who.max_rating) for who in begun}
