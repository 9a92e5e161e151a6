"""Ten invented viewers for a product that was just set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from shared.adapters.sql.statement import statement, translated
from shared.kernel import ids

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.identity.passwords import Hasher

ADD = statement(__file__, "sample_users_add")
BARE = statement(__file__, "sample_users_bare")
PASSWORD = statement(__file__, "sample_users_password")
SECRET = "sample-password"  # noqa: S105 - the name of one
"""Secret with the one password of the sample's viewers; only a local cloud has it."""
USERS = Path(__file__).parent / "sample_users.json"


def add_sample_users(engine: Engine) -> tuple[int, int]:
    """Make sure the sample's viewers exist; returns (how many there are, how many are new)."""
    users = orjson.loads(USERS.read_bytes())
    rows = [{"id": str(ids.named("sample-user", user["email"])), **user} for user in users]
    with translated("app_user"), engine.begin() as connection:
        added = connection.execute(ADD(), {"rows": orjson.dumps(rows).decode()}).rowcount
    return len(rows), added


def let_in(engine: Engine, password: str, hasher: Hasher) -> int:
    """Let the sample's viewers sign in with one password; returns how many could not before.

    For a machine of one's own alone: whoever knows the password is any of them.
    """
    with translated("app_user"), engine.begin() as connection:
        bare = connection.execute(BARE()).scalars().all()
        for user_id in bare:
            given = {"user_id": user_id, "password_hash": hasher.hash(password)}
            connection.execute(PASSWORD(), given)
    return len(bare)
