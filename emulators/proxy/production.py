"""What a process is told so that clients made as in production reach the local cloud."""

from __future__ import annotations

import asyncio
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import certifi
from aiohttp import web

from emulators.core.clock import VirtualClock
from emulators.core.errors import invalid_argument
from emulators.core.private import write_private
from emulators.proxy.authority import Authority
from emulators.tokens.credentials import Credentials
from emulators.tokens.grants import Grants
from emulators.tokens.impersonation import Impersonation

if TYPE_CHECKING:
    from pathlib import Path

    from emulators.core.context import Context

FOLDER = "production"
KINDS = ("key", "user", "metadata")
"""Whose credentials are the default ones: the service account's by its key, the user's by a
refresh token, or the service account's from the metadata server."""
UNSET = (
    "PUBSUB_EMULATOR_HOST",
    "FIRESTORE_EMULATOR_HOST",
    "SECRET_MANAGER_EMULATOR_HOST",
    "VERTEX_EMULATOR_HOST",
    "WORKFLOWS_EMULATOR_HOST",
    "SCHEDULER_EMULATOR_HOST",
    "grpc_proxy",
    "no_grpc_proxy",
)
"""Variables that would lead clients around the proxy."""
_CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"
_DIRECT = "127.0.0.1,localhost,::1"


class Production:
    """Authority, credentials and token endpoints of one local cloud.

    Args:
        context: The local cloud.
        folder: Keeps keys and certificates; None of the private ones is readable by others.
    """

    def __init__(self, context: Context, folder: Path) -> None:
        self._context = context
        self._folder = folder
        # Clients compare certificates and assertions with their own clocks, which nobody turns.
        self._real = real = VirtualClock()
        self._making = Lock()
        self._credentials = Credentials(folder, context.project)
        self._grants = Grants(context.signer, self._credentials, real)
        self._impersonation = Impersonation(context.signer, self._credentials, self._grants, real)

    @cached_property
    def _authority(self) -> Authority:
        return Authority(self._folder, self._real)

    def authority(self) -> Authority:
        """Return who vouches for the hosts, made when first asked for."""
        with self._making:
            return self._authority

    def routes(self) -> list[web.RouteDef]:
        """Return the token endpoints, and ``GET /_mg/production`` for `mg`."""
        own = web.get("/_mg/production", self._told)
        return [own, *self._grants.routes(), *self._impersonation.routes()]

    async def _told(self, request: web.Request) -> web.Response:
        kind = request.query.get("credentials", KINDS[0])
        # A key of 2048 bits takes a while to be found.
        return web.json_response(await asyncio.to_thread(self.told, kind))

    def told(self, kind: str) -> dict[str, Any]:
        """Return variables to set, ``environment``, and to remove, ``unset``.

        Args:
            kind: One of `KINDS`.

        Raises:
            EmulatorError: INVALID_ARGUMENT, for another kind.
        """
        if kind not in KINDS:
            raise invalid_argument(f"credentials must be one of {', '.join(KINDS)}, not {kind!r}")
        found = self._network() | self._trust()
        # Made in any case: signatures for who comes by the metadata server need it too.
        file = self._credentials.service_account_file()
        if kind == "metadata":
            return {"environment": found, "unset": [*UNSET, _CREDENTIALS]}
        if kind == "user":
            file = self._credentials.user_file()
        return {"environment": found | {_CREDENTIALS: str(file)}, "unset": list(UNSET)}

    def _network(self) -> dict[str, str]:
        at = self._context.addresses
        proxy = f"http://{at['proxy']}"
        return {
            # gRPC reads small letters alone.
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), _DIRECT),
            "GCE_METADATA_HOST": at["console"],
            "GCE_METADATA_IP": at["console"],
            "GOOGLE_CLOUD_PROJECT": self._context.project,
            "GOOGLE_API_USE_CLIENT_CERTIFICATE": "false",
            # Else the developer's own login would be found, and its token sent to us.
            "CLOUDSDK_CONFIG": str(self._folder / "gcloud"),
        }

    def _trust(self) -> dict[str, str]:
        ours, all_roots = self._folder / "ca.pem", self._folder / "roots.pem"
        write_private(ours, self.authority().certificate)
        # Hosts that NO_PROXY names are reached directly, and are whom they have always been.
        write_private(all_roots, certifi.contents() + self.authority().certificate)
        variables = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPLIB2_CA_CERTS")
        return {
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(ours),
            "NODE_EXTRA_CA_CERTS": str(ours),
            **dict.fromkeys(variables, str(all_roots)),
        }
