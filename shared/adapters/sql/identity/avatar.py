"""Whose picture is which: column ``avatar`` of ``app_user``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import statement
from shared.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from shared.identity.accounts import Told
    from shared.kernel.clock import Clock

SET = statement(__file__, "avatar_set")
WHAT = "avatar"


class SqlAvatarNames:
    """`shared.identity.avatar.AvatarNames`.

    Args:
        clock: Says when something changes.
        engine: Of the transactions.
    """

    def __init__(self, clock: Clock, engine: Callable[[], Engine] = connect.engine) -> None:
        self._clock, self._told = clock, Telling(WHAT, None, engine)

    def set(self, user_id: str, name: str, told: Told) -> str:
        """Give an account a picture, or none; see `shared.identity.avatar.AvatarNames`."""
        given = {"user_id": user_id, "name": name, "now": self._clock.now()}

        def work(connection: Connection) -> str:
            before = connection.execute(SET(), given).scalar_one_or_none()
            if before is None:
                raise NotFoundError("there is no such account any more")
            return str(before)

        return self._told.write(told, work)
