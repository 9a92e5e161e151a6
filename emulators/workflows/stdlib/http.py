"""``http``: requests to the outside."""

from emulators.workflows.errors import value_error
from emulators.workflows.host import Host, Request
from emulators.workflows.stdlib.registry import Implementation, function, map_of, number_of, text_of
from emulators.workflows.values import Value

LONGEST_SECONDS = 1800
OPTIONS: dict[str, Value] = {
    "headers": None,
    "body": None,
    "query": None,
    "auth": None,
    "timeout": LONGEST_SECONDS,
    "private_service_name": None,
    "ca_certificate": None,
}


def _calling(method: str) -> Implementation:
    async def call(host: Host, url: Value, *options: Value) -> Value:
        return await host.web.send(_request(method, url, options))

    return call


@function("http.request", "url", "method", kind="waiting", **OPTIONS)
async def request(host: Host, url: Value, method: Value, *options: Value) -> Value:
    """Send a request of any method."""
    return await host.web.send(_request(text_of(method, "http.request: method"), url, options))


def _request(method: str, url: Value, options: tuple[Value, ...]) -> Request:
    given = dict(zip(OPTIONS, options, strict=True))
    seconds = number_of(given["timeout"], "http: timeout")
    if not 0 < seconds <= LONGEST_SECONDS:
        raise value_error(f"http: a timeout of {seconds} seconds is out of range")
    return Request(
        method,
        text_of(url, "http: url"),
        headers=map_of(given["headers"] or {}, "http: headers"),
        query=map_of(given["query"] or {}, "http: query"),
        body=given["body"],
        auth=map_of(given["auth"] or {}, "http: auth"),
        timeout_seconds=seconds,
    )


for _method in ("get", "post", "put", "patch", "delete"):
    function(f"http.{_method}", "url", kind="waiting", **OPTIONS)(_calling(_method.upper()))
