"""How the platform is, from what its services say."""

from __future__ import annotations

import asyncio
import json
from html.parser import HTMLParser
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.health import (
    Aggregate,
    Component,
    Overview,
    Status,
    decided,
    judged,
    page,
    page_policy,
)
from shared.gateway.starts import IDLE_SECONDS, STARTUP_SECONDS
from shared.kernel.errors import TimedOutError

CORE = frozenset({"search-query"})
HEALTHY = (200, b'{"status":"healthy"}')
DEGRADED = (200, b'{"status":"degraded","components":{"redis":{"status":"unhealthy"}}}')
UNHEALTHY = (503, b'{"status":"unhealthy","components":{"database":{"status":"unhealthy"}}}')


class Services:
    """`shared.gateway.health.Readiness`: answers as told."""

    def __init__(self, answers: dict[str, tuple[int, bytes] | Exception]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def ask(self, service: str) -> tuple[int, bytes]:
        """Return what was told."""
        self.asked.append(service)
        await asyncio.sleep(0)
        answer = self.answers[service]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    """Seconds, moved by hand."""

    at = 0.0

    def __call__(self) -> float:
        """Return the second."""
        return self.at


def aggregate(services: Services, clock: Clock | None = None) -> Aggregate:
    return Aggregate(list(services.answers), services, seconds=clock or Clock(), core=CORE)


@pytest.mark.parametrize(
    ("search", "sync", "status", "code"),
    [
        (HEALTHY, HEALTHY, "healthy", 200),
        (HEALTHY, UNHEALTHY, "degraded", 200),
        (HEALTHY, OSError("gone"), "degraded", 200),
        (DEGRADED, HEALTHY, "degraded", 200),
        (UNHEALTHY, HEALTHY, "unhealthy", 503),
        (OSError("gone"), UNHEALTHY, "unhealthy", 503),
    ],
)
async def test_a_core_service_decides_and_another_only_degrades(
    search: tuple[int, bytes] | Exception,
    sync: tuple[int, bytes] | Exception,
    status: str,
    code: int,
) -> None:
    services = Services({"search-query": search, "sync-state": sync})

    overview = await aggregate(services).overview()

    assert (overview.status, overview.code) == (status, code)


YOUNG = b'{"status":"unhealthy","uptime_s":3.1,"components":{"database":{"status":"unhealthy"}}}'


@pytest.mark.parametrize(
    "answer", [TimeoutError(), TimedOutError("no answer in 2 s"), (503, YOUNG), (429, b"<html>")]
)
async def test_a_core_service_that_starts_degrades_until_it_took_too_long(
    answer: tuple[int, bytes] | Exception,
) -> None:
    services, clock = Services({"search-query": answer, "sync-state": HEALTHY}), Clock()
    made = aggregate(services, clock)

    found = []
    for clock.at in (0.0, STARTUP_SECONDS - 10, STARTUP_SECONDS):
        overview = await made.overview()
        found.append((overview.components[0].status, overview.status, overview.code))

    starting = ("starting", "degraded", 200)
    assert found == [starting, starting, ("unhealthy", "unhealthy", 503)]


async def test_a_service_that_was_well_a_moment_ago_is_not_cold() -> None:
    services, clock = Services({"search-query": HEALTHY}), Clock()
    made = aggregate(services, clock)
    await made.overview()
    services.answers["search-query"] = TimeoutError()

    found = []
    for clock.at in (10.0, STARTUP_SECONDS + 5, STARTUP_SECONDS + 15):
        found.append((await made.overview()).status)

    assert found == ["unhealthy"] * 3


async def test_a_service_that_was_left_alone_may_start_again() -> None:
    services, clock = Services({"search-query": TimeoutError()}), Clock()
    made = aggregate(services, clock)

    found = []
    for clock.at in (0.0, STARTUP_SECONDS, STARTUP_SECONDS + IDLE_SECONDS):
        found.append((await made.overview()).components[0].status)

    assert found == ["starting", "unhealthy", "starting"]


@pytest.mark.parametrize("answer", [UNHEALTHY, OSError("gone"), (403, b"<html>"), (503, b"{}")])
async def test_a_service_that_says_it_is_ill_does_not_pass_for_one_that_starts(
    answer: tuple[int, bytes] | Exception,
) -> None:
    overview = await aggregate(Services({"search-query": answer})).overview()
    assert overview.components[0].status is Status.UNHEALTHY


async def test_those_who_run_it_read_which_grant_is_missing() -> None:
    overview = await aggregate(Services({"search-query": (403, b"<html>")})).overview()

    said = overview.components[0].message
    assert said.startswith("answered 403: ")
    assert "roles/run.invoker" in said


async def test_those_who_run_it_read_what_is_wrong() -> None:
    services = Services({"search-query": DEGRADED, "sync-state": OSError("10.0.0.1 refused")})
    overview = await aggregate(services).overview()

    body = overview.body(version="7", uptime_seconds=1.26, detailed=True)

    assert body["components"]["search-query"]["message"] == "not healthy: redis"
    assert body["components"]["sync-state"]["message"] == "no answer: OSError"
    assert (body["version"], body["uptime_s"]) == ("7", 1.3)
    assert list(body["components"]) == ["sync-state", "search-query"]


async def test_strangers_read_the_status_alone() -> None:
    overview = await aggregate(Services({"search-query": DEGRADED})).overview()
    body = overview.body(version="7", uptime_seconds=1, detailed=False)
    assert body == {"status": "degraded"}


async def test_services_are_asked_once_in_five_seconds_whoever_wants_to_know() -> None:
    services, clock = Services({"search-query": HEALTHY}), Clock()
    made = aggregate(services, clock)

    await asyncio.gather(*(made.overview() for _ in range(10)))
    clock.at = 4.9
    await made.overview()
    assert len(services.asked) == 1

    clock.at = 5.0
    await made.overview()
    assert len(services.asked) == 2


async def test_a_service_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(Services):
        async def ask(self, service: str) -> tuple[int, bytes]:
            if service == "sync-state":
                await asyncio.Event().wait()
            return await super().ask(service)

    monkeypatch.setattr("shared.gateway.health.SERVICE_SECONDS", 0.02)
    services = Hanging({"search-query": HEALTHY, "sync-state": HEALTHY})

    overview = await aggregate(services).overview()

    assert overview.components[0].message == "no answer in 0.02 s"
    assert overview.status is Status.DEGRADED


@given(
    st.integers(100, 599).filter(lambda code: code != HTTPStatus.TOO_MANY_REQUESTS),
    st.binary()
    | st.recursive(st.none() | st.text(), st.lists).map(lambda value: json.dumps(value).encode()),
)
def test_an_answer_that_says_nothing_of_health_is_not_healthy(code: int, body: bytes) -> None:
    assert judged(code, body)[0] is Status.UNHEALTHY


@given(st.lists(st.tuples(st.sampled_from(Status), st.booleans())))
def test_the_whole_is_never_better_than_its_parts(parts: list[tuple[Status, bool]]) -> None:
    components = [Component(str(n), s, 1.0, critical) for n, (s, critical) in enumerate(parts)]
    whole = decided(components).status

    assert (whole is Status.HEALTHY) == all(s is Status.HEALTHY for s, _ in parts)
    assert (whole is Status.UNHEALTHY) == ((Status.UNHEALTHY, True) in parts)


class Reader(HTMLParser):
    """Collects elements and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.said.append(data.strip())


SHOWN = Overview(Status.DEGRADED, (Component("sync-state", Status.DEGRADED, 12.5, False, "x"),))


@given(st.text(min_size=1).map(str.strip).filter(bool))
def test_whatever_a_service_is_called_or_says_is_shown_and_never_run(text: str) -> None:
    hostile = f"<script>alert(1)</script>&{text}"
    one = Component(hostile, Status.UNHEALTHY, 1.0, False, hostile)
    plain = [tag for tag, _ in Reader(page(SHOWN, nonce="n", version="7")).elements]

    shown = Reader(page(Overview(Status.DEGRADED, (one,)), nonce="n", version=hostile))

    assert [tag for tag, _ in shown.elements] == plain
    assert "script" not in plain


def test_the_pages_one_style_carries_the_nonce_that_its_policy_allows() -> None:
    shown = Reader(page(SHOWN, nonce="r4nd0m", version="7"))
    styles = [attributes for tag, attributes in shown.elements if tag == "style"]

    assert styles == [{"nonce": "r4nd0m"}]
    assert "style-src 'nonce-r4nd0m'" in page_policy("r4nd0m")
    assert "default-src 'none'" in page_policy("r4nd0m")
    assert not [a for _, a in shown.elements if {"style", "onclick", "src"} & a.keys()]


def test_the_page_shows_each_service() -> None:
    said = Reader(page(SHOWN, nonce="n", version="7")).said

    assert {"sync-state", "degraded", "12.5 ms", "x", "7"} <= set(said)


def test_a_platform_without_services_says_so() -> None:
    assert "No service has a route." in Reader(page(decided([]), nonce="n", version="7")).said
