"""The public door: finds the service of a route, forwards, answers for it when it cannot."""

from functools import cache

import orjson

from shared.adapters import connect
from shared.adapters.functions import Functions, Message
from shared.gateway.headers import SECURITY_HEADERS, forwarded, returned
from shared.gateway.routes import Route, RouteTable
from shared.kernel.errors import TooLargeError
from shared.runtime import http

functions = Functions()


@cache
def table() -> RouteTable:
    """Return the routes, made from the manifests when this was deployed."""
    return RouteTable(orjson.loads(connect.addresses().routes_file.read_bytes()))


def live(_request: http.Request) -> http.Reply:
    """Answer that this process runs; says nothing of any other."""
    return http.reply({"status": "healthy"}, headers=SECURITY_HEADERS)


async def forward(request: http.Request) -> http.Reply:
    """Forward a request to the service whose route it is."""
    route = table().find(request.method, request.target.partition("?")[0])
    if len(request.body) > route.body_limit:
        raise TooLargeError(f"the body has more than {route.body_limit} bytes")
    answer = await functions.call(
        route.service,
        request.method,
        request.target,
        message=Message(_headers(request, route), request.body),
        seconds=route.timeout_seconds,
    )
    media_type = answer.headers.get("content-type", "")
    headers = returned(answer.headers)
    headers.pop("content-type", None)
    return http.Reply(answer.body, answer.status, headers, media_type)


def _headers(request: http.Request, route: Route) -> dict[str, str]:
    budget = int(route.timeout_seconds * 1000)
    return forwarded(request.headers, request_id=request.request_id, budget_ms=budget)


handle = http.resource(__file__, live, otherwise=forward, headers=SECURITY_HEADERS)
