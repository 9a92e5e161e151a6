"""A service's REST side: routes, errors in Google's form, and what arrives noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulators.core import errors
from emulators.core.binding import REQUEST
from emulators.core.plain_http import noting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulators.core.server import Endpoint

_MAX_BODY_BYTES = 64 * 1024 * 1024


async def started(endpoint: Endpoint, grace_seconds: float) -> tuple[web.AppRunner, web.Server]:
    """Return what answers an endpoint's HTTP/1 connections; it listens nowhere itself.

    Args:
        endpoint: Whose routes.
        grace_seconds: How long open requests are waited for at the end.
    """
    middlewares: list[Any] = [_google_errors]  # aiohttp's own type of them is private
    if endpoint.recorder is not None:
        middlewares.append(noting(endpoint.recorder, endpoint.name))
    app = web.Application(middlewares=middlewares, client_max_size=_MAX_BODY_BYTES)
    app.add_routes(endpoint.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=grace_seconds)
    await runner.setup()
    if runner.server is None:
        raise RuntimeError("aiohttp made no server")
    return runner, runner.server


@web.middleware
async def _google_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    REQUEST.set(request)
    try:
        return await handler(request)
    except errors.EmulatorError as error:
        status, body = errors.to_rest(error)
        return web.json_response(body, status=status)
    except web.HTTPRequestEntityTooLarge:
        most = f"Request payload size exceeds the limit: {_MAX_BODY_BYTES} bytes."
        return web.json_response(errors.to_rest(errors.invalid_argument(most))[1], status=400)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        lost = errors.not_found(f"{request.method} {request.path} is no method of this service")
        return web.json_response(errors.to_rest(lost)[1], status=404)
