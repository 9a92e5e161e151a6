"""More gateways beside the one of the local cloud, and a service behind them that tells what came.

Each is a process of its own, served by functions-framework as in the cloud, with the same Redis.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

import httpx2

from emulators.managed.process import free_port
from tests.e2e.cloud import ROOT, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.e2e.cloud import Cloud

READY_SECONDS = 30
STOP_SECONDS = 15
SERVER = (
    *(sys.executable, "-m", "uvicorn", "functions_framework.aio:app"),
    *("--no-server-header", "--no-proxy-headers", "--no-access-log"),
)


@contextmanager
def gateway(cloud: Cloud, **settings: str) -> Iterator[httpx2.Client]:
    """Start another gateway of a cloud; gives a client of it.

    Args:
        cloud: Whose Redis and, unless the settings say otherwise, functions it uses.
        settings: Variables of it alone.
    """
    port = str(free_port())
    told = {
        "FUNCTION_TARGET": "handle",
        "FUNCTION_SIGNATURE_TYPE": "http",
        "FUNCTION_SOURCE": str(ROOT / "functions" / "gateway" / "main.py"),
        "K_SERVICE": "gateway",
    }
    env = {**cloud.variables, **cloud.record()["variables"], **told, **settings}
    words = [*SERVER, "--port", port]
    with (
        (cloud.state / "logs" / f"gateway-{port}.log").open("w") as log,
        subprocess.Popen(words, cwd=ROOT, env=env, stdout=log, stderr=log) as process,  # noqa: S603
    ):
        try:
            with client(f"127.0.0.1:{port}") as asking:
                within(READY_SECONDS, lambda: is_up(asking), "another gateway")
                yield asking
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def client(address: str) -> httpx2.Client:
    """Return a client of a gateway, with nothing of its own in the head."""
    found = httpx2.Client(base_url=f"http://{address}", trust_env=False, timeout=20)
    found.headers.clear()
    return found


def is_up(asking: httpx2.Client) -> bool:
    """Tell whether a gateway answers."""
    try:
        return asking.get("/health/live").is_success
    except httpx2.TransportError:
        return False


@dataclass
class Service:
    """What stands behind a gateway.

    Attributes:
        address: Template for ``MEDIA_GATEWAY_FUNCTION_URL``.
        status: With which it answers.
        headers: It answers with.
        seen: Head of every request, names in lower case, the newest last.
    """

    address: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Service]:
    """Serve every service of a gateway on loopback."""
    service = Service()
    handler = type("_Handler", (_Handler,), {"service": service})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        service.address = f"http://127.0.0.1:{server.server_port}/{{service}}"
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    service: ClassVar[Service]
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self.rfile.read(length)
        head = {name.lower(): value for name, value in self.headers.items()}
        self.service.seen.append(head)
        body = json.dumps({"calls": len(self.service.seen)}).encode()
        self.send_response(self.service.status)
        usual = {"content-type": "application/json", "content-length": str(len(body))}
        for name, value in {**usual, **self.service.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the server's names

    def log_message(self, *_words: object) -> None:
        """Keep silent."""


def newcomer() -> dict[str, str]:
    """Return the head of a caller who has spent nothing yet."""
    return {"x-forwarded-for": f"2001:db8:{token_hex(2)}:{token_hex(2)}::1"}


def route(path: str, **traits: object) -> dict[str, Any]:
    """Return a row of a route table."""
    plain: dict[str, Any] = {"service": "backend", "method": "GET", "auth": "public", "rate": None}
    return {**plain, "path": path, "timeout_seconds": 5, "body_limit": 1000, **traits}


def written(folder: Path, rows: list[dict[str, Any]]) -> str:
    """Write a route table and return its place, for ``MEDIA_GATEWAY_ROUTES_FILE``."""
    file = folder / "routes.json"
    file.write_text(json.dumps(rows))
    return str(file)
