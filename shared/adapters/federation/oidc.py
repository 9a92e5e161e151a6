"""OpenID Connect: Google, and whoever else says who they are by it (Core 1.0, Discovery 1.0)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.adapters.federation import id_tokens
from shared.adapters.federation.calling import Call
from shared.adapters.federation.configured import is_safe
from shared.adapters.federation.provider import (
    address_of,
    challenge,
    code_of,
    leading_to,
    name_of,
    token_of,
)
from shared.adapters.jwks import KeySource
from shared.identity.federation import AssertionRefusedError, Person, ProviderDownError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.adapters.federation.calling import Caller
    from shared.adapters.federation.configured import ProviderSettings
    from shared.adapters.federation.provider import Begun
    from shared.kernel.clock import Clock

FRESH = timedelta(hours=1)
KEPT = timedelta(hours=24)
"""How long an issuer's document serves while nobody answers."""
SCOPES = "openid email profile"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Metadata:
    """What an issuer says of itself (Discovery §3).

    Attributes:
        tells_issuer: Its answers carry ``iss`` (RFC 9207 §3).
        takes_challenge: It knows PKCE with S256 (RFC 8414 §2).
        takes_form: The client secret may stand in the form, else it stands in the header.
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    keys: KeySource
    tells_issuer: bool
    takes_challenge: bool
    takes_form: bool


class OpenIdProvider:
    """`shared.adapters.federation.provider.Provider` of an issuer.

    Args:
        settings: As configured.
        caller: Calls it.
        clock: Ages what it said of itself, and its tokens.
    """

    posts = False

    def __init__(self, settings: ProviderSettings, caller: Caller, clock: Clock) -> None:
        self._settings, self._caller, self._clock = settings, caller, clock
        self._metadata: Metadata | None = None
        self._read_at = _NEVER

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
        metadata = await self._known()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": begun.redirect_uri,
            "scope": SCOPES,
            "state": begun.state,
            "nonce": begun.flow.nonce,
            **self.extra_parameters(),
        }
        if metadata.takes_challenge:
            asked |= challenge(begun.flow)
        return leading_to(metadata.authorization_endpoint, asked)

    async def person(self, answer: Mapping[str, str], begun: Begun) -> Person:
        """Return who signed in there."""
        metadata = await self._known()
        self._check_issuer(answer, metadata)
        code = code_of(answer, self.name)
        answered = await self._caller.json(self.id, self._redeeming(code, begun, metadata))
        token = token_of(answered, "id_token", self.name)
        nonce, now = begun.flow.nonce, self._clock.now()
        expected = id_tokens.Expected(self._settings.issuer, self._settings.client_id, nonce)
        claims = await id_tokens.read(token, metadata.keys, expected, now)
        return self.described(claims, answer)

    def extra_parameters(self) -> dict[str, str]:
        """Return what this kind is asked beside the usual."""
        return {"prompt": "select_account"} if self._settings.kind == "google" else {}

    def described(self, claims: Mapping[str, Any], answer: Mapping[str, str]) -> Person:  # noqa: ARG002 - other kinds read it
        """Return the person of a good id token."""
        return Person(
            provider=self.id,
            subject=claims["sub"],
            email=address_of(claims.get("email")),
            email_verified=claims.get("email_verified") is True,
            name=name_of(claims.get("name")),
        )

    def secret(self) -> str:
        """Return what proves us to the token endpoint."""
        return self._settings.client_secret.get_secret_value()

    def _redeeming(self, code: str, begun: Begun, metadata: Metadata) -> Call:
        """Return the call that makes a code into tokens (Core §3.1.3.1)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect_uri,
        }
        if metadata.takes_challenge:
            form["code_verifier"] = begun.flow.verifier
        client_id, secret = self._settings.client_id, self.secret()
        if metadata.takes_form:
            form |= {"client_id": client_id, "client_secret": secret}
            return Call(metadata.token_endpoint, form)
        basic = (quote(client_id, safe=""), quote(secret, safe=""))
        return Call(metadata.token_endpoint, form, basic=basic)

    def _check_issuer(self, answer: Mapping[str, str], metadata: Metadata) -> None:
        """Refuse an answer of another server than was asked (RFC 9207 §2.4)."""
        said = answer.get("iss")
        if said is None and not metadata.tells_issuer:
            return
        if not hmac.compare_digest((said or "").encode(), self._settings.issuer.encode()):
            raise AssertionRefusedError("the answer is not of the provider that was asked")

    async def _known(self) -> Metadata:
        """Return what the issuer says of itself, asked for once an hour."""
        age = self._clock.now() - self._read_at
        if self._metadata is not None and age < FRESH:
            return self._metadata
        try:
            self._metadata = await self._read()
        except ProviderDownError:
            if self._metadata is None or age > KEPT:
                raise
        else:
            self._read_at = self._clock.now()
        return self._metadata

    async def _read(self) -> Metadata:
        issuer = self._settings.issuer
        url = issuer.rstrip("/") + "/.well-known/openid-configuration"
        status, said = await self._caller.json(self.id, Call(url))
        if status != 200 or not isinstance(said, dict) or said.get("issuer") != issuer:  # noqa: PLR2004
            raise ProviderDownError(f"{self.name} does not say that it is {issuer}")
        if not all(is_safe(str(said.get(name, ""))) for name in _ENDPOINTS):
            raise ProviderDownError(f"{self.name} names an endpoint that is not https")
        ways = said.get("token_endpoint_auth_methods_supported", ())
        return Metadata(
            authorization_endpoint=said["authorization_endpoint"],
            token_endpoint=said["token_endpoint"],
            jwks_uri=said["jwks_uri"],
            keys=self._keys(said["jwks_uri"]),
            tells_issuer=said.get("authorization_response_iss_parameter_supported") is True,
            takes_challenge="S256" in said.get("code_challenge_methods_supported", ()),
            takes_form="client_secret_post" in ways,
        )

    def _keys(self, url: str) -> KeySource:
        """Return the issuer's keys, those that are there where their place is the same."""
        known = self._metadata
        return known.keys if known and known.jwks_uri == url else KeySource(url, self._clock)
