"""What is one user's cannot be acted on by another's browser, on every page whose form names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from functions.manifest import read_all
from shared.kernel import ids
from tests.fakes.accounts_house import EMAIL
from tests.fakes.identity import ADA
from tests.fakes.identity_house import rows, write
from tests.functions.test_two_users import DIGEST, HIS, ID

if TYPE_CHECKING:
    from tests.fakes.accounts_house import AccountsHouse
    from tests.fakes.pages_house import Browser

SECURITY, KEYS = "/account/security", "/account/api-keys"
PASSKEYS, LINKED = "/account/passkeys", "/account/linked"
PROFILE = "/account/household/profile"
BROWSERS = (
    "browser_session",
    """session_id, cookie_hash, user_id, token_version, methods, authenticated_at,
    created_at, last_used_at, expires_at, user_agent, network""",
    f"""'{ID}', decode('{DIGEST}', 'hex'), '{ADA}', 0, '{{pwd}}', now(),
    now(), now(), now() + interval '1 hour', 'A browser', '192.0.2.0'""",
)
CONSENT = HIS["/api/v1/auth/consents/{id}"]
KEY = HIS["/api/v1/auth/api-keys/{id}"]
PASSKEY = HIS["/api/v1/auth/passkeys/{id}"]
IDENTITY = HIS["/api/v1/auth/identities/{provider}"]
HOUSEHOLD = HIS["/api/v1/users/me/profiles/{id}"]
SESSION = HIS["/api/v1/auth/sessions/{id}"]
FORMS = {
    "end an application's session": (SESSION, SECURITY, {"session": "{id}"}),
    "end a browser's session": (BROWSERS, SECURITY, {"browser": "{id}"}),
    "take a consent back": (CONSENT, SECURITY, {"consent": "{id}"}),
    "revoke a key": (KEY, KEYS, {"id": "{id}"}),
    "rotate a key": (KEY, KEYS, {"id": "{id}", "do": "rotate"}),
    "name a passkey": (PASSKEY, PASSKEYS, {"id": "{id}", "do": "rename", "name": "mine"}),
    "remove a passkey": (PASSKEY, PASSKEYS, {"id": "{id}", "do": "remove"}),
    "remove an account elsewhere": (IDENTITY, LINKED, {"provider": "google", "do": "remove"}),
    "change a profile": (
        HOUSEHOLD,
        f"{PROFILE}?id={{id}}",
        {"id": "{id}", "do": "change", "name": "mine"},
    ),
    "remove a profile": (HOUSEHOLD, f"{PROFILE}?id={{id}}", {"id": "{id}", "do": "remove"}),
}
"""By what it does: of what in the table, the page, and what the form says of it."""
OF_OWN = frozenset(
    {
        *(f"/account/{name}" for name in ("authenticator", "avatar", "backup-codes", "confirm")),
        *(f"/account/{name}" for name in ("data", "household", "leave", "parental-controls")),
        *(f"/account/{name}" for name in ("password", "pin", "profile")),
        "/auth/sign-out",
    }
)
"""Pages whose forms name nothing: what they change is always the visitor's own."""
BY_CODE = frozenset(
    {
        *(f"/account/{name}" for name in ("download-export", "register", "resend-verification")),
        *(f"/account/{name}" for name in ("forgot-password", "reset-password", "verify-email")),
        *(f"/auth/sign-in{name}" for name in ("", "/factor", "/factor/passkey", "/passkey")),
        *("/account/restore-account", "/auth/consent", "/auth/device/enter"),
        "/auth/oauth/{provider}/callback",
    }
)
"""Pages whose visitor shows what nobody else has: a proof, the code of a mail or of a screen."""


def test_every_page_with_a_form_is_looked_at() -> None:
    sending = {
        route.path
        for manifest in read_all().values()
        for route in manifest.http
        if route.page and route.method == "POST"
    }
    assert sending == {page.partition("?")[0] for _, page, _ in FORMS.values()} | OF_OWN | BY_CODE


def kept(table: str) -> list[str]:
    """Return what stands in a table, but for the visitor's own browser."""
    own = f"WHERE session_id = '{ID}'" if table == "browser_session" else ""
    return sorted(row[0] for row in rows(f"SELECT t::text FROM {table} t {own}"))  # noqa: S608 - ours


@pytest.mark.behavior("attacks:account:horizontal")
@pytest.mark.parametrize("does", FORMS)
async def test_a_form_that_names_what_is_anothers_does_nothing(
    visitor: Browser, accounts: AccountsHouse, does: str
) -> None:
    (table, columns, values), page, form = FORMS[does]
    which = _made(accounts, table, columns, values)
    await visitor.sign_in()
    write("UPDATE browser_session SET methods = '{hwk,user,mfa}' WHERE user_agent = 'A browser'")
    target, said = page.format(id=which), {n: v.format(id=which) for n, v in form.items()}
    before = kept(table)

    shown = await visitor.get(target)
    assert which not in shown.body.decode()
    refused = await visitor.post(target, **said)

    assert kept(table) == before, refused.body
    _give(table)
    before = kept(table)
    await visitor.get(target)
    done = await visitor.post(target, **said)
    assert (done.status < 400, kept(table) == before) == (True, False), (done, visitor.page)


def _made(accounts: AccountsHouse, table: str, columns: str, values: str) -> str:
    """Make something of Ada's; returns by what a form names it."""
    if table == "token_family":
        accounts.identity.start(user=ADA)
        return str(rows("SELECT family_id FROM token_family")[0][0])
    write(f"INSERT INTO {table} ({columns}) VALUES ({values})")  # noqa: S608 - ours
    if table == "user_consent":
        return str(ids.named("consent", "mg-tv"))
    return ID


def _give(table: str) -> None:
    """Let what is in a table be the visitor's."""
    more = ", token_version = u.token_version" if table == "browser_session" else ""
    write(
        f"UPDATE {table} SET user_id = u.id{more} FROM app_user u"  # noqa: S608 - ours
        f" WHERE u.email = '{EMAIL}' AND {table}.user_id = '{ADA}'"
    )
