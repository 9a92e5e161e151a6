"""The public door: who may come in, how often, and where a request goes."""

from functools import cache

from shared.adapters import functions, probes
from shared.gateway.headers import SECURITY_HEADERS
from shared.runtime import front, http
from shared.runtime.counting import counted, incoming
from shared.runtime.door import authorize, make_door
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
    found = await door().answer(incoming(request))
    return http.Reply(
        found.body, found.status, found.headers, "", found.stream, repeated=found.repeated
    )


OWN = (health, platform_status, health_aggregate, health_page, api_page, api_document, llms)

handle = http.resource(
    __file__,
    *counted(__file__, door, *OWN),
    authorize=authorize,
    probes=[probes.redis],
    entrance=http.Entrance(
        forward, SECURITY_HEADERS, front.cors, [front.table, front.keys, functions.ready]
    ),
)
