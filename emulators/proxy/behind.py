"""What stands behind the proxy besides the emulators themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from emulators.core.errors import unavailable, unimplemented
from emulators.core.server import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANY = "/{path:.*}"
_HOP_BY_HOP = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})


def refusal() -> Endpoint:
    """Answer UNIMPLEMENTED, to a call by its method's full name, to a request by its host's."""

    async def refuse(request: web.Request) -> web.Response:
        raise unimplemented(
            f"{request.host} is not emulated here ({request.method} {request.path})"
        )

    return Endpoint("proxy", routes=lambda: [web.route("*", _ANY, refuse)])


def under_prefix(address: str, prefix: str) -> Endpoint:
    """Hand requests on to an emulator that serves an API's paths below a path of its own."""
    session: list[aiohttp.ClientSession] = []

    async def hand_on(request: web.Request) -> web.Response:
        headers = _kept(request.headers) | {"Host": address}
        asked = session[0].request(
            request.method,
            f"http://{address}{prefix}{request.rel_url}",
            data=await request.read(),
            headers=headers,
            allow_redirects=False,
        )
        try:
            async with asked as reply:
                content = await reply.read()
        except aiohttp.ClientError as error:
            raise unavailable(f"{request.host} is emulated at {address}: {error}") from error
        return web.Response(body=content, status=reply.status, headers=_kept(reply.headers))

    async def start() -> None:
        session.append(aiohttp.ClientSession())

    async def stop() -> None:
        await session.pop().close()

    return Endpoint(
        "proxy", routes=lambda: [web.route("*", _ANY, hand_on)], on_start=start, on_stop=stop
    )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
