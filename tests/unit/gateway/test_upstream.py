"""Calls of services: what their host says in their place becomes a problem of ours."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from shared.gateway.breaker import POLICIES, CircuitOpenError
from shared.gateway.local_breakers import MemoryBreakers
from shared.gateway.ports import Answer
from shared.gateway.routes import RouteTable
from shared.gateway.upstream import ServiceFailedError, Upstream, Waiting
from shared.kernel.clock import FixedClock
from shared.kernel.errors import TimedOutError, UnavailableError
from tests.fakes.catalog import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from shared.gateway.routes import Route

PROBLEM = {"content-type": "application/problem+json"}
HTML = {"content-type": "text/html; charset=utf-8"}


class Host:
    """Answers in place of every service; `closed` counts the streams that were let go."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self.closed = answer, 0

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Answer:
        """Return the answer."""
        del route, target, headers, body, seconds
        return self._answer

    async def stream(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Answer:
        """Return the answer as a stream."""
        del route, target, headers, body, seconds
        pieces = self._pieces()
        await anext(pieces)
        return Answer(self._answer.status, self._answer.headers, b"", pieces)

    async def _pieces(self) -> AsyncGenerator[bytes]:
        try:
            yield b"<html>"
            yield b"</html>"
        finally:
            self.closed += 1


class Heard:
    """`shared.gateway.upstream.Watch`: keeps what it hears."""

    def __init__(self) -> None:
        self.refusals: list[tuple[str, int]] = []

    def retried(self, service: str) -> None:
        """Nobody here wants to know."""

    def refused(self, service: str, status: int) -> None:
        """Keep a refusal."""
        self.refusals.append((service, status))


def behind(host: Host, heard: Heard | None = None) -> Upstream:
    """Return the way to services behind `host`."""

    async def no_time(_seconds: float) -> None:
        return

    waiting = Waiting(lambda: 0.0, no_time, Random(7))
    breakers = MemoryBreakers(FixedClock(NOW))
    return Upstream(host, breakers, waiting=waiting, watch=heard or Heard())


async def called(host: Host | Upstream, *, stream: bool = False) -> Answer:
    """Return what the door gets of a service behind `host`."""
    upstream = behind(host) if isinstance(host, Host) else host
    row = {"service": "search-query", "area": "search", "method": "GET", "path": "/api/v1/search"}
    traits = {"auth": "public", "timeout_seconds": 5, "body_limit": 10, "stream": stream}
    route = RouteTable([{**row, **traits}]).find("GET", "/api/v1/search")
    return await upstream.call(route, "/api/v1/search", {}, b"")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
async def test_a_failure_without_a_problem_document_is_unavailable(status: int) -> None:
    with pytest.raises(UnavailableError, match="search-query") as met:
        await called(Host(Answer(status, HTML, b"<html>10.1.2.3 does not start</html>")))

    assert met.value.code == "unavailable"
    assert "10.1.2.3" not in met.value.message
    assert 1 <= vars(met.value)["retry_after_seconds"] <= 3


async def test_when_to_come_again_is_what_the_host_says() -> None:
    with pytest.raises(UnavailableError) as met:
        await called(Host(Answer(503, {**HTML, "retry-after": "17"}, b"")))

    assert vars(met.value)["retry_after_seconds"] == 17


async def test_the_time_that_was_up_for_a_load_balancer_is_a_timeout() -> None:
    with pytest.raises(TimedOutError):
        await called(Host(Answer(504, {}, b"upstream request timeout")))


@pytest.mark.parametrize("status", [404, 429, 500, 503])
@pytest.mark.parametrize("marks", [PROBLEM, {"x-request-id": "abc-12345"}])
async def test_a_services_own_failure_passes(status: int, marks: dict[str, str]) -> None:
    said = Answer(status, marks, b'{"code": "unavailable"}')

    assert await called(Host(said)) == said


async def test_an_area_is_left_alone_where_its_host_asks_for_it_and_not_for_one_callers_sake() -> (
    None
):
    told = {"retry-after": "900"}
    refused = Answer(429, {**PROBLEM, **told}, b'{"code": "too-many-tries"}')
    ours, hosts = behind(Host(refused)), behind(Host(Answer(429, {**HTML, **told}, b"")))

    for _ in range(3):
        assert await called(ours) == refused
    with pytest.raises(ServiceFailedError):
        await called(hosts)
    with pytest.raises(CircuitOpenError):
        await called(hosts)


async def test_a_raw_failure_of_a_stream_frees_its_connection() -> None:
    host = Host(Answer(500, HTML, b""))

    with pytest.raises(UnavailableError):
        await called(host, stream=True)

    assert host.closed == 1


FORBIDDEN = b"<html><title>403 Forbidden</title>Your client does not have permission</html>"


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refusal_of_the_gateway_is_no_refusal_of_the_caller(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    told = {**HTML, "www-authenticate": 'Bearer error="invalid_token"'}

    with pytest.raises(UnavailableError) as met:
        await called(behind(Host(Answer(status, told, FORBIDDEN)), heard))

    assert (met.value.code, vars(met.value)["retry_after_seconds"]) == ("unavailable", 60)
    assert heard.refusals == [("search-query", status)]
    said = vars(caplog.records[-1])
    assert (said["msg"], said["upstream"], said["status"]) == (
        "upstream.refused",
        "search-query",
        status,
    )
    assert ("roles/run.invoker" in said["mend"]) == (status == 403)


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("marks", [PROBLEM, {"x-request-id": "abc-12345"}])
async def test_a_functions_own_refusal_is_the_callers(status: int, marks: dict[str, str]) -> None:
    said = Answer(status, {**marks, "www-authenticate": "Basic"}, b'{"error": "invalid_client"}')

    assert await called(Host(said)) == said


async def test_a_refusal_of_the_gateway_is_logged_once_a_minute_and_opens_no_breaker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()
    upstream, calls = behind(Host(Answer(403, HTML, FORBIDDEN)), heard), POLICIES["search"].volume

    for _ in range(calls + 1):
        with pytest.raises(ServiceFailedError):  # an open breaker would be another error
            await called(upstream)

    assert len(heard.refusals) == calls + 1
    assert [each.message for each in caplog.records].count("upstream.refused") == 1
