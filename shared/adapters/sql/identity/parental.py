"""Parental controls: table ``parental_control``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.identity.sessions import OUTDATE, OWNER
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.parental import NONE_SET, Controls, closes
from shared.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told
    from shared.identity.revocations import Revocations
    from shared.kernel.clock import Clock

CARRY = statement(__file__, "browser_carry")
FIND = statement(__file__, "parental_find")
PUT = statement(__file__, "parental_put")
WHAT = "parental controls"


class SqlParentalControls:
    """`shared.identity.parental.ParentalControls`.

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

    def find(self, user_id: str) -> Controls:
        """Return an account's, `NONE_SET` where nobody has set any."""
        with translated(WHAT), self._engine().connect() as connection:
            return find(connection, user_id)

    def change(self, user_id: str, decide: Callable[[Controls], Controls], told: Told) -> Controls:
        """Keep what is decided over what is kept; see `shared.identity.parental`."""
        now = self._clock.now()

        def work(connection: Connection) -> tuple[Controls, int | None]:
            lock(connection, user_id)
            kept = find(connection, user_id)
            wanted = decide(kept)
            _put(connection, user_id, wanted, now)
            outdates = closes(kept.in_force, wanted.in_force)
            return wanted, outdate(connection, user_id, now) if outdates else None

        wanted, version = self._told.write(told, work)
        if version is not None:
            self._revocations.version(user_id, version)
        return wanted

    def tell(self, told: Told) -> None:
        """Write what is to be told, and nothing else."""
        self._told.write(told, lambda _connection: None)


def lock(connection: Connection, user_id: str) -> None:
    """Let nobody else change an account's household, nor begin a session, until the commit.

    Raises:
        NotFoundError: The account is gone.
    """
    if connection.execute(OWNER(), {"user_id": user_id}).first() is None:
        raise NotFoundError("there is no such account any more")


def outdate(connection: Connection, user_id: str, now: datetime) -> int:
    """Make every access token of an account one of an earlier version, and return the new one.

    Sessions go on, those of browsers on our own pages too.
    """
    given = {"user_id": user_id, "now": now}
    version = int(connection.execute(OUTDATE(), given).scalar_one())
    connection.execute(CARRY(), {"user_id": user_id, "version": version})
    return version


def find(connection: Connection, user_id: str) -> Controls:
    """Return an account's controls, `NONE_SET` where nobody has set any."""
    row = connection.execute(FIND(), {"user_id": user_id}).first()
    if row is None:
        return NONE_SET
    return Controls(
        enabled=row.enabled,
        max_rating=row.max_rating,
        blocked_genres=tuple(row.blocked_genres),
        start=row.viewing_start,
        end=row.viewing_end,
        timezone=row.timezone,
        pin_hash=row.pin_hash,
    )


def _put(connection: Connection, user_id: str, wanted: Controls, now: datetime) -> None:
    given = {
        **vars(wanted),
        "viewing_start": wanted.start,
        "viewing_end": wanted.end,
        "blocked_genres": array(wanted.blocked_genres),
    }
    connection.execute(PUT(), {**given, "user_id": user_id, "now": now})
