"""What is one user's is not there for another, on every route that names something of a user's."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest

from functions.manifest import read_all
from functions.route import Auth
from shared.kernel import ids
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity import ADA, BEN
from tests.fakes.identity_house import House, rows, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.route import Route

ID = str(UUID(int=77))
DIGEST = sha256(b"").hexdigest()
HIS = {
    "/api/v1/auth/api-keys/{id}": (
        "api_key",
        """id, user_id, name, prefix, key_hash, scopes,
        rate_limit_per_minute, created_at, expires_at""",
        f"""'{ID}', '{ADA}', 'a', 'mg_test_abc', decode('{DIGEST}', 'hex'), '{{read:content}}',
        60, now(), now() + interval '1 day'""",
    ),
    "/api/v1/auth/consents/{id}": (
        "user_consent",
        "user_id, client_id, scopes, version, granted_at",
        f"'{ADA}', 'mg-tv', '{{read:content}}', 1, now()",
    ),
    "/api/v1/auth/identities/{provider}": (
        "identity",
        "provider, subject, user_id, linked_at",
        f"'google', '1', '{ADA}', now()",
    ),
    "/api/v1/auth/passkeys/{id}": (
        "passkey",
        "id, user_id, credential_id, public_key, sign_count, name, backed_up, created_at",
        f"'{ID}', '{ADA}', '\\x01', '\\x01', 0, 'key', false, now()",
    ),
    "/api/v1/auth/sessions/{id}": ("token_family", "", ""),
    "/api/v1/users/me/profiles/{id}": (
        "household_profile",
        "id, user_id, name, is_child, language, created_at, updated_at",
        f"'{ID}', '{ADA}', 'Kim', false, 'en', now(), now()",
    ),
    "/api/v1/webhook-subscriptions/{id}": (
        "webhook_subscription",
        "id, owner, url, event_types, sealed_secret, created_at",
        f"'{ID}', '{ADA}', 'https://a.example', '{{availability.changed}}', 'x', now()",
    ),
}
"""By the path that names it: table, columns and values of something of Ada's; her session is
there without."""
BODIES: dict[str, object] = {
    "PATCH /api/v1/auth/passkeys/{id}": {"name": "mine"},
    "PATCH /api/v1/users/me/profiles/{id}": {"name": "mine"},
    "POST /api/v1/auth/api-keys/{id}/rotate": {},
}
OWN = {"POST /api/v1/auth/identities/{provider}"}
"""What names something that is nobody's: a provider to link, of one's own account."""


def named() -> Iterator[tuple[str, Route]]:
    """Yield every route for users that names something in its path, with its folder."""
    for folder, manifest in read_all().items():
        for route in manifest.http:
            key = f"{route.method} {route.path}"
            if route.auth is Auth.USER and "{" in route.path and key not in OWN:
                yield folder, route


ROUTES = sorted(named(), key=lambda each: (each[1].path, each[1].method))


async def call(folder: str, route: Route, which: str, bearer: str) -> Answer:
    """Ask a route about something, as somebody."""
    path = route.path.replace("{id}", which).replace("{provider}", "google")
    said = BODIES.get(f"{route.method} {route.path}")
    body = b"" if said is None else orjson.dumps(said)
    headers = {"authorization": f"Bearer {bearer}"}
    return await ask(load(folder).handle, route.method, path, body=body, headers=headers)


@pytest.mark.behavior("identity:5.8:decision")
@pytest.mark.behavior("attacks:account:horizontal")
@pytest.mark.parametrize(
    ("folder", "route"), ROUTES, ids=[f"{route.method} {route.path}" for _, route in ROUTES]
)
async def test_what_is_one_users_is_not_there_for_another(
    identity: House, folder: str, route: Route
) -> None:
    ada, ben = identity.start(user=ADA), identity.start(user=BEN)
    (place,) = [place for place in HIS if route.path.startswith(place)]
    table, columns, values = HIS[place]
    if columns:
        write(f"INSERT INTO {table} ({columns}) VALUES ({values})")  # noqa: S608 - ours
    which = _id_of(table)
    before = _all(table)

    for_ben = await call(folder, route, which, ben.access_token)
    after_ben = _all(table)
    for_ada = await call(folder, route, which, ada.access_token)

    assert (for_ben.status, after_ben) == (404, before), for_ben.body
    assert for_ada.status != 404, for_ada.body


def _id_of(table: str) -> str:
    if table == "token_family":
        return str(rows(f"SELECT family_id FROM token_family WHERE user_id = '{ADA}'")[0][0])  # noqa: S608 - ours
    return str(ids.named("consent", "mg-tv")) if table == "user_consent" else ID


def _all(table: str) -> list[Any]:
    return sorted(rows(f"SELECT t::text FROM {table} t"))  # noqa: S608 - ours
