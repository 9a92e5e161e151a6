"""A tiny product, served by the real host in its own process."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar

import pytest

from emulators.core.clock import VirtualClock
from emulators.core.identity import Signer

T = TypeVar("T")
ROOT = Path(__file__).parents[3]

ECHO = """
import asyncio, os
from starlette.responses import JSONResponse, StreamingResponse

async def handle(request):
    if request.url.path == "/slow":
        await asyncio.sleep(30)
    if request.url.path == "/stream":
        async def pieces():
            for word in ("Heat", "Ronin"):
                yield word
        return StreamingResponse(pieces())
    body = await request.body()
    return JSONResponse({
        "service": os.environ["K_SERVICE"], "pid": os.getpid(),
        "nice": os.nice(0), "path": str(request.url.path),
        "query": str(request.url.query), "bytes": len(body), "method": request.method,
        "authorization": request.headers.get("authorization", ""),
    })
"""
JOB = """
import os, signal, sys, time
name, *args = sys.argv[1:]
if args[:1] == ["fail"]:
    sys.exit("the provider refused")
if args[:1] == ["wait"]:
    print("waiting", flush=True)
    time.sleep(60)
print('{"job": "%s", "args": "%s", "region": "%s", "attempt": "%s"}' % (
    name, " ".join(args), os.environ.get("REGION", ""), os.environ["CLOUD_RUN_TASK_ATTEMPT"]))
"""
MANIFESTS = [
    {"name": "gateway", "service": "gateway", "http": [{"operation": "any"}]},
    {
        "name": "search_query",
        "service": "search-query",
        "http": [{}],
        "timeout_seconds": 1,
        "scaling": {"min": 1},
    },
    {"name": "broken_start", "service": "broken-start", "http": [{}], "scaling": {"min": 1}},
    {"name": "links_report", "service": "links-report", "http": [{}], "scaling": {"min": 0}},
    {
        "name": "search_index",
        "service": "search-index",
        "event": {"topics": ["content.updated"]},
        "scaling": {"min": 1},
    },
    {"name": "catalog_fetch", "service": "catalog-fetch", "job": {"tasks": 1, "max_retries": 1}},
]
SERVE = """
import json, sys
from pathlib import Path
from emulators.cloud_run.functions import from_manifests
from emulators.cloud_run.host import Host, HostOptions, describe
room = Path(sys.argv[1])
options = HostOptions(
    root=room, state=room / "state", logs=room / "logs", env={"PATH": "/usr/bin:/bin"}, port=0,
    gateway_port=int(sys.argv[3]), preloaded=("functions_framework.aio", "uvloop"),
    job_command=(sys.executable, str(room / "job.py")),
)
host = Host(from_manifests(json.loads(sys.argv[2]), room / "functions"), options)
print(describe(host), flush=True)
host.run()
"""


@dataclass
class RunningHost:
    """A host in its own process."""

    port: int
    gateway_port: int
    room: Path
    process: subprocess.Popen[str]

    def token(self, service: str) -> str:
        """Return an identity token for a service."""
        audience = f"http://127.0.0.1:{self.port}/{service}"
        signer = Signer(VirtualClock(), self.room / "state")
        return signer.token(audience, "caller@example.com")

    def call(
        self, method: str, path: str, body: bytes = b"", *, port: int = 0, **headers: str
    ) -> tuple[int, Any]:
        """Return status and body of one request."""
        connection = HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(connection):
            connection.request(method, path, body or None, named)
            answer = connection.getresponse()
            text = answer.read()
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.status, json.loads(text) if is_json and text else text

    def call_service(self, service: str, path: str = "/", body: bytes = b"") -> tuple[int, Any]:
        """Call a service as another service does."""
        token = f"Bearer {self.token(service)}"
        return self.call("POST", f"/{service}{path}", body, authorization=token)

    def status(self) -> dict[str, Any]:
        """Return what the host says of its functions."""
        return dict(self.call("GET", "/_mg/status")[1])

    def wait(self, met: Callable[[], T], seconds: float = 15) -> T:
        """Return the first true answer of ``met``."""
        deadline = time.monotonic() + seconds
        while not (found := met()):
            assert time.monotonic() < deadline, (self.room / "host.log").read_text()
            time.sleep(0.02)
        return found


def start(room: Path, gateway_port: int = 0) -> RunningHost:
    """Start a host over the tiny product in ``room``."""
    command = [sys.executable, "-c", SERVE, str(room), json.dumps(MANIFESTS), str(gateway_port)]
    log = (room / "host.log").open("a")
    with log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=ROOT,
            text=True,
        )
    assert process.stdout is not None
    ports = json.loads(process.stdout.readline())
    host = RunningHost(ports["port"], ports["gateway_port"], room, process)
    host.wait(lambda: host.status()["functions"]["search_query"]["state"] == "ready")
    host.wait(lambda: host.status()["functions"]["gateway"]["state"] == "ready")
    return host


def end(host: RunningHost) -> None:
    """Stop a host in order."""
    host.process.terminate()
    host.process.wait(15)
    assert host.process.stdout is not None
    host.process.stdout.close()


def build(room: Path) -> Path:
    """Write the tiny product."""
    sources = dict.fromkeys(("gateway", "search_query", "search_index", "links_report"), ECHO)
    for name, source in {**sources, "broken_start": "1 / 0"}.items():
        folder = room / "functions" / name
        folder.mkdir(parents=True)
        (folder / "main.py").write_text(source)
    (room / "job.py").write_text(JOB)
    return room


@pytest.fixture
def product(tmp_path: Path) -> Path:
    room = tmp_path / "a product, with spaces"
    room.mkdir()
    return build(room)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    running = start(build(tmp_path_factory.mktemp("product")))
    yield running
    end(running)


def is_gone(pid: int) -> bool:
    """Tell whether no process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
