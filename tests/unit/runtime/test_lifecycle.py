"""The end of a process, with functions-framework itself as it serves in the cloud."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from shared.runtime.lifecycle import Work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).parents[3]
ALLOWED_SECONDS = 10.0
PATIENCE_SECONDS = 30
MAIN = """
import asyncio
from starlette.responses import Response, StreamingResponse
from shared.runtime.lifecycle import install, work

async def pieces():
    while True:
        yield b"piece"
        await asyncio.sleep(0.01)

async def until_told(request):
    with work.counted():
        while not work.stopping:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
    return Response("finished")

left = set()

async def write_later():
    await asyncio.sleep(0.3)
    with open("written", "w"):
        pass

async def settle():
    await asyncio.gather(*left)

async def handle(request):
    install()
    if request.url.path == "/later":
        work.settle_with(settle)
        left.add(asyncio.create_task(write_later()))
    if request.url.path == "/slow":
        return await until_told(request)
    if request.url.path == "/stream":
        return StreamingResponse(work.until_stopped(pieces()))
    if request.url.path == "/endless":
        return StreamingResponse(pieces())
    return Response("ready" if not work.stopping else "stopping")
"""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Serve the function of `MAIN`; yields the process and its address."""
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    words = ["-m", "functions_framework", "--target", "handle", "--host", "127.0.0.1"]
    told = {"FUNCTION_USE_ASGI": "1", "PYTHONPATH": str(ROOT), "PATH": os.defpath}
    process = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, *words, "--port", port], cwd=folder, env=told, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(address)
        yield process, address
    finally:
        process.kill()
        process.wait()


def _until_it_answers(address: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(httpx2.HTTPError):
            httpx2.get(address, trust_env=False)
            return
        threading.Event().wait(0.05)
    pytest.fail("the function was never served")


def ended(process: subprocess.Popen[bytes], since: float) -> float:
    """Return how long the process took to end."""
    process.wait(PATIENCE_SECONDS)
    return time.monotonic() - since


def test_requests_are_answered_and_streams_ended_before_the_process_ends(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address), ThreadPoolExecutor(1) as pool:
        slow = pool.submit(httpx2.get, f"{address}/slow", trust_env=False, timeout=20)
        with httpx2.stream("GET", f"{address}/stream", trust_env=False) as answer:
            pieces = answer.iter_raw()
            assert next(pieces).startswith(b"piece")
            _until_at_work(address)

            told = time.monotonic()
            process.send_signal(signal.SIGTERM)
            rest = b"".join(pieces)

        assert set(rest.split(b"piece")) <= {b""}
        assert slow.result(PATIENCE_SECONDS).text == "finished"
        assert 0.3 < ended(process, told) < ALLOWED_SECONDS


def test_what_a_request_left_to_be_done_is_done_before_the_process_ends(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address):
        httpx2.get(f"{address}/later", trust_env=False)

        told = time.monotonic()
        process.send_signal(signal.SIGTERM)

        assert ended(process, told) < ALLOWED_SECONDS
        assert (tmp_path / "written").exists()


def _until_at_work(address: str) -> None:
    """Return when a request that was sent before must have arrived: later ones are answered."""
    for _ in range(20):
        httpx2.get(address, trust_env=False)


def test_a_stream_that_nobody_ends_does_not_hold_the_process_either(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address):
        with httpx2.stream("GET", f"{address}/endless", trust_env=False) as answer:
            pieces = answer.iter_raw()
            next(pieces)

            told = time.monotonic()
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(httpx2.HTTPError):
                list(pieces)

        assert ended(process, told) < ALLOWED_SECONDS


def test_draining_waits_for_work_and_no_longer_than_allowed() -> None:
    work = Work()
    assert work.drained(0)

    with work.counted():
        assert not work.drained(0.01)

    assert work.drained(0)
    assert work.at_work == 0


def test_work_that_fails_is_over_too() -> None:
    work = Work()
    with contextlib.suppress(ValueError), work.counted():
        raise ValueError

    assert work.at_work == 0


async def _two(closed: list[bool]) -> AsyncIterator[bytes]:
    try:
        yield b"one"
        yield b"two"
    finally:
        closed.append(True)


async def test_a_stream_is_passed_on_whole() -> None:
    work, closed = Work(), list[bool]()

    assert [piece async for piece in work.until_stopped(_two(closed))] == [b"one", b"two"]
    assert (work.at_work, closed) == (0, [True])


async def test_a_stream_that_waits_ends_when_the_process_is_told_to() -> None:
    work, closed, never = Work(), list[bool](), asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await never.wait()
        finally:
            closed.append(True)

    found: list[bytes] = []
    async for piece in work.until_stopped(waiting()):
        found.append(piece)
        asyncio.get_running_loop().call_soon(work.stop)

    assert (found, closed, work.at_work) == ([b"one"], [True], 0)


async def test_a_stream_that_begins_after_the_end_ends_at_once() -> None:
    work, closed = Work(), list[bool]()
    work.stop()

    assert [piece async for piece in work.until_stopped(_two(closed))] == []
    assert work.at_work == 0


async def test_a_reader_who_leaves_early_closes_the_source_at_once() -> None:
    work, closed = Work(), list[bool]()
    stream = work.until_stopped(_two(closed))
    assert await anext(stream) == b"one"

    await stream.aclose()

    assert (work.at_work, closed) == (0, [True])


async def test_an_error_of_a_stream_reaches_its_reader() -> None:
    work = Work()

    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        _ = [piece async for piece in work.until_stopped(broken())]
    assert work.at_work == 0
