"""Limits of accounts and profiles, as rows of several statements say them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters.sql.statement import statement
from shared.identity.limits import Limits, Window

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

LIMITS = statement(__file__, "sessions_limits")


def of_profile(connection: Connection, user_id: str, profile_id: str = "") -> Limits | None:
    """Return what a profile may see, None where the account has no such profile.

    Args:
        connection: Of a transaction.
        user_id: The account.
        profile_id: Empty for the account's own.
    """
    given = {"user_id": user_id, "profile_id": profile_id or None}
    row = connection.execute(LIMITS(), given).first()
    return None if row is None else to_limits(row)


def to_limits(row: Row[Any]) -> Limits:
    """Return the stricter of an account's and a profile's limits; missing ones are none."""
    account = Limits(
        row.account_rating or "",
        tuple(row.account_blocked or ()),
        _window(row),
        declined=tuple(row.declined or ()),
    )
    return account.within(Limits(row.profile_rating or "", tuple(row.profile_blocked or ())))


def _window(row: Row[Any]) -> Window | None:
    if row.viewing_start is None:
        return None
    return Window(row.viewing_start, row.viewing_end, row.timezone)
