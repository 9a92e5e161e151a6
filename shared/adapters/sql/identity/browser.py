"""Sessions of browsers: table ``browser_session``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.browser import (
    IDLE,
    LIFE,
    SESSION_PREFIX,
    BrowserLine,
    BrowserSession,
    form_token,
    is_cookie,
    new_cookie,
)
from shared.identity.sessions import SessionRefusedError
from shared.identity.tokens import digest
from shared.kernel.ids import TimeOrderedIds

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from shared.identity.proof import Proof
    from shared.kernel.clock import Clock

START = statement(__file__, "browser_start")
FIND = statement(__file__, "browser_find")
END = statement(__file__, "browser_end")
END_ONE = statement(__file__, "browser_end_one")
OF = statement(__file__, "browser_of")
WHAT = "browser_session"


class SqlBrowserSessions:
    """`shared.identity.browser.BrowserSessions`; every call is one statement.

    Args:
        clock: The time.
        engine: Of the transactions.
    """

    def __init__(self, clock: Clock, engine: Callable[[], Engine] = connect.engine) -> None:
        self._clock, self._engine = clock, engine
        self._ids = TimeOrderedIds(clock)

    def start(self, proof: Proof, network: str = "", *, user_agent: str = "") -> str:
        """Return the cookie of a new session; see `shared.identity.browser.BrowserSessions`."""
        cookie, now = new_cookie(SESSION_PREFIX), self._clock.now()
        given = {
            "session_id": str(self._ids.new()),
            "cookie_hash": digest(cookie),
            "user_id": proof.account.id,
            "version": proof.account.version,
            "methods": array(proof.methods),
            "authenticated_at": proof.at,
            "now": now,
            "expires_at": now + LIFE,
            "user_agent": user_agent,
            "network": network,
        }
        with translated(WHAT), self._engine().begin() as connection:
            made = connection.execute(START(), given).rowcount
        if not made:
            raise SessionRefusedError("the account may not sign in, or all its sessions just ended")
        return cookie

    def find(self, cookie: str) -> BrowserSession | None:
        """Return the session of a cookie, None where there is none or it is over."""
        if not is_cookie(cookie) or not cookie.startswith(SESSION_PREFIX):
            return None
        given = {"cookie_hash": digest(cookie), **self._times()}
        with translated(WHAT), self._engine().begin() as connection:
            row = connection.execute(FIND(), given).first()
        if row is None:
            return None
        return BrowserSession(
            id=str(row.session_id),
            user_id=str(row.user_id),
            methods=tuple(row.methods),
            authenticated_at=row.authenticated_at,
            csrf=form_token(cookie),
            version=row.token_version,
        )

    def end(self, cookie: str) -> None:
        """End the session of a cookie; where there is none, nothing happens."""
        given = {"cookie_hash": digest(cookie), "now": self._clock.now()}
        with translated(WHAT), self._engine().begin() as connection:
            connection.execute(END(), given)

    def of(self, user_id: str) -> tuple[BrowserLine, ...]:
        """Return the live sessions of a user, the one used last first."""
        given = {"user_id": user_id, **self._times()}
        with translated(WHAT), self._engine().connect() as connection:
            rows = connection.execute(OF(), given).all()
        return tuple(
            BrowserLine(
                id=str(row.session_id),
                user_agent=row.user_agent,
                network=row.network,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
            )
            for row in rows
        )

    def end_one(self, user_id: str, session_id: str) -> bool:
        """End a session of a user's; False where they have no such session."""
        given = {"user_id": user_id, "session_id": session_id, "now": self._clock.now()}
        with translated(WHAT), self._engine().begin() as connection:
            return bool(connection.execute(END_ONE(), given).rowcount)

    def _times(self) -> dict[str, Any]:
        now = self._clock.now()
        return {"now": now, "used_since": now - IDLE}
