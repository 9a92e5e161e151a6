"""The functions of households, parental controls and avatars, beside those of accounts."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from shared.identity.accounts import Told
from shared.kernel.principal import Principal, principal_of
from shared.runtime import issuing
from shared.runtime.audit import audit_event
from shared.runtime.household import HouseholdRules
from shared.runtime.messages import Request
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity_house import FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.accounts_house import AccountsHouse

PROFILES = "/api/v1/users/me/profiles"
CONTROLS = "/api/v1/users/me/parental-controls"
PIN = "4711"
PLACES = {PROFILES: "identity_household", CONTROLS: "identity_parental"}


class HouseholdHouse:
    """One member with a session, and the functions that keep their household."""

    def __init__(self, accounts: AccountsHouse) -> None:
        self.accounts = accounts
        rules = cache(lambda: HouseholdRules(accounts.clock, accounts.outgoing, accounts.hasher))
        self.functions = {folder: load(folder) for folder in (*PLACES.values(), "identity_token")}
        for folder in PLACES.values():
            self.functions[folder].rules = rules  # type: ignore[attr-defined]
        self.rules = rules()
        self.access = self.refresh_token = ""

    async def sign_in(self, **changes: Any) -> Principal:  # noqa: ANN401 - any field
        """Begin a session of the member's, and use it from now on."""
        tokens = await self.accounts.tokens(**changes)
        self.access, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        return self.viewer

    async def refresh(self) -> Principal:
        """Go on with the session."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.refresh_token,
            "client_id": "mg-web",
        }
        answer = await ask(
            self.functions["identity_token"].handle, "POST", "/auth/token",
            body=urlencode(form).encode(), headers=FORM,
        )  # fmt: skip
        assert answer.status == 200, answer.body
        self.access, self.refresh_token = answer.json["access_token"], answer.json["refresh_token"]
        return self.viewer

    @property
    def viewer(self) -> Principal:
        """Whom the access token speaks of."""
        return read(self.access)

    async def ask(
        self, method: str, path: str, said: Mapping[str, Any] | None = None, *, pin: str = ""
    ) -> Answer:
        """Ask as the member, with what shows that the PIN is known."""
        folder = next(name for start, name in PLACES.items() if path.startswith(start))
        headers = {"authorization": f"Bearer {self.access}"}
        if pin:
            headers["x-pin-token"] = pin
        body = b"" if said is None else orjson.dumps(said)
        return await ask(self.functions[folder].handle, method, path, body=body, headers=headers)

    def acting_for(self) -> str:
        """Return a token with which an administrator acts as the member."""
        return issuing.issuer().signed({**claims(self.access), "act": {"sub": "admin"}})

    def told(self) -> Told:
        """Return what the log is told of something the member does."""
        who = self.viewer
        asked = Request("POST", PROFILES, principal=who)
        return Told(audit_event(asked, who, "USER_PROFILE_ADD"))

    async def set(self, proven: str = "", /, **said: Any) -> Answer:  # noqa: ANN401 - JSON
        """Change the controls."""
        return await self.ask("PATCH", CONTROLS, said, pin=proven)

    async def verify(self, pin: str = PIN) -> Answer:
        """Show the PIN."""
        return await self.ask("POST", f"{CONTROLS}/verify-pin", {"pin": pin})

    async def pin_token(self) -> str:
        """Show the right PIN and return what that gave."""
        answer = await self.verify()
        assert answer.status == 200, answer.body
        return str(answer.json["pin_token"])

    async def add(self, **said: Any) -> str:  # noqa: ANN401 - JSON
        """Add a viewer and return their id."""
        answer = await self.ask("POST", PROFILES, {"name": "Tomás", **said})
        assert answer.status == 201, answer.body
        return str(answer.json["id"])

    async def select(self, profile: str, *, pin: str = "") -> Answer:
        """Go on as another viewer; where that works, with the token of that."""
        answer = await self.ask("POST", f"{PROFILES}/{profile}/select", pin=pin)
        if answer.status == 200:
            self.access = answer.json["access_token"]
        return answer


def read(token: str) -> Principal:
    """Return whom an access token speaks of, whoever signed it."""
    return principal_of(claims(token))


def claims(token: str) -> dict[str, Any]:
    """Return what an access token says."""
    payload = token.split(".")[1]
    found: dict[str, Any] = orjson.loads(urlsafe_b64decode(payload + "=="))
    return found
