"""An issuer with keys of its own, applications, and accounts, for tests of sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
from joserfc.jwk import OKPKey
from sqlalchemy import text

from shared.adapters.signing import read_keys
from shared.identity.clients import DEVICE_GRANT, REFRESH_GRANT, Client
from shared.identity.exchange import EXCHANGE_GRANT
from shared.identity.scopes import USER_SCOPES
from shared.identity.tokens import Issuer, digest
from shared.kernel import ids
from shared.kernel.ids import TimeOrderedIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from shared.adapters.signing import Keys
    from shared.kernel.clock import Clock

ISSUER = "https://issuer.example"
AUDIENCE = "media-gateway"
ADA = str(ids.named("user", "ada"))
BEN = str(ids.named("user", "ben"))
SECRET = "the-secret-of-a-confidential-client"  # noqa: S105 - of tests
DAY = timedelta(days=1)
TV = Client("mg-tv", "Television", (DEVICE_GRANT, REFRESH_GRANT), USER_SCOPES, 90 * DAY, 365 * DAY)
WEB = Client(
    "mg-web", "Browser", (REFRESH_GRANT,), USER_SCOPES, 7 * DAY, 30 * DAY, rotation_limit=100
)
MCP = Client(
    "mg-mcp",
    "Assistants",
    (EXCHANGE_GRANT, REFRESH_GRANT),
    ("read:content", "read:watchlist"),
    7 * DAY,
    30 * DAY,
    secret_hash=digest(SECRET),
)
CLIENTS = (TV, WEB, MCP)


def new_line() -> str:
    """Return a private key as a line of the secret."""
    return orjson.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)).decode()


def new_keys() -> Keys:
    """Return keys of which one signs."""
    return read_keys(new_line(), "EdDSA")


def issuer(clock: Clock, keys: Keys | None = None) -> Issuer:
    """Return an issuer under a clock."""
    return Issuer(ISSUER, AUDIENCE, keys or new_keys(), clock, TimeOrderedIds(clock))


def add_users(engine: Engine, *user_ids: str) -> None:
    """Make accounts that may sign in."""
    with engine.begin() as connection:
        for user_id in user_ids:
            connection.execute(
                text(
                    "INSERT INTO app_user (id, email, name, region, language, created_at)"
                    " VALUES (:id, :email, 'A viewer', 'DE', 'de', now())"
                ),
                {"id": user_id, "email": f"{user_id}@sample.invalid"},
            )


@dataclass
class Told:
    """`shared.identity.revocations.Revocations` that keeps what it is told."""

    dead: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    answers: bool = True

    def sessions(self, family_ids: Sequence[str]) -> bool:
        """Take sessions."""
        self.dead += family_ids
        return self.answers

    def token(self, token_id: str, life: timedelta) -> bool:
        """Take a token."""
        assert life > timedelta(0)
        self.dead.append(token_id)
        return self.answers

    def version(self, user_id: str, version: int) -> bool:
        """Take a version; a later one stays."""
        self.versions[user_id] = max(version, self.versions.get(user_id, 0))
        return self.answers
