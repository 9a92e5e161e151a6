"""Copies of what is kept of users: table ``user_export``, and what goes into one."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql.identity import one_time
from shared.adapters.sql.identity.sessions import OWNER
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import statement, translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.identity.accounts import Purpose
from shared.identity.export import (
    KEPT,
    PAUSE,
    ExportLimitError,
    ExportMissingError,
    archived,
    place,
)
from shared.identity.mail import Asked, requested

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told
    from shared.identity.refreshing import Sealer
    from shared.kernel.ids import Ids

PARTS = {
    name: statement(__file__, f"export_{name}")
    for name in (
        "acts",
        "api_keys",
        "authenticators",
        "browser_sessions",
        "consents",
        "exports",
        "household",
        "identities",
        "parental_controls",
        "passkeys",
        "privacy",
        "profile",
        "sessions",
        "webhooks",
    )
}
"""A file of the archive each."""
LAST = statement(__file__, "export_last")
ADD = statement(__file__, "export_add")
WANTED = statement(__file__, "export_wanted")
BUILT = statement(__file__, "export_built")
SEALED = statement(__file__, "export_sealed")
FORGET = statement(__file__, "export_forget")
WHAT = "user_export"


class SqlExports:
    """Copies that users ask for.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        sealer: Seals copies and opens them; asked for when there is one.
        engine: Of the transactions.
    """

    def __init__(
        self,
        publisher: Publisher,
        sealer: Callable[[], Sealer],
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._told, self._publisher = Telling(WHAT, publisher, engine), publisher
        self._sealer, self._engine = sealer, engine

    def ask(self, export_id: UUID, user_id: str, now: datetime, told: Told) -> None:
        """Note that a copy is to be built; `told` asks for it.

        Raises:
            ExportLimitError: The last one was asked for within a day.
        """
        given = {"id": export_id, "user_id": user_id, "now": now}

        def work(connection: Connection) -> None:
            connection.execute(OWNER(), given)  # one after the other
            last = connection.execute(LAST(), given).scalar_one_or_none()
            if last is not None and now < last + PAUSE:
                wait = (last + PAUSE - now).total_seconds()
                raise ExportLimitError("a copy was asked for today", retry_after_seconds=wait)
            connection.execute(ADD(), given)

        self._told.write(told, work)

    def download(self, token: str, now: datetime) -> tuple[str, bytes]:
        """Return whose the code of a mail is, and their newest copy.

        Raises:
            MailTokenUnknownError: No mail of ours carried it.
            MailTokenSpentError: Its time is over.
            ExportMissingError: The copy is not kept any more.
        """
        with translated(WHAT), self._engine().connect() as connection:
            owner = str(one_time.owner(connection, token, Purpose.DOWNLOAD, now).id)
            row = connection.execute(SEALED(), {"user_id": owner, "now": now}).first()
        if row is None:
            raise ExportMissingError("the copy is not kept any more; ask for another")
        return owner, b64decode(self._sealer().open(row.sealed, place=place(str(row.id))))

    def build(self, export_id: UUID, now: datetime, ids: Ids) -> bool:
        """Build a copy and ask for the letter that tells of it; False where there is nothing to do.

        One transaction: a crash leaves it unbuilt, and its event comes again.
        """
        with translated(WHAT), self._engine().begin() as connection:
            owner = connection.execute(WANTED(), {"id": export_id}).scalar_one_or_none()
            if owner is None:
                return False
            written = b64encode(archived(collected(connection, str(owner)))).decode()
            sealed = self._sealer().seal(written, place=place(str(export_id)))
            given = {"id": export_id, "sealed": sealed, "now": now, "expires_at": now + KEPT}
            connection.execute(BUILT(), given)
            letter = requested(Asked.EXPORTED, ids.new(), now, user_id=str(owner))
            rows = Outbox.add(connection, [letter])
        publish_now(self._engine(), self._publisher, rows)
        return True


def collected(connection: Connection, user_id: str) -> dict[str, Any]:
    """Return everything that is kept of a user, by the name of its file; never what opens it."""
    found: dict[str, Any] = {}
    for name, part in PARTS.items():
        rows = connection.execute(part(), {"user_id": user_id}).mappings()
        found[name] = [dict(row) for row in rows]
    found["profile"] = found["profile"][0] if found["profile"] else {}
    return found


def forget(connection: Connection, now: datetime) -> int:
    """Forget copies whose time is over; returns how many."""
    return int(connection.execute(FORGET(), {"now": now}).rowcount)
