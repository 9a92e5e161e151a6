"""Requests are counted by what became of them, and how long it took."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from shared.runtime import metrics
from shared.runtime.answered import Answered

DECLARED = (metrics.HTTP_REQUESTS, metrics.HTTP_DURATION, metrics.IN_FLIGHT)
HEAT = ("gateway", "GET", "/api/v1/content/{id}", "200")
GONE = ("gateway", "GET", "/api/v1/content/{id}", "404")


def read(answered: Answered, name: str, labels: tuple[str, ...] = HEAT, **more: str) -> float:
    registry = CollectorRegistry()
    registry.register(answered)
    named = dict(zip(("service", "method", "route", "status"), labels, strict=True))
    return registry.get_sample_value(name, named | more) or 0.0


@given(st.lists(st.tuples(st.sampled_from([HEAT, GONE]), st.floats(0, 10)), max_size=30))
def test_every_request_is_in_the_bucket_of_its_time_and_in_those_above(
    requests: list[tuple[tuple[str, str, str, str], float]],
) -> None:
    answered = Answered(DECLARED, metrics.SECONDS)
    for labels, seconds in requests:
        answered.begin("gateway")
        answered.end(labels, seconds)

    took = [seconds for labels, seconds in requests if labels == HEAT]
    assert read(answered, "http_requests_total") == len(took)
    assert read(answered, "http_request_duration_seconds_count") == len(took)
    for bound in metrics.SECONDS:
        found = read(answered, "http_request_duration_seconds_bucket", le=str(bound))
        assert found == sum(seconds <= bound for seconds in took)


def test_who_has_no_answer_yet_is_at_work() -> None:
    answered, registry = Answered(DECLARED, metrics.SECONDS), CollectorRegistry()
    registry.register(answered)

    answered.begin("gateway")
    answered.begin("gateway")
    answered.end(HEAT, 0.01)

    assert registry.get_sample_value("http_requests_in_flight", {"service": "gateway"}) == 1


def test_threads_lose_no_request() -> None:
    answered = Answered(DECLARED, metrics.SECONDS)

    def serve(_: int) -> None:
        for _ in range(200):
            answered.begin("gateway")
            answered.end(HEAT, 0.01)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(serve, range(8)))

    assert read(answered, "http_requests_total") == 1600
