"""The identity functions over a real database and a real Redis, with an issuer of their own."""

from __future__ import annotations

from base64 import b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import redis
from sqlalchemy import text

from shared.adapters import connect, sealing, signing
from shared.adapters.sql.identity import clients
from shared.identity.sessions import Device, Subject
from shared.kernel.clock import SystemClock
from shared.runtime import issuing, oauth, viewer
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity import ADA, AUDIENCE, BEN, CLIENTS, MCP, SECRET, WEB, add_users, new_line
from tests.fakes.surroundings import change
from tests.fakes.tokens import Authority, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from shared.identity.sessions import TokenSet

ISSUER = "https://issuer.example"
BASIC = {"authorization": "Basic " + b64encode(f"{MCP.client_id}:{SECRET}".encode()).decode()}
FORM = {"content-type": "application/x-www-form-urlencoded"}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class House:
    """The token and device functions, two accounts, and the sample's applications."""

    def __init__(self) -> None:
        self.tokens, self.devices = load("identity_token"), load("identity_device")
        clients.register(connect.engine(), CLIENTS, now=SystemClock().now())
        add_users(connect.engine(), ADA, BEN)

    def start(self, client_id: str = WEB.client_id, user: str = ADA) -> TokenSet:
        """Begin a session."""
        return issuing.sessions().start(
            Subject(user),
            Device(client_id),
            scopes=(),
            methods=["pwd"],
            authenticated_at=SystemClock().now(),
        )

    @staticmethod
    def forget() -> None:
        """Let what was made of the settings be made again."""
        oauth._desk.cache_clear()
        oauth._own_validator.cache_clear()

    async def post(self, path: str, *headers: dict[str, str], **form: str) -> Answer:
        """Send a form, with further header fields."""
        body, fields = urlencode(form).encode(), dict(FORM)
        for more in headers:
            fields |= more
        module = self.devices if path.startswith("/auth/device") else self.tokens
        return await ask(module.handle, "POST", path, body=body, headers=fields)

    async def refresh(self, token: str, client_id: str = WEB.client_id, **more: str) -> Answer:
        """Show a refresh token."""
        grant = {"grant_type": "refresh_token", "refresh_token": token, "client_id": client_id}
        return await self.post("/auth/token", **{**grant, **more})

    async def introspect(self, token: str) -> Any:  # noqa: ANN401 - JSON
        """Ask what a token is, as a confidential application."""
        answer = await self.post("/auth/introspect", BASIC, token=token)
        assert answer.status == 200, answer.body
        return answer.json

    async def as_user(
        self, method: str, path: str, said: object = None, *, tokens: TokenSet
    ) -> Answer:
        """Ask the device function as a signed-in user."""
        body = b"" if said is None else orjson.dumps(said)
        headers = {"authorization": f"Bearer {tokens.access_token}"}
        return await ask(self.devices.handle, method, path, body=body, headers=headers)


@contextmanager
def identity_house(patch: pytest.MonkeyPatch, redis_url: str) -> Iterator[House]:
    """Let this process issue tokens, and take them."""
    with redis.Redis.from_url(redis_url) as plain:
        plain.flushall()
    line = new_line()
    patch.setattr(signing, "secret", lambda _reference: line)
    patch.setattr(sealing, "secret", lambda _reference: "k" * 32)
    oauth.reset()
    public = signing.read_keys(line, "EdDSA").public
    shown = Authority(answer=(200, {"cache-control": "max-age=300"}, public))
    with serving(shown) as url:
        given = {"ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "JWKS_URL": url, "REDIS_URL": redis_url}
        change(patch, {f"MEDIA_GATEWAY_{name}": value for name, value in given.items()})
        viewer.reset()
        yield House()
        connect.redis().close()
        viewer.reset()
        oauth.reset()


def write(sql: str) -> None:
    """Change what is stored."""
    with connect.engine().begin() as connection:
        connection.execute(text(sql))


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with connect.engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]
