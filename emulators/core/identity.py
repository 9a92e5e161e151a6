"""Signed identity tokens, their public keys, and the metadata server that hands them out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from emulators.core.clock import Clock

ISSUER = "https://accounts.google.com"
ACCESS = "https://www.googleapis.com/auth/cloud-platform"
"""Audience of our access tokens, so that they serve as no identity token."""
LIFETIME_SECONDS = 3600
# A token younger than this is handed out again: an RSA signature costs about a millisecond.
_REUSE_SECONDS = 300
EXPIRES_IN_SECONDS = LIFETIME_SECONDS - _REUSE_SECONDS
"""What is left at least of a token that is handed out."""

# Only the key of such a certificate is looked at.
_SERIAL, _FROM, _UNTIL = 1, datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)

# What a client looks for, also on ``/``, before it believes that this is a metadata server.
METADATA_HEADERS = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM"}


class Signer:
    """Signs and checks OIDC-shaped identity tokens (RS256).

    Args:
        clock: Gives ``iat`` and ``exp``.
        state_dir: Where the key is kept between runs; None makes a key for this run alone.
    """

    def __init__(self, clock: Clock, state_dir: Path | None = None) -> None:
        self._clock = clock
        self._key = _load_key(state_dir)
        self._issued: dict[tuple[str, str], tuple[float, str]] = {}

    def token(self, audience: str, email: str) -> str:
        """Return a token for ``audience`` that names ``email``, valid for 55 minutes at least."""
        now = self._clock.now()
        issued_at, token = self._issued.get((audience, email), (0.0, ""))
        if not token or now - issued_at > _REUSE_SECONDS:
            issued_at, token = now, self._sign(audience, email, int(now))
            self._issued[audience, email] = issued_at, token
        return token

    def access_token(self, email: str) -> str:
        """Return an access token of an account, valid for `EXPIRES_IN_SECONDS` at least."""
        return self.token(ACCESS, email)

    def pem_certificates(self) -> dict[str, str]:
        """Return a certificate of each public key by its id, PEM, as older libraries want them."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Media Gateway local cloud")])
        made = x509.CertificateBuilder(name, name, self._key.public_key, _SERIAL, _FROM, _UNTIL)
        key = serialization.load_pem_private_key(self._key.as_pem(private=True), None)
        signed = made.sign(cast("RSAPrivateKey", key), hashes.SHA256())
        return {self._kid: signed.public_bytes(serialization.Encoding.PEM).decode()}

    def jwks(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set."""
        public = self._key.as_dict(private=False, use="sig", alg="RS256", kid=self._kid)
        return {"keys": [public]}

    def verify(self, token: str, audience: str) -> dict[str, Any]:
        """Return the claims of a token signed here, for ``audience``, that has not expired.

        Raises:
            EmulatorError: UNAUTHENTICATED, with what is wrong.
        """
        try:
            claims = jwt.decode(token, self._key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise errors.unauthenticated(f"identity token is not valid: {error}") from error
        if claims.get("aud") != audience:
            raise errors.unauthenticated(
                f"identity token is for {claims.get('aud')!r}, not {audience!r}"
            )
        if claims.get("exp", 0) <= self._clock.now():
            raise errors.unauthenticated(f"identity token expired at {claims.get('exp')}")
        return dict(claims)

    @property
    def _kid(self) -> str:
        return self._key.thumbprint()

    def _sign(self, audience: str, email: str, now: int) -> str:
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "azp": email,
            "sub": email,
            "email": email,
            "email_verified": True,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode({"alg": "RS256", "kid": self._kid, "typ": "JWT"}, claims, self._key)


def service_account(project: str, name: str = "local") -> str:
    """Return the e-mail address of a service account of the project."""
    return f"{name}@{project}.iam.gserviceaccount.com"


def metadata_routes(signer: Signer, project: str, location: str) -> list[web.RouteDef]:
    """Routes of the metadata server and of the public keys.

    ``/`` is left to the port's owner, who sends `METADATA_HEADERS` with it: google-auth looks there
    (at ``GCE_METADATA_IP``) before it asks anything of ``GCE_METADATA_HOST``.
    """
    server = _MetadataServer(signer, project, location)
    base = "/computeMetadata/v1"
    account = base + "/instance/service-accounts/{account}"
    return [
        web.get("/oauth2/v3/certs", server.certs),
        web.get("/oauth2/v1/certs", server.pem_certs),
        web.get("/.well-known/openid-configuration", server.openid),
        web.get(base + "/project/project-id", server.text(project)),
        web.get(base + "/project/numeric-project-id", server.text("123456789012")),
        web.get(base + "/instance/region", server.text(f"projects/{project}/regions/{location}")),
        web.get(base + "/instance/id", server.text("1234567890123456789")),
        web.get(base + "/instance/zone", server.text(f"projects/{project}/zones/{location}-a")),
        web.get(base + "/universe/universe-domain", server.text("googleapis.com")),
        web.get(account + "/token", server.token),
        web.get(account + "/identity", server.identity),
        web.get(account + "/email", server.text(service_account(project))),
        web.get(account + "/scopes", server.text(f"{ACCESS}\n")),
        web.get(account + "/", server.account),
        web.get(base + "/", server.text("instance/\nproject/\nuniverse/\n")),
        web.get(base + "/instance", server.text("id\nregion\nservice-accounts/\nzone\n")),
        web.get("/computeMetadata/", server.text("v1/\n")),
    ]


class _MetadataServer:
    """Answers of the metadata server, as google-auth asks them."""

    def __init__(self, signer: Signer, project: str, location: str) -> None:
        self._signer = signer
        self._email = service_account(project)
        self._location = location

    def text(self, value: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            _check_flavor(request)
            return _reply(text=value)

        return answer

    async def certs(self, _request: web.Request) -> web.Response:
        """Public keys, for whoever checks a token."""
        return web.json_response(self._signer.jwks())

    async def pem_certs(self, _request: web.Request) -> web.Response:
        """The same keys in certificates, for libraries that want them so."""
        return web.json_response(self._signer.pem_certificates())

    async def openid(self, _request: web.Request) -> web.Response:
        """Where the keys are, as OpenID Connect Discovery 1.0 §4 has it."""
        return web.json_response(
            {
                "issuer": ISSUER,
                "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
                "token_endpoint": "https://oauth2.googleapis.com/token",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def token(self, request: web.Request) -> web.Response:
        """An access token."""
        _check_flavor(request)
        token = self._signer.access_token(self._email)
        expires = EXPIRES_IN_SECONDS
        return _reply(
            data={"access_token": token, "expires_in": expires, "token_type": "Bearer"},
        )

    async def identity(self, request: web.Request) -> web.Response:
        """An identity token for the audience of the query."""
        _check_flavor(request)
        audience = request.query.get("audience")
        if not audience:
            return _reply(text="non-empty audience parameter required", status=400)
        return _reply(text=self._signer.token(audience, self._email))

    async def account(self, request: web.Request) -> web.Response:
        """All about the service account, as google-auth reads it at first use."""
        _check_flavor(request)
        if request.query.get("recursive", "").lower() != "true":
            return _reply(text="aliases\nemail\nidentity\nscopes\ntoken\n")
        return _reply(data={"aliases": ["default"], "email": self._email, "scopes": [ACCESS]})


def _check_flavor(request: web.Request) -> None:
    # The real server refuses requests without this header, so that no browser can be led to it,
    # and those that went through a proxy.
    if request.path.rstrip("/").endswith("computeMetadata"):
        return
    if request.headers.get("Metadata-Flavor") != "Google":
        raise _forbidden("Missing Metadata-Flavor:Google header.")
    if "X-Forwarded-For" in request.headers:
        raise _forbidden("X-Forwarded-For header is not allowed.")


def _forbidden(text: str) -> web.HTTPForbidden:
    return web.HTTPForbidden(text=text, headers=METADATA_HEADERS)


def _reply(
    *, text: str | None = None, data: dict[str, Any] | None = None, status: int = 200
) -> web.Response:
    if data is not None:
        return web.json_response(data, headers=METADATA_HEADERS, status=status)
    return web.Response(text=text, headers=METADATA_HEADERS, status=status)


def _load_key(state_dir: Path | None) -> RSAKey:
    path = state_dir / "signing-key.json" if state_dir else None
    if path and path.exists():
        return RSAKey.import_key(json.loads(path.read_text()))
    key = RSAKey.generate_key(2048)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(key.as_dict(private=True)))
    return key
