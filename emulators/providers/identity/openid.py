"""The faces of Google, of Apple and of any OpenID provider: discovery, keys, sign-in, tokens."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from emulators.core import errors
from emulators.providers.identity import proofs
from emulators.providers.identity.state import CLIENT_ID, Fake
from emulators.providers.identity.tokens import LIFE_SECONDS, id_token, key_set

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.core.clock import Clock
    from emulators.providers.identity.state import State

WRONG_ISSUER = "https://another.example"


class OpenId:
    """One provider below ``/identity/{name}``.

    Args:
        name: ``google``, ``apple`` or ``oidc``.
        state: Of all fakes.
        clock: Dates tokens.
    """

    def __init__(self, name: str, state: State, clock: Clock) -> None:
        self.name, self._state, self._clock = name, state, clock

    @property
    def _fake(self) -> Fake:
        return self._state.fake(self.name)

    def issuer(self, request: web.Request) -> str:
        """Return the issuer under the address that the request came to."""
        return f"http://{request.host}/identity/{self.name}"

    async def metadata(self, request: web.Request) -> web.Response:
        """Answer with what it says of itself (OpenID Connect Discovery §4.2)."""
        issuer, is_apple = self.issuer(request), self.name == "apple"
        own = {} if is_apple else {
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
        ways = ["client_secret_basic"] if self.name == "oidc" else ["client_secret_post"]
        return web.json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ways,
                **own,
            }
        )

    async def keys(self, _request: web.Request) -> web.Response:
        """Answer with the public keys."""
        return web.json_response(key_set(self._fake), headers={"cache-control": "max-age=300"})

    async def authorize(self, request: web.Request) -> web.Response:
        """Let the chosen person in at once, and send the browser back."""
        asked = request.query
        self._check(asked)
        answer = self._answer(request) | {"state": asked["state"]}
        if asked.get("response_mode") == "form_post":
            return _posted(asked["redirect_uri"], answer | self._named())
        where = f"{asked['redirect_uri']}?{urlencode(answer)}"
        return web.Response(status=302, headers={"location": where})

    def _check(self, asked: Mapping[str, str]) -> None:
        """Refuse what the real one shows an error page for."""
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            raise errors.invalid_argument("no such client, or no code is asked for")
        if not asked.get("redirect_uri", "").endswith("/callback") or not asked.get("state"):
            raise errors.invalid_argument(
                "the redirect URI is not registered, or there is no state"
            )
        if asked.get("code_challenge_method", "S256") != "S256":
            raise errors.invalid_argument("of challenges S256 alone is taken")
        wants = set(asked.get("scope", "").split())
        if self.name == "apple" and wants and asked.get("response_mode") != "form_post":
            raise errors.invalid_argument(
                "response_mode must be form_post when name or email is requested"
            )
        if self.name != "apple" and "openid" not in wants:
            raise errors.invalid_argument("the scope openid is missing")

    def _answer(self, request: web.Request) -> dict[str, str]:
        asked, fault = request.query, self._fake.fault
        said = (
            {}
            if self.name == "apple" or fault == "no_answer_iss"
            else {"iss": self.issuer(request)}
        )
        if fault == "wrong_answer_iss":
            said = {"iss": WRONG_ISSUER}
        if fault == "denied":
            return {**said, "error": "access_denied"}
        nonce, challenge = asked.get("nonce", ""), asked.get("code_challenge", "")
        code = self._state.grant(
            self.name, redirect_uri=asked["redirect_uri"], nonce=nonce, challenge=challenge
        )
        return {**said, "code": code}

    def _named(self) -> dict[str, str]:
        """Return the name that Apple tells the first time alone."""
        person = self._fake.person
        if person.subject in self._fake.named or not person.name:
            return {}
        self._fake.named.add(person.subject)
        first, _, last = person.name.partition(" ")
        said = {"name": {"firstName": first, "lastName": last}, "email": person.email}
        return {"user": json.dumps(said)}

    async def token(self, request: web.Request) -> web.Response:
        """Make a code into tokens (OpenID Connect Core §3.1.3)."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._is_known(form, request):
            return _refused("invalid_client", 401)
        grant = self._state.take(form.get("code", ""), self.name)
        if form.get("grant_type") != "authorization_code":
            return _refused("unsupported_grant_type")
        if grant is None or not proofs.began(grant, form):
            return _refused("invalid_grant")
        issuer = self.issuer(request)
        made = id_token(self._fake, grant, issuer=issuer, now=self._clock.now())
        said: dict[str, Any] = {
            "access_token": self._state.token(grant),
            "token_type": "Bearer",
            "expires_in": LIFE_SECONDS,
            "id_token": made,
        }
        return web.json_response(said, headers={"cache-control": "no-store"})

    def _is_known(self, form: Mapping[str, str], request: web.Request) -> bool:
        if self.name == "apple":
            issuer, now = self.issuer(request), self._clock.now()
            return proofs.is_apple_client(form, self._state, issuer=issuer, now=now)
        return proofs.is_client(form, request.headers.get("authorization", ""))


def _refused(error: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error}, status=status)


def _posted(where: str, answer: Mapping[str, str]) -> web.Response:
    """Return a page that sends its form by itself (OAuth 2.0 Form Post Response Mode §2)."""
    fields = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in answer.items()
    )
    page = (
        '<!doctype html><title>Signing in</title><body onload="document.forms[0].submit()">'
        f'<form method="post" action="{html.escape(where)}">{fields}'
        "<noscript><button>Go on</button></noscript></form>"
    )
    return web.Response(text=page, content_type="text/html")
