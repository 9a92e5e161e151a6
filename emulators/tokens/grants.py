"""The token endpoint: a signed assertion or a refresh token becomes an access or identity token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from joserfc import jws, jwt
from joserfc.errors import JoseError

from emulators.core.identity import ACCESS, EXPIRES_IN_SECONDS
from emulators.tokens.credentials import TOKEN_URI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.core.clock import Clock
    from emulators.core.identity import Signer
    from emulators.tokens.credentials import Credentials

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REFRESH = "refresh_token"
LONGEST_SECONDS = 3600
"""Of an assertion, from ``iat`` to ``exp``
(https://developers.google.com/identity/protocols/oauth2/service-account)."""
_SKEW_SECONDS = 300
_AUDIENCES = frozenset(
    {
        TOKEN_URI,
        "https://accounts.google.com/o/oauth2/token",
        "https://www.googleapis.com/oauth2/v4/token",
    }
)


class GrantError(Exception):
    """A grant is refused (RFC 6749 §5.2).

    Attributes:
        code: ``invalid_grant`` and so on.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


class Grants:
    """Answers ``POST /token``.

    Args:
        signer: Signs what is given out.
        credentials: Whom we know.
        clock: The time that clients live in, by which assertions are dated: real time.
    """

    def __init__(self, signer: Signer, credentials: Credentials, clock: Clock) -> None:
        self._signer = signer
        self._credentials = credentials
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoint under every name that Google has given it."""
        paths = ("/token", "/o/oauth2/token", "/oauth2/v4/token")
        return [web.post(path, self.token) for path in paths]

    async def token(self, request: web.Request) -> web.Response:
        """Answer one grant."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        headers = {"Cache-Control": "no-store"}
        try:
            return web.json_response(self.grant(form), headers=headers)
        except GrantError as error:
            body = {"error": error.code, "error_description": str(error)}
            return web.json_response(body, headers=headers, status=400)

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Return the answer to a grant.

        Raises:
            GrantError: It is refused.
        """
        kind = form.get("grant_type", "")
        if kind == JWT_BEARER:
            return self._for_assertion(form.get("assertion", ""))
        if kind == REFRESH:
            return self._for_login(form)
        raise GrantError("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def _for_assertion(self, assertion: str) -> dict[str, Any]:
        claims = self.claims(assertion)
        if claims.get("aud") not in _AUDIENCES:
            raise _refused("Invalid JWT: Failed audience check.")
        if "target_audience" in claims:
            token = self._signer.token(str(claims["target_audience"]), self._credentials.email)
            return {"id_token": token}
        if not claims.get("scope"):
            raise GrantError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return _access(self._signer, self._credentials.email)

    def _for_login(self, form: Mapping[str, str]) -> dict[str, Any]:
        if not self._credentials.is_login(dict(form)):
            raise _refused("Token has been expired or revoked.")
        answer = _access(self._signer, self._credentials.user)
        audience = form.get("audience") or form["client_id"]
        return answer | {
            "scope": form.get("scope") or f"{ACCESS} openid",
            "id_token": self._signer.token(audience, self._credentials.user),
        }

    def claims(self, assertion: str) -> dict[str, Any]:
        """Return what the service account's own key has signed, and what is valid now.

        Raises:
            GrantError: ``invalid_grant``, with Google's words where they are known.
        """
        claims = self._signed(assertion)
        begins, ends = claims.get("iat"), claims.get("exp")
        if not isinstance(begins, int | float) or not isinstance(ends, int | float):
            raise _refused("Invalid JWT: iat and exp must be numbers.")
        now = self._clock.now()
        in_time = begins - _SKEW_SECONDS <= now < ends + _SKEW_SECONDS
        if not in_time or ends - begins > LONGEST_SECONDS:
            raise _refused(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                "timeframe. Check your iat and exp values in the JWT claim."
            )
        return claims

    def _signed(self, assertion: str) -> dict[str, Any]:
        key = self._credentials.key()
        if key is None:
            raise _refused("Invalid grant: account not found")
        try:
            named = jws.extract_compact(assertion.encode()).headers().get("kid")
            if named not in {None, self._credentials.key_id()}:
                raise _refused("Invalid JWT Signature.")
            claims = dict(jwt.decode(assertion, key, algorithms=["RS256"]).claims)
        except (JoseError, ValueError) as error:
            raise _refused("Invalid JWT Signature.") from error
        if claims.get("iss") != self._credentials.email:
            raise _refused("Invalid grant: account not found")
        return claims


def _access(signer: Signer, email: str) -> dict[str, Any]:
    token = signer.access_token(email)
    return {"access_token": token, "expires_in": EXPIRES_IN_SECONDS, "token_type": "Bearer"}


def _refused(description: str) -> GrantError:
    return GrantError("invalid_grant", description)
