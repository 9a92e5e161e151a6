"""The public door: who may come in, how often, and where a request goes."""

from functools import cache

from shared.adapters import functions, probes
from shared.gateway.headers import SECURITY_HEADERS
from shared.gateway.pipeline import Incoming
from shared.runtime import front, http, viewer
from shared.runtime.door import make_door
from shared.runtime.front import (
    api_document,
    api_page,
    health,
    health_aggregate,
    health_page,
    llms,
    platform_status,
)

door = cache(lambda: make_door(front.table()))


async def forward(request: http.Request) -> http.Reply:
    """Lead a request through the door."""
    r = request
    asked = Incoming(r.method, r.target, r.headers, r.body, r.peer, r.request_id)
    answer = await door().answer(asked)
    media_type = answer.headers.get("content-type", "")
    headers = {n: v for n, v in answer.headers.items() if n != "content-type"}
    return http.Reply(answer.body, answer.status, headers, media_type, answer.stream)


handle = http.resource(
    __file__,
    *(health, platform_status, health_aggregate, health_page, api_page, api_document, llms),
    authorize=viewer.authorize,
    probes=[probes.redis],
    entrance=http.Entrance(
        forward, SECURITY_HEADERS, front.cors, [front.table, front.keys, functions.ready]
    ),
)
