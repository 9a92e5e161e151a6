"""What is measured, traced and logged around a request, all of it once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import orjson
import pytest

from shared.kernel import trace
from shared.runtime import lifecycle, metrics, telemetry
from shared.runtime.logging import set_up_logging
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


@pytest.fixture(autouse=True)
def _quiet_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    change(monkeypatch, {"K_SERVICE": "search-query", "MEDIA_GATEWAY_OTLP_ENDPOINT": ""})
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    metrics.reset()
    set_up_logging.cache_clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    metrics.reset()
    set_up_logging.cache_clear()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_request_is_one_line_one_count_and_one_span(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with telemetry.request("GET", GIVEN) as seen:
        telemetry.note("/api/v1/content/{id}")
        telemetry.note(cache="HIT")
        seen.status = 200
        assert lifecycle.work.at_work == 1
        assert trace.headers()["traceparent"].startswith(f"00-{TRACE}-")

    (line,) = lines(capsys)
    assert line["message"] == "request.done"
    assert line["http"] == {"method": "GET", "route": "/api/v1/content/{id}", "status": 200}
    assert (line["trace_id"], line["cache"]) == (TRACE, "HIT")
    assert b'route="/api/v1/content/{id}",service="search-query"' in metrics.exposition()
    assert lifecycle.work.at_work == 0
    assert trace.headers() == {}


async def test_a_request_that_breaks_is_a_500_in_line_and_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(RuntimeError):
        async with telemetry.request("GET", {}):
            raise RuntimeError

    (line,) = lines(capsys)
    assert line["http"] == {"method": "GET", "route": "unmatched", "status": 500}
    assert b'status="500"} 1.0' in metrics.exposition()
    assert lifecycle.work.at_work == 0


async def test_a_delivery_counts_as_work_however_it_ends() -> None:
    async with telemetry.delivery():
        assert lifecycle.work.at_work == 1
    with pytest.raises(RuntimeError):
        async with telemetry.delivery():
            raise RuntimeError
    assert lifecycle.work.at_work == 0


async def test_a_stream_is_a_connection_while_it_lasts() -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        yield b"one"
        yield b"two"

    stream = telemetry.streamed(pieces())
    open_line = b'active_connections{service="search-query"} 1.0'

    assert await anext(stream) == b"one"
    assert open_line in metrics.exposition()
    await stream.aclose()

    assert open_line not in metrics.exposition()
    assert lifecycle.work.at_work == 0


async def test_replies_wait_for_what_asked_them_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_waits", [])
    waited: list[str] = []

    async def wait() -> None:
        waited.append("notes")

    telemetry.before_replies(wait)
    async with telemetry.request("GET", {}):
        assert waited == []
    async with telemetry.delivery():
        pass

    assert waited == ["notes", "notes"]
