"""``events``: callbacks an execution waits for."""

from emulators.workflows.errors import type_error, value_error
from emulators.workflows.host import Host
from emulators.workflows.stdlib.registry import function, map_of, number_of, text_of
from emulators.workflows.values import Value

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
TWELVE_HOURS = 43200


@function("events.create_callback_endpoint", kind="waiting", http_callback_method="POST")
async def create_callback_endpoint(host: Host, http_callback_method: Value) -> Value:
    """Return ``{url}`` of a new endpoint of this execution."""
    method = text_of(http_callback_method, "events.create_callback_endpoint: method")
    if method not in METHODS:
        raise value_error(f"events.create_callback_endpoint: no method {method!r}")
    return {"url": await host.callbacks.create(method)}


@function("events.await_callback", "callback", kind="waiting", timeout=TWELVE_HOURS)
async def await_callback(host: Host, callback: Value, timeout: Value) -> Value:  # noqa: ASYNC109 - the workflow's own argument, of virtual time
    """Return the next request to an endpoint.

    Raises:
        WorkflowError: TimeoutError when none arrives in time.
    """
    url = map_of(callback, "events.await_callback: callback").get("url")
    if not isinstance(url, str):
        raise type_error("events.await_callback: not a callback of create_callback_endpoint")
    return await host.callbacks.wait(url, number_of(timeout, "events.await_callback: timeout"))
