"""Tokens that mails carry: table ``one_time_token``, by their SHA-256."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from shared.adapters.sql.statement import statement
from shared.identity.accounts import MailTokenSpentError, MailTokenUnknownError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from shared.identity.accounts import Purpose

ADD = statement(__file__, "one_time_add")
OWNER = statement(__file__, "one_time_owner")
TAKE = statement(__file__, "one_time_take")
SPEND = statement(__file__, "one_time_spend")
PURGE = statement(__file__, "one_time_purge")

KEPT = timedelta(days=7)
"""How long a token that ended is still known."""
SPENT = "the token was used, or its time is over: ask for another mail"


def add(
    connection: Connection, token: str, purpose: Purpose, user_id: str, *, now: datetime
) -> None:
    """Keep a new token of an account."""
    times = {"now": now, "expires_at": now + purpose.life}
    connection.execute(ADD(), {**_which(token, purpose), "user_id": user_id, **times})


def owner(connection: Connection, token: str, purpose: Purpose, now: datetime) -> Any:  # noqa: ANN401 - a row
    """Return the row of whose a token is.

    Raises:
        MailTokenUnknownError: Nobody's.
        MailTokenSpentError: It was used, or its time is over.
    """
    row = connection.execute(OWNER(), {**_which(token, purpose), "now": now}).first()
    if row is None:
        raise MailTokenUnknownError("no mail of ours carried this token")
    if not row.usable:
        raise MailTokenSpentError(SPENT)
    return row


def take(connection: Connection, token: str, purpose: Purpose, now: datetime) -> str:
    """Use a token up in the caller's transaction and return whose it was.

    Raises:
        MailTokenSpentError: It was used, or its time is over.
    """
    found = connection.execute(TAKE(), {**_which(token, purpose), "now": now}).scalar_one_or_none()
    if found is None:
        raise MailTokenSpentError(SPENT)
    return str(found)


def spend(connection: Connection, user_id: str, purpose: Purpose, now: datetime) -> None:
    """Use up every token that an account has for a purpose."""
    connection.execute(SPEND(), {"user_id": user_id, "purpose": purpose.value, "now": now})


def purge(connection: Connection, now: datetime) -> int:
    """Forget tokens that ended long ago; returns how many."""
    return connection.execute(PURGE(), {"before": now - KEPT}).rowcount


def _which(token: str, purpose: Purpose) -> dict[str, Any]:
    return {"token_hash": sha256(token.encode()).digest(), "purpose": purpose.value}
