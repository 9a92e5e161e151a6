"""The public door: who may come in, how often, and where a request goes."""

from functools import cache

from shared.gateway.headers import SECURITY_HEADERS
from shared.gateway.pipeline import Incoming
from shared.runtime import http
from shared.runtime.door import make_door

door = cache(make_door)


def live(_request: http.Request) -> http.Reply:
    """Answer that this process runs; says nothing of any other."""
    return http.reply({"status": "healthy"}, headers=SECURITY_HEADERS)


async def forward(request: http.Request) -> http.Reply:
    """Lead a request through the door."""
    incoming = Incoming(
        request.method,
        request.target,
        request.headers,
        request.body,
        request.peer,
        request.request_id,
    )
    answer = await door().answer(incoming)
    headers = dict(answer.headers)
    media_type = headers.pop("content-type", "")
    return http.Reply(answer.body, answer.status, headers, media_type)


handle = http.resource(__file__, live, otherwise=forward, headers=SECURITY_HEADERS)
