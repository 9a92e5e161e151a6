"""Users' own view of their account, and what they change of it: table ``app_user``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.sql.statement import statement
from shared.identity.avatar import url_of
from shared.identity.profile import MOST_BYTES, Profile, merged
from shared.kernel.errors import FieldIssue, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, TextClause

    from shared.identity.profile import ProfileChange

READ = statement(__file__, "accounts_profile")
LOCKED = statement(__file__, "accounts_profile_locked")
CHANGE = statement(__file__, "accounts_profile_change")
WHAT = "profile"


def read(connection: Connection, user_id: str) -> Profile:
    """Return a user's profile.

    Raises:
        NotFoundError: The account is gone.
    """
    return _profile(connection, READ(), user_id)


def locked(connection: Connection, user_id: str) -> Profile:
    """Return a user's profile, which stays so until the caller's transaction ends.

    Raises:
        NotFoundError: The account is gone.
    """
    return _profile(connection, LOCKED(), user_id)


def change(connection: Connection, kept: Profile, wish: ProfileChange, *, now: datetime) -> Profile:
    """Write a change over a locked profile and return what it is now.

    Raises:
        InvalidInputError: The preferences would be too many.
    """
    preferences = merged(kept.preferences, wish.preferences)
    written = orjson.dumps(preferences)
    if len(written) > MOST_BYTES:
        issue = FieldIssue("preferences", "too-large", f"keep them below {MOST_BYTES} bytes")
        raise InvalidInputError("the preferences are too many", issues=[issue])
    given = {"display_name": wish.display_name, "region": wish.region, "now": now}
    connection.execute(CHANGE(), {"user_id": kept.id, "preferences": written.decode(), **given})
    return read(connection, kept.id)


def _profile(connection: Connection, what: TextClause, user_id: str) -> Profile:
    row = connection.execute(what, {"user_id": user_id}).mappings().first()
    if row is None:
        raise NotFoundError("there is no such account any more")
    said: dict[str, Any] = dict(row)
    name, created = said.pop("name"), said.pop("created_at").isoformat()
    avatar = said.pop("avatar")
    found = {
        **said,
        "id": str(row["id"]),
        "display_name": name,
        "avatar_url": url_of(avatar) if avatar else None,
        "created_at": created,
    }
    return Profile.model_validate(found)
