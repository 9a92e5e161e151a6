"""Every function in one process, without forks or jobs: the quickest host, for tests.

Functions share the process's environment, so ``K_SERVICE`` names none of them.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import uvicorn

from emulators.cloud_run.access import Access, Refusal
from emulators.cloud_run.child import configuration, load
from emulators.cloud_run.functions import Function
from emulators.cloud_run.zygote import listen

App = Any  # ASGI's own types differ between servers


class SingleHost:
    """An ASGI application: ``/{service}/rest`` goes to the service, as behind the router.

    Args:
        functions: Those that answer requests; jobs are left out.
        access: Checks identity tokens.
    """

    def __init__(self, functions: Sequence[Function], access: Access) -> None:
        self._access = access
        served = [function for function in functions if not function.is_job]
        self._functions = {function.service: function for function in served}
        self._apps = {function.service: load(str(function.main)) for function in served}

    async def __call__(self, scope: App, receive: App, send: App) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not served here")
        service, _, rest = scope["path"].lstrip("/").partition("/")
        refusal = self._refused(service, dict(scope["headers"]))
        if refusal is not None:
            await _refuse(send, refusal)
            return
        inner = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}
        await self._apps[service](inner, receive, send)

    def _refused(self, service: str, headers: Mapping[bytes, bytes]) -> Refusal | None:
        function = self._functions.get(service)
        if function is None:
            return Refusal(404, f"there is no service {service!r} here")
        return None if function.is_public else self._access.check(service, headers)


async def _refuse(send: App, refusal: Refusal) -> None:
    content = json.dumps({"error": refusal.message}).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@contextlib.asynccontextmanager
async def serving(host: SingleHost, port: int = 0) -> AsyncIterator[int]:
    """Serve in the running event loop and yield the port."""
    listener = listen(port)
    server = uvicorn.Server(configuration(host))
    # Signals are left to whoever runs the loop.
    task = asyncio.get_running_loop().create_task(server._serve([listener]))  # noqa: SLF001
    while not server.started:  # noqa: ASYNC110 - uvicorn sets a flag, not an event
        await asyncio.sleep(0.005)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task
