"""What runs in a forked process: one function served by uvicorn on a socket that outlives it."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import uvicorn
from functions_framework import aio

from emulators.cloud_run.functions import Function
from emulators.cloud_run.slots import Slots, State

KEEP_ALIVE_SECONDS = 600  # the router's idle connections end on its side, not on ours
GRACE_SECONDS = 2


@dataclass(frozen=True)
class Child:
    """One function and where it listens.

    Attributes:
        listener: Bound and listening in the parent, so that callers wait while it is forked anew.
        env: Variables of this function alone.
    """

    function: Function
    listener: socket.socket
    env: Mapping[str, str]


class _Server(uvicorn.Server):
    """A server that says in shared memory when it accepts."""

    def __init__(self, config: uvicorn.Config, slots: Slots, name: str) -> None:
        super().__init__(config)
        self._slots = slots
        self._name = name

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then mark the function ready."""
        await super().startup(sockets)
        self._slots.mark(self._name, State.READY)


def function_environment(function: Function) -> dict[str, str]:
    """Return the variables Cloud Run sets for a function."""
    return {
        "FUNCTION_TARGET": "handle",
        "FUNCTION_SIGNATURE_TYPE": "http",
        "FUNCTION_SOURCE": str(function.main),
        "K_SERVICE": function.service,
        "K_REVISION": f"{function.service}-local",
        "K_CONFIGURATION": function.service,
    }


def serve(child: Child, slots: Slots) -> None:
    """Load the function and answer requests until told to stop."""
    # The function is product code, which reads the environment of its own process.
    os.environ.update({**function_environment(child.function), **child.env})  # noqa: TID251
    source = str(child.function.main)
    app = load(source)
    server = _Server(configuration(app), slots, child.function.name)
    server.run(sockets=[child.listener])


def load(source: str) -> Any:  # noqa: ANN401 - an ASGI application, untyped by the framework
    """Return the application of a ``main.py``."""
    create: Any = aio.create_asgi_app
    return create(target="handle", source=source, signature_type="http")


def configuration(app: Any) -> uvicorn.Config:  # noqa: ANN401 - an ASGI application
    """Return how uvicorn serves a function."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe X-Forwarded-For of anybody on this machine
    )
