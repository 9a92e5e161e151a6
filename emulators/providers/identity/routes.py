"""Every route of the fake accounts, each past the faults, and the calls that change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from pydantic import ValidationError

from emulators.core import errors
from emulators.providers.catalog import explain
from emulators.providers.identity.github import GitHub
from emulators.providers.identity.openid import OpenId
from emulators.providers.identity.state import KINDS, Change

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulators.core.context import Context
    from emulators.providers.identity.state import State

    Handler = Callable[[web.Request], Awaitable[web.Response]]

NAME = "providers"
ISSUERS = ("google", "apple", "oidc")


def identity_routes(context: Context, state: State) -> list[web.RouteDef]:
    """Return the routes below ``/identity`` and ``/_mg/identity``."""
    found = _github(GitHub(state), context)
    for name in ISSUERS:
        found += _openid(OpenId(name, state, context.clock), context)
    levers = _Levers(state)
    return [
        *found,
        web.get("/_mg/identity", levers.show),
        web.put("/_mg/identity/apple/key", levers.put_key),
        web.put("/_mg/identity/{provider}", levers.change),
    ]


def _openid(face: OpenId, context: Context) -> list[web.RouteDef]:
    base = f"/identity/{face.name}"

    def past(call: str, handler: Handler) -> Handler:
        return _past(f"identity.{face.name}.{call}", handler, context)

    return [
        web.get(f"{base}/.well-known/openid-configuration", past("metadata", face.metadata)),
        web.get(f"{base}/keys", past("keys", face.keys)),
        web.get(f"{base}/authorize", past("authorize", face.authorize)),
        web.post(f"{base}/token", past("token", face.token)),
    ]


def _github(face: GitHub, context: Context) -> list[web.RouteDef]:
    def past(call: str, handler: Handler) -> Handler:
        return _past(f"identity.github.{call}", handler, context)

    return [
        web.get("/identity/github/authorize", past("authorize", face.authorize)),
        web.post("/identity/github/access_token", past("token", face.access_token)),
        web.get("/identity/github/api/user", past("user", face.user)),
        web.get("/identity/github/api/user/emails", past("emails", face.emails)),
    ]


def _past(method: str, handler: Handler, context: Context) -> Handler:
    """Wrap a handler in the faults of its method."""
    context.faults.know(NAME, {method: "http"})

    async def handle(request: web.Request) -> web.Response:
        try:
            await context.faults.before(NAME, method)
            answer = await handler(request)
            await context.faults.after(NAME, method)
        except errors.EmulatorError as error:
            status = errors.HTTP_STATUS[error.status]
            return web.json_response({"message": error.message}, status=status)
        return answer

    return handle


class _Levers:
    """What a person at the console, or a test, changes."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def show(self, _request: web.Request) -> web.Response:
        """Answer with who signs in where, and what goes wrong."""
        fakes = {name: self._state.fake(name) for name in KINDS}
        return web.json_response(
            {n: {"fault": f.fault, "person": f.person.model_dump()} for n, f in fakes.items()}
        )

    async def change(self, request: web.Request) -> web.Response:
        """Change one of them."""
        try:
            change = Change.model_validate_json(await request.read())
        except ValidationError as error:
            raise errors.invalid_argument(explain(error)) from None
        self._state.change(request.match_info["provider"], change)
        return await self.show(request)

    async def put_key(self, request: web.Request) -> web.Response:
        """Take the public key of Apple's client."""
        self._state.apple_key = dict(await request.json())
        return web.json_response({})
