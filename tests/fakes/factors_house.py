"""The functions of second factors beside the account functions, with a user's own devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import orjson

from shared.adapters.totp import PyotpCodes
from shared.identity.totp import step_of
from shared.runtime.factors import FactorRules
from tests.fakes.accounts_house import NETWORK, PASSWORD, AccountsHouse
from tests.fakes.authenticator import Authenticator
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity_house import ISSUER

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = {
    "/api/v1/auth/mfa": "identity_factors",
    "/api/v1/auth/step-up": "identity_factors",
    "/api/v1/auth/passkeys": "identity_passkeys",
}


class FactorsHouse:
    """One member of the account functions, and what they do about second factors.

    Attributes:
        accounts: The account functions, whose clock and tries are these functions' too.
        secret: Of the member's authenticator app.
    """

    def __init__(self, accounts: AccountsHouse) -> None:
        self.accounts, self.secret = accounts, ""
        self.functions = {folder: load(folder) for folder in sorted(set(PLACES.values()))}
        self.rules = FactorRules(accounts.functions["identity_accounts"].rules())
        for module in self.functions.values():
            module.rules = lambda: self.rules  # type: ignore[attr-defined]

    async def ask(
        self, method: str, path: str, said: Mapping[str, Any] | None = None, *, bearer: str = ""
    ) -> Answer:
        """Ask the function whose path it is, below ``/api/v1/auth``."""
        whole = f"/api/v1/auth/{path}"
        folder = next(name for start, name in PLACES.items() if whole.startswith(start))
        headers = {"x-client-network": NETWORK}
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        body = b"" if said is None else orjson.dumps(said)
        return await ask(self.functions[folder].handle, method, whole, body=body, headers=headers)

    async def post(self, path: str, *, bearer: str = "", **said: Any) -> Answer:  # noqa: ANN401 - JSON
        """Post to an endpoint of second factors."""
        return await self.ask("POST", path, said, bearer=bearer)

    async def signed_in(self, **changes: Any) -> str:  # noqa: ANN401 - any field
        """Return an access token that a password alone gave."""
        return str((await self.accounts.tokens(**changes))["access_token"])

    async def waiting(self) -> str:
        """Return the token of a sign-in that waits for its second factor."""
        answer = await self.accounts.log_in()
        assert (answer.status, answer.json["mfa_required"]) == (200, True), answer.body
        return str(answer.json["mfa_token"])

    async def enrolled(self, bearer: str) -> list[str]:
        """Put an authenticator app to use; returns the backup codes."""
        answer = await self.post("mfa/enroll", bearer=bearer)
        assert answer.status == 200, answer.body
        self.secret = answer.json["secret"]
        assert parse_qs(urlsplit(answer.json["otpauth_uri"]).query)["secret"] == [self.secret]
        answer = await self.post("mfa/verify", bearer=bearer, code=self.code(-1))
        assert answer.status == 200, answer.body
        found: list[str] = answer.json["backup_codes"]
        return found

    def code(self, drift: int = 0) -> str:
        """Return what the member's app shows now, or some steps from now."""
        return PyotpCodes().code(self.secret, step_of(self.accounts.clock.now()) + drift)

    async def stepped_up(self, bearer: str, **shown: Any) -> str:  # noqa: ANN401 - JSON
        """Prove again who the member is; returns the new access token."""
        answer = await self.post("step-up", bearer=bearer, **(shown or {"password": PASSWORD}))
        assert answer.status == 200, answer.body
        return str(answer.json["access_token"])

    async def asked(self, kind: str, *, bearer: str = "", **said: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Begin with a passkey, ``register`` or ``authenticate``; returns the browser's options."""
        answer = await self.post(f"passkeys/{kind}/begin", bearer=bearer, **said)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json["public_key"]
        return found

    async def registered(self, bearer: str, device: Authenticator | None = None) -> Authenticator:
        """Return a device whose passkey is the member's."""
        device = device or Authenticator(ISSUER)
        shown = device.create(await self.asked("register", bearer=bearer))
        answer = await self.post("passkeys/register/finish", bearer=bearer, credential=shown)
        assert answer.status == 201, answer.body
        return device

    async def shown(self, device: Authenticator, **said: Any) -> Answer:  # noqa: ANN401 - JSON
        """Sign in with a device's passkey."""
        shown = device.get(await self.asked("authenticate", **said))
        return await self.post("passkeys/authenticate/finish", credential=shown, **said)
