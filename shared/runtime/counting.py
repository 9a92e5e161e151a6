"""What the gateway answers itself counts against its callers' quotas, as what it forwards does."""

from __future__ import annotations

import asyncio
import inspect
from functools import wraps
from typing import TYPE_CHECKING, cast

from shared.gateway.limits import EXEMPT
from shared.gateway.passage import Incoming
from shared.kernel.errors import AppError
from shared.runtime import http
from shared.runtime.declaration import declared

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.gateway.pipeline import Door


def incoming(request: http.Request) -> Incoming:
    """Return a request as the door looks at it."""
    r = request
    return Incoming(r.method, r.target, r.headers, r.body, r.peer, r.request_id)


def counted(
    main_file: str, door: Callable[[], Door], *handlers: http.Handler
) -> list[http.Handler]:
    """Return handlers whose requests are limited as their manifest says.

    Args:
        main_file: The folder's ``main.py``; its ``function.yaml`` lies beside it.
        door: Has the limits, once settings can be read.
        handlers: Named as the manifest names the operations.
    """
    routes = declared(main_file)["http"]
    rates = {route["operation"]: route.get("rate") for route in routes}
    named = [(handler, rates.get(handler.__name__)) for handler in handlers]
    return [each if rate == EXEMPT else _counted(each, rate, door) for each, rate in named]


def _counted(handler: http.Handler, rate: str | None, door: Callable[[], Door]) -> http.Handler:
    @wraps(handler)
    async def run(request: http.Request) -> http.Reply:
        told: dict[str, str] = {}
        try:
            await door().count(incoming(request), request.principal, rate=rate, told=told)
            found = await _answered(handler, request)
        except AppError as error:
            return http.refused(error, request.request_id, told)
        return found._replace(headers={**found.headers, **told})

    return run


async def _answered(handler: http.Handler, request: http.Request) -> http.Reply:
    if inspect.iscoroutinefunction(handler):
        return cast("http.Reply", await handler(request))
    return cast("http.Reply", await asyncio.to_thread(handler, request))
