"""Households: table ``household_profile``, and whom sessions of ``token_family`` are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from shared.adapters import connect
from shared.adapters.sql.identity import parental
from shared.adapters.sql.identity.families import session
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.household import (
    Chosen,
    HouseholdFullError,
    HouseholdProfile,
    NoSessionError,
    OwnProfileError,
    ProfileNotFoundError,
)
from shared.identity.parental import closes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told
    from shared.identity.families import Family
    from shared.identity.parental import Controls
    from shared.identity.revocations import Revocations
    from shared.kernel.clock import Clock

ALL = statement(__file__, "household_all")
PUT = statement(__file__, "household_put")
END = statement(__file__, "household_end")
REMOVE = statement(__file__, "household_remove")
HELD = statement(__file__, "household_session")
SELECT = statement(__file__, "household_select")
WHAT = "household"
Found = TypeVar("Found")


class SqlHousehold:
    """`shared.identity.household.Household`.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        revocations: Tells services which access tokens are dead.
        clock: Says when something changes.
        engine: Of the transactions.
    """

    def __init__(
        self,
        publisher: Publisher | None,
        revocations: Revocations,
        clock: Clock,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._revocations, self._clock, self._engine = revocations, clock, engine
        self._told = Telling(WHAT, publisher, engine)

    def all_of(self, user_id: str) -> tuple[HouseholdProfile, ...]:
        """Return the owner's profile and then the others, the oldest first."""
        with translated(WHAT), self._engine().connect() as connection:
            return _all(connection, user_id)

    def one_of(self, user_id: str, profile_id: str) -> HouseholdProfile:
        """Return one; see `shared.identity.household.Household`."""
        with translated(WHAT), self._engine().connect() as connection:
            return _one(connection, user_id, profile_id)

    def add(self, user_id: str, profile: HouseholdProfile, most: int, told: Told) -> None:
        """Keep a new profile; see `shared.identity.household.Household`."""

        def work(connection: Connection) -> None:
            parental.lock(connection, user_id)
            if len(_all(connection, user_id)) >= most:
                raise HouseholdFullError(f"a household of this plan has {most} profiles at most")
            _put(connection, user_id, profile, self._clock.now())

        self._told.write(told, work)

    def change(
        self,
        user_id: str,
        profile_id: str,
        decide: Callable[[HouseholdProfile, Controls], HouseholdProfile],
        told: Told,
    ) -> HouseholdProfile:
        """Keep what is decided over what is kept; see `shared.identity.household.Household`."""
        now = self._clock.now()

        def work(connection: Connection) -> tuple[HouseholdProfile, int | None]:
            kept = _others(connection, user_id, profile_id)
            wanted = decide(kept, parental.find(connection, user_id))
            _put(connection, user_id, wanted, now)
            outdates = closes(kept.limits, wanted.limits)
            return wanted, parental.outdate(connection, user_id, now) if outdates else None

        wanted, version = self._told.write(told, work)
        if version is not None:
            self._revocations.version(user_id, version)
        return wanted

    def remove(
        self, user_id: str, profile_id: str, allow: Callable[[Controls], None], told: Told
    ) -> None:
        """Forget a profile and end its sessions; see `shared.identity.household.Household`."""
        which = {"user_id": user_id, "profile_id": profile_id}

        def work(connection: Connection) -> list[str]:
            _others(connection, user_id, profile_id)
            allow(parental.find(connection, user_id))
            ended = connection.execute(END(), {**which, "now": self._clock.now()}).scalars().all()
            connection.execute(REMOVE(), which)
            return [str(each) for each in ended]

        self._revocations.sessions(self._told.write(told, work))

    def select(
        self,
        family_id: str,
        user_id: str,
        profile_id: str,
        allow: Callable[[Chosen, Controls], None],
        told: Told,
    ) -> Family:
        """Let a session go on as somebody else; see `shared.identity.household.Household`."""

        def work(connection: Connection) -> Family:
            parental.lock(connection, user_id)
            before = _viewer(connection, user_id, family_id)
            after = _one(connection, user_id, profile_id)
            allow(Chosen(before, after), parental.find(connection, user_id))
            given = {"family_id": family_id, "profile_id": None if after.is_owner else after.id}
            connection.execute(SELECT(), given)
            return session(connection, family_id)

        return self._told.write(told, work)


def _all(connection: Connection, user_id: str) -> tuple[HouseholdProfile, ...]:
    rows = connection.execute(ALL(), {"user_id": user_id}).mappings()
    return tuple(_profile(dict(row)) for row in rows)


def _profile(row: dict[str, Any]) -> HouseholdProfile:
    said = {"id": str(row["id"]), "blocked_genres": tuple(row["blocked_genres"])}
    return HouseholdProfile(**{**row, **said})


def _one(connection: Connection, user_id: str, profile_id: str) -> HouseholdProfile:
    found = next((each for each in _all(connection, user_id) if each.id == profile_id), None)
    if found is None:
        raise ProfileNotFoundError(profile_id)
    return found


def _others(connection: Connection, user_id: str, profile_id: str) -> HouseholdProfile:
    """Return a profile that is not the owner's, which nobody else changes until the commit."""
    parental.lock(connection, user_id)
    found = _one(connection, user_id, profile_id)
    if found.is_owner:
        raise OwnProfileError("the owner's profile is the account: see /api/v1/users/me")
    return found


def _viewer(connection: Connection, user_id: str, family_id: str) -> HouseholdProfile:
    """Return whose a session is now; nobody changes that until the commit."""
    row = connection.execute(HELD(), {"family_id": family_id, "user_id": user_id}).first()
    if row is None:
        raise NoSessionError("the token is of no session that could go on as somebody else")
    return _one(connection, user_id, str(row.profile_id or user_id))


def _put(connection: Connection, user_id: str, profile: HouseholdProfile, now: datetime) -> None:
    given = {**vars(profile), "blocked_genres": array(profile.blocked_genres)}
    connection.execute(PUT(), {**given, "user_id": user_id, "now": now})
