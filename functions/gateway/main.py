"""The public door: who may come in, how often, and where a request goes."""

from functools import cache

from shared.adapters import probes
from shared.gateway.headers import SECURITY_HEADERS
from shared.gateway.pipeline import Incoming
from shared.runtime import front, http
from shared.runtime.door import make_door

door = cache(lambda: make_door(front.table()))


@http.describes(answer=front.PlatformHealth)
async def health(_request: http.Request) -> http.Reply:
    """Answer with the status of the platform."""
    return await front.overall()


@http.describes(media_type="text/html")
async def health_page(_request: http.Request) -> http.Reply:
    """Answer with the status of every service, as a page."""
    return await front.health_page()


@http.describes(media_type="text/html")
def api_page(_request: http.Request) -> http.Reply:
    """Answer with a page to try the API on."""
    return front.api_page()


@http.describes(media_type="application/vnd.oai.openapi+json")
def api_document(_request: http.Request) -> http.Reply:
    """Answer with the OpenAPI document."""
    return front.document("openapi.json", "application/vnd.oai.openapi+json", seconds=300)


@http.describes(media_type="text/plain")
def llms(_request: http.Request) -> http.Reply:
    """Answer with the API as assistants read it."""
    return front.document("llms.txt", "text/plain; charset=utf-8", seconds=3600)


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
    *(health, health_page, api_page, api_document, llms),
    otherwise=forward,
    headers=SECURITY_HEADERS,
    probes=[probes.redis],
    public=True,
)
