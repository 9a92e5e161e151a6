"""Sign in with GitHub: OAuth 2.0 without OpenID, so who it is is asked of its API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters.federation.calling import Call
from shared.adapters.federation.provider import (
    address_of,
    challenge,
    code_of,
    leading_to,
    name_of,
    token_of,
)
from shared.identity.federation import AssertionRefusedError, Person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.adapters.federation.calling import Caller
    from shared.adapters.federation.configured import ProviderSettings
    from shared.adapters.federation.provider import Begun

SCOPES = "read:user user:email"
VERSION = "2022-11-28"


class GitHubProvider:
    """`shared.adapters.federation.provider.Provider` of GitHub.

    Args:
        settings: As configured; the issuer's endpoints are ``authorize`` and ``access_token``.
        caller: Calls it.
    """

    posts = False

    def __init__(self, settings: ProviderSettings, caller: Caller) -> None:
        self._settings, self._caller = settings, caller

    @property
    def id(self) -> str:
        """Its name here."""
        return self._settings.id

    @property
    def name(self) -> str:
        """As people call it."""
        return self._settings.name

    async def location(self, begun: Begun) -> str:
        """Return where the browser goes to sign in."""
        asked = {
            "client_id": self._settings.client_id,
            "redirect_uri": begun.redirect_uri,
            "scope": SCOPES,
            "state": begun.state,
            "allow_signup": "false",
            **challenge(begun.flow),
        }
        return leading_to(self._settings.issuer.rstrip("/") + "/authorize", asked)

    async def person(self, answer: Mapping[str, str], begun: Begun) -> Person:
        """Return who signed in there; the token that tells is thrown away with this call."""
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise AssertionRefusedError("the answer is not of the provider that was asked")
        form = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
            "code": code_of(answer, self.name),
            "redirect_uri": begun.redirect_uri,
            "code_verifier": begun.flow.verifier,
        }
        url = self._settings.issuer.rstrip("/") + "/access_token"
        token = token_of(
            await self._caller.json(self.id, Call(url, form)), "access_token", self.name
        )
        return self._described(
            await self._get("/user", token), await self._get("/user/emails", token)
        )

    def _described(self, user: Any, addresses: Any) -> Person:  # noqa: ANN401 - any JSON
        subject = user.get("id") if isinstance(user, dict) else None
        if not isinstance(subject, int) or isinstance(subject, bool):
            raise AssertionRefusedError(f"{self.name} does not say who it is")
        email = _primary(addresses)
        name = name_of(user.get("name")) or name_of(user.get("login"))
        return Person(self.id, str(subject), email, email_verified=bool(email), name=name)

    async def _get(self, path: str, token: str) -> Any:  # noqa: ANN401 - any JSON
        headers = {"authorization": f"Bearer {token}", "x-github-api-version": VERSION}
        url = self._settings.api_url.rstrip("/") + path
        status, said = await self._caller.json(self.id, Call(url, headers=headers))
        if status != 200:  # noqa: PLR2004 - anything else says nothing of the person
            raise AssertionRefusedError(f"{self.name} answered {path} with {status}")
        return said


def _primary(addresses: Any) -> str:  # noqa: ANN401 - any JSON
    """Return the address that is primary and verified, empty where none is both."""
    if not isinstance(addresses, list):
        return ""
    for each in addresses:
        if isinstance(each, dict) and each.get("primary") is True and each.get("verified") is True:
            return address_of(each.get("email"))
    return ""
