"""The metadata server: who we are, tokens, and the public keys that prove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulators.core.identity import ACCESS, EXPIRES_IN_SECONDS, ISSUER, service_account

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulators.core.identity import Signer

# What a client looks for, also on ``/``, before it believes that this is a metadata server.
METADATA_HEADERS = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM"}


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
