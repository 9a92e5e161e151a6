"""Ten invented viewers for a product that was just set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from shared.adapters.sql.statement import statement, translated
from shared.kernel import ids

if TYPE_CHECKING:
    from sqlalchemy import Engine

ADD = statement(__file__, "sample_users_add")
USERS = Path(__file__).parent / "sample_users.json"


def add_sample_users(engine: Engine) -> tuple[int, int]:
    """Make sure the sample's viewers exist; returns (how many there are, how many are new)."""
    users = orjson.loads(USERS.read_bytes())
    rows = [{"id": str(ids.named("sample-user", user["email"])), **user} for user in users]
    with translated("app_user"), engine.begin() as connection:
        added = connection.execute(ADD(), {"rows": orjson.dumps(rows).decode()}).rowcount
    return len(rows), added
