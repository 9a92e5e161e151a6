"""The applications of a product that was just set up, each with what it may ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters.sql.identity.clients import add
from shared.identity.clients import DEVICE_GRANT, REFRESH_GRANT, Client
from shared.identity.scopes import SCOPES, USER_SCOPES
from shared.identity.tokens import digest

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

SECRET = "mg-mcp-secret"  # noqa: S105 - the name of one
"""Secret of the one application that can keep one."""
DAY = timedelta(days=1)
READ_SCOPES = tuple(scope for scope in USER_SCOPES if scope.startswith("read:"))


def sample_clients(secret: str) -> tuple[Client, ...]:
    """Return a television, a browser, a telephone and the server for assistants.

    How long their sessions last is spec/auth §5.4's; a browser signs in again after a hundred
    rotations (§5.5).

    Args:
        secret: Of the server for assistants.
    """
    grants = (REFRESH_GRANT,)
    short = 7 * DAY, 30 * DAY
    return (
        Client("mg-tv", "Television", (DEVICE_GRANT, *grants), USER_SCOPES, 90 * DAY, 365 * DAY),
        Client("mg-web", "Browser", grants, SCOPES, *short, rotation_limit=100),
        Client("mg-mobile", "Telephone", grants, USER_SCOPES, *short),
        Client("mg-mcp", "Assistants", grants, READ_SCOPES, *short, secret_hash=digest(secret)),
    )


def add_sample_clients(engine: Engine, secret: str, *, now: datetime) -> int:
    """Make sure the sample's applications are registered; returns how many are new."""
    return add(engine, sample_clients(secret), now=now)
