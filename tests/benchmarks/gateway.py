"""What the gateway adds to a call, and how many cached answers it gives, in a whole local cloud.

Added latency: the same request through the gateway and to the function itself, in turn, so that a
busy machine slows both; each way has one connection that stays open. What is subtracted is one
percentile from the other. The function keeps the answer of the search; the title does
not exist, so that each request is a miss that may not be kept.

Throughput: wrk with 16 connections, on this machine as everything else, in turns of a few seconds;
the median of each. The peers say hello and do nothing else, started as functions-framework starts
them. The cached answer passes limiter, log, metrics and trace as every request does.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import UUID

import numpy as np

from emulators.managed.process import free_port
from tests.benchmarks.cloud import CommandError, running_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulators.hub.record import Record
    from tests.benchmarks.machine import Row

TURNS, WARM_UP = 1000, 100
ROUNDS, WRK_SECONDS, CONNECTIONS = 5, 3, 16
P50_TARGET, P95_TARGET = 1.5, 4.0
FLASK_TARGET, ASGI_TARGET = 4.0, 0.5
CACHED = "/api/v1/genres"
FORWARDED = (
    ("search-query", "/api/v1/search?q=heist", "a search, kept by its function"),
    ("catalog-read", f"/api/v1/content/{UUID(int=7, version=4)}", "a miss of the cache, 404"),
)
HELLO = """
import functions_framework{module}

@functions_framework{module}.http
{word} hello(request):
    return "Hello, world!"
"""
PEERS = {"Flask": ("", "def", ()), "ASGI": (".aio", "async def", ("--asgi",))}
START_SECONDS = 20.0


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    with running_cloud() as cloud:
        record = cloud.record()
        rows = [_added(record, *forwarded) for forwarded in FORWARDED]
        return rows + _throughput(record)


def _added(record: Record, service: str, target: str, what: str) -> Row:
    """Return the row of one request both ways."""
    base = f"http://{record.addresses['cloud_run']}/{service}"
    token = {"x-serverless-authorization": f"Bearer {_identity(record, base)}"}
    gateway = HTTPConnection(record.addresses["gateway"], timeout=30)
    function = HTTPConnection(record.addresses["cloud_run"], timeout=30)
    seconds = np.array(
        [
            (_asked(gateway, target, {}), _asked(function, f"/{service}{target}", token))
            for _ in range(WARM_UP + TURNS)
        ]
    )
    found = np.percentile(seconds[WARM_UP:], (50, 95), axis=0) * 1000
    added = found[:, 0] - found[:, 1]
    return (
        f"gateway's part of {what} (targets ≤ {P50_TARGET} and ≤ {P95_TARGET} ms)",
        "p50 +{:.2f} ms, p95 +{:.2f} ms".format(*added),
        "the function itself p50 {:.2f} ms, p95 {:.2f} ms".format(*found[:, 1]),
    )


def _identity(record: Record, audience: str) -> str:
    """Return the token with which a function calls another."""
    host = record.variables["GCE_METADATA_HOST"]
    path = "computeMetadata/v1/instance/service-accounts/default/identity"
    url = f"http://{host}/{path}?audience={quote(audience, safe='')}"
    asked = Request(url, headers={"Metadata-Flavor": "Google"})
    with urlopen(asked, timeout=10) as answer:  # noqa: S310 - of this machine
        return str(answer.read().decode())


def _asked(connection: HTTPConnection, target: str, headers: Mapping[str, str]) -> float:
    """Return the seconds of one request.

    Raises:
        CommandError: It was not let in, or failed.
    """
    began = perf_counter()
    connection.request("GET", target, headers=dict(headers))
    answer = connection.getresponse()
    body = answer.read()
    took = perf_counter() - began
    if answer.status not in {200, 404}:
        raise CommandError(f"{target} answered {answer.status}: {body[:300]!r}")
    return took


def _throughput(record: Record) -> list[Row]:
    """Return the rows of the cached answer beside both peers."""
    if shutil.which("wrk") is None:
        return [("cached answers", "not measured: wrk is not installed", "")]
    ours = f"http://{record.addresses['gateway']}{CACHED}"
    with _hello("Flask") as flask, _hello("ASGI") as asgi:
        _check_cached(record)
        turns = [[_wrk(url) for url in (ours, flask, asgi)] for _ in range(ROUNDS)]
    cached, flask_hello, asgi_hello = (median(turn[place] for turn in turns) for place in range(3))
    return [
        _row(cached, flask_hello, f"Flask hello world (target ≥ {FLASK_TARGET:g}×)"),
        _row(cached, asgi_hello, f"ASGI hello world (target ≥ {ASGI_TARGET:g}×)"),
    ]


def _row(ours: float, theirs: float, peer: str) -> Row:
    what = f"cached answers at {CONNECTIONS} connections, beside functions-framework's {peer}"
    return what, f"{ours:.0f}/s, {ours / theirs:.2f}×", f"{theirs:.0f}/s"


def _check_cached(record: Record) -> None:
    """Make sure that what is measured is a cached answer with the limiter on.

    Raises:
        CommandError: It is not.
    """
    connection = HTTPConnection(record.addresses["gateway"], timeout=30)
    _asked(connection, CACHED, {})
    connection.request("GET", CACHED)
    answer = connection.getresponse()
    answer.read()
    if answer.headers["x-cache"] != "HIT" or "ratelimit" not in answer.headers:
        raise CommandError(f"{CACHED} is not cached, or not limited: {answer.headers}")


def _wrk(url: str) -> float:
    """Return requests a second.

    Raises:
        CommandError: Some were not answered with success.
    """
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{WRK_SECONDS}s", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if found is None or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise CommandError(f"wrk {url}: {done.stdout}{done.stderr}")
    return float(found[1])


@contextmanager
def _hello(peer: str) -> Iterator[str]:
    """Serve functions-framework's hello world by its own command; gives its address."""
    module, word, flags = PEERS[peer]
    port = free_port()
    with tempfile.TemporaryDirectory() as room:
        source = Path(room) / "main.py"
        source.write_text(HELLO.format(module=module, word=word), encoding="utf-8")
        words = ("--target", "hello", "--source", str(source), "--host", "127.0.0.1")
        command = [sys.executable, "-m", "functions_framework", *words, "--port", str(port), *flags]
        process = subprocess.Popen(  # noqa: S603 - our own words
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield _answering(f"http://127.0.0.1:{port}/", process)
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _answering(url: str, process: subprocess.Popen[bytes]) -> str:
    """Return the address once it answers.

    Raises:
        CommandError: It does not.
    """
    deadline = perf_counter() + START_SECONDS
    while perf_counter() < deadline and process.poll() is None:
        with suppress(OSError), urlopen(url, timeout=1):  # noqa: S310 - of this machine
            return url
        sleep(0.05)
    raise CommandError(f"functions-framework does not answer at {url}")
