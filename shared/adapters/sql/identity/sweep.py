"""What the clock does to sessions: it tells of their end again, and forgets them one day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters.sql.statement import statement, translated
from shared.identity.browser import IDLE
from shared.identity.families import GRACE
from shared.identity.revocations import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine, TextClause

    from shared.identity.revocations import Revocations

ENDED = statement(__file__, "sweep_ended")
OUTDATED = statement(__file__, "sweep_outdated")
EXPIRE = statement(__file__, "sweep_expire")
UNSEAL = statement(__file__, "sweep_unseal")
FORGET_USED = statement(__file__, "sweep_forget_used")
FORGET_ENDED = statement(__file__, "sweep_forget_ended")
FORGET_MAILED = statement(__file__, "sweep_forget_mailed")
FORGET_BROWSERS = statement(__file__, "sweep_forget_browsers")
LIVING = statement(__file__, "sweep_living")

USED_KEPT = timedelta(days=7)
"""How long a used refresh token is known, so that showing it again ends its session."""
ENDED_KEPT = timedelta(days=30)
MAILED_KEPT = timedelta(days=1)
BROWSERS_KEPT = timedelta(days=1)
BACK = timedelta(hours=24)
"""How far back successors are looked for that are still sealed: sweeps may have stood still."""
MOST = 5000
"""Rows of one statement; the rest waits for the next minute."""


def tell_again(engine: Engine, revocations: Revocations, *, now: datetime) -> int:
    """Say once more which sessions have ended, in case Redis has forgotten; returns how many.

    Also below which version an account's tokens are dead, where that is of any use.

    Raises:
        UnavailableError: The database does not answer.
    """
    since = {"since": now - KEPT}
    with translated("token_family"), engine.connect() as connection:
        rows = connection.execute(ENDED(), since).all()
        outdated = connection.execute(OUTDATED(), since).all()
    revocations.sessions([str(row.family_id) for row in rows])
    versions = {(str(row.user_id), int(row.token_version)) for row in (*rows, *outdated)}
    for user_id, version in versions:
        revocations.version(user_id, version)
    return len(rows)


def living(engine: Engine, *, now: datetime) -> dict[str, int]:
    """Return how many sessions of applications, and of browsers, live.

    Raises:
        UnavailableError: The database does not answer.
    """
    with translated("token_family"), engine.connect() as connection:
        found = connection.execute(LIVING(), {"now": now, "used_since": now - IDLE}).one()
    return {"application": int(found.applications), "browser": int(found.browsers)}


def tidy(engine: Engine, *, now: datetime) -> dict[str, int]:
    """End sessions whose time is over and forget what is of no use; returns how many rows of each.

    Raises:
        UnavailableError: The database does not answer.
    """
    steps: dict[str, tuple[Callable[[], TextClause], dict[str, Any]]] = {
        "expired": (EXPIRE, {"now": now, "most": MOST}),
        "unsealed": (UNSEAL, {"before": now - GRACE, "after": now - BACK}),
        "used": (FORGET_USED, {"before": now - USED_KEPT, "most": MOST}),
        "ended": (FORGET_ENDED, {"before": now - ENDED_KEPT, "most": MOST}),
        "mailed": (FORGET_MAILED, {"before": now - MAILED_KEPT, "most": MOST}),
        "browsers": (FORGET_BROWSERS, {"before": now - BROWSERS_KEPT, "most": MOST}),
    }
    found = {}
    for name, (written, given) in steps.items():
        with translated(name), engine.begin() as connection:
            found[name] = int(connection.execute(written(), given).rowcount)
    return found
