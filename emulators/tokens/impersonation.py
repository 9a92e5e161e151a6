"""IAM Service Account Credentials: tokens and signatures for whoever may act for an account."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web
from joserfc import jwt
from joserfc.jws import JWSRegistry

from emulators.core import errors
from emulators.core.identity import ACCESS, EXPIRES_IN_SECONDS
from emulators.tokens.grants import GrantError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from joserfc.jwk import RSAKey

    from emulators.core.clock import Clock
    from emulators.core.identity import Signer
    from emulators.tokens.credentials import Credentials
    from emulators.tokens.grants import Grants

RS256 = JWSRegistry.algorithms["RS256"]
_BASE = "/v1/projects/{project}/serviceAccounts/{email}"
_FIELDS = {
    "generateAccessToken": {"scope", "lifetime", "delegates"},
    "generateIdToken": {"audience", "includeEmail", "delegates"},
    "signBlob": {"payload", "delegates"},
    "signJwt": {"payload", "delegates"},
}


class Impersonation:
    """Answers ``iamcredentials.googleapis.com`` by REST.

    Whoever has a token of this local cloud may act for its one service account.

    Args:
        signer: Signs tokens, and knows which are ours.
        credentials: The account.
        grants: Checks a bearer that the account's own key has signed.
        clock: Says when a token ends.
    """

    def __init__(
        self, signer: Signer, credentials: Credentials, grants: Grants, clock: Clock
    ) -> None:
        self._signer = signer
        self._credentials = credentials
        self._grants = grants
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return one route per method."""
        methods = {
            "generateAccessToken": self._access_token,
            "generateIdToken": self._id_token,
            "signBlob": self._sign_blob,
            "signJwt": self._sign_jwt,
        }
        return [web.post(f"{_BASE}:{n}", self._route(n, method)) for n, method in methods.items()]

    def _route(
        self, name: str, method: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            self._check_caller(request.headers.get("Authorization", ""))
            email = request.match_info["email"]
            if email != self._credentials.email:
                raise errors.not_found(f"Unknown service account {email}")
            return web.json_response(method(await _body(request, name)))

        return answer

    def _check_caller(self, authorization: str) -> None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise errors.unauthenticated("Request is missing required authentication credential.")
        try:
            self._signer.verify(token, ACCESS)
        except errors.EmulatorError as error:
            try:
                self._grants.claims(token)
            except GrantError:
                raise error from None

    def _access_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if not body.get("scope"):
            raise errors.invalid_argument("scope must not be empty")
        if body.get("lifetime", "3600s") != "3600s":
            raise errors.unimplemented("lifetime is not supported here but for 3600s")
        ends = datetime.fromtimestamp(self._clock.now(), UTC) + timedelta(
            seconds=EXPIRES_IN_SECONDS
        )
        token = self._signer.access_token(self._credentials.email)
        return {"accessToken": token, "expireTime": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _id_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if not body.get("audience"):
            raise errors.invalid_argument("audience must not be empty")
        return {"token": self._signer.token(str(body["audience"]), self._credentials.email)}

    def _sign_blob(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            payload = base64.b64decode(str(body.get("payload", "")), validate=True)
        except binascii.Error as error:
            raise errors.invalid_argument(f"payload is not base64: {error}") from error
        if not payload:
            raise errors.invalid_argument("payload must not be empty")
        # The signature alone of what joserfc would wrap in a JWS (RFC 7518 §3.3: RS256).
        signature = RS256.sign(payload, self._key())
        signed = base64.b64encode(signature).decode()
        return {"keyId": self._credentials.key_id(), "signedBlob": signed}

    def _sign_jwt(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            claims = json.loads(str(body.get("payload", "")))
        except ValueError as error:
            raise errors.invalid_argument(f"payload is not JSON: {error}") from error
        if not isinstance(claims, dict):
            raise errors.invalid_argument("payload must be a JSON object of claims")
        header = {"alg": "RS256", "typ": "JWT", "kid": self._credentials.key_id()}
        return {"keyId": header["kid"], "signedJwt": jwt.encode(header, claims, self._key())}

    def _key(self) -> RSAKey:
        key = self._credentials.key()
        if key is None:
            raise errors.failed_precondition("no key was made here: `mg env --production` makes it")
        return key


async def _body(request: web.Request, name: str) -> dict[str, Any]:
    try:
        body = json.loads(await request.read() or "{}")
    except ValueError as error:
        raise errors.invalid_argument(f"Invalid JSON payload received: {error}") from error
    if not isinstance(body, dict):
        raise errors.invalid_argument("Invalid JSON payload received: it must be an object")
    if unknown := sorted(set(body) - _FIELDS[name]):
        raise errors.invalid_argument(f'Invalid JSON payload received. Unknown name "{unknown[0]}"')
    return body
