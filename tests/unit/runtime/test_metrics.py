"""What is counted, how it leaves, and that nothing is counted twice or for ever."""

from __future__ import annotations

import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.metrics.export import Histogram, Sum
from opentelemetry.sdk.resources import Resource
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from shared.adapters import pools
from shared.runtime import metrics, otlp_metrics
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


@pytest.fixture(autouse=True)
def _counting_from_zero(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    change(monkeypatch, {"K_SERVICE": "search-query", "K_REVISION": "search-query-7"})
    metrics.reset()
    yield
    metrics.reset()
    pools.close()


def read(name: str, **labels: str) -> float | None:
    """Return one sample of the exposition, None where there is none."""
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return None


def test_a_request_is_counted_by_its_template() -> None:
    with metrics.request("GET") as seen:
        seen.route, seen.status = "/api/v1/content/{id}", 200

    at = {"service": "search-query", "method": "GET", "route": "/api/v1/content/{id}"}
    assert read("http_requests_total", status="200", **at) == 1
    assert read("http_request_duration_seconds_count", status="200", **at) == 1


def test_what_no_route_knows_is_one_label_whatever_the_caller_wrote() -> None:
    for method in ("GET", "BREW", "X" * 100):
        with metrics.request(method) as seen:
            seen.status = 404

    assert read("http_requests_total", route="unmatched", method="GET") == 1
    assert read("http_requests_total", route="unmatched", method="other") == 2


def _fail_in(work: AbstractContextManager[object]) -> None:
    with work:
        raise RuntimeError


def _end_in(work: AbstractContextManager[object]) -> None:
    with work:
        pass


def test_a_request_that_fails_is_counted_and_is_not_in_flight_any_more() -> None:
    with metrics.request("GET"):
        assert read("http_requests_in_flight") == 1
    with pytest.raises(RuntimeError):
        _fail_in(metrics.request("GET"))

    assert read("http_requests_in_flight") == 0
    assert read("http_requests_total", status="500") == 2


def test_durations_fall_into_the_buckets_of_the_specification() -> None:
    with metrics.request("GET") as seen:
        seen.status = 200

    written = metrics.exposition().decode()
    bounds = [
        part.split('"')[1] for part in written.split("le=")[1:] if part.split('"')[1] != "+Inf"
    ]
    assert " ".join(bounds) == "0.001 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1.0 2.5 5.0"


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads take turns after every few steps."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty")
def test_threads_that_count_first_of_all_together_all_count() -> None:
    start = Barrier(32)

    def count(_: int) -> None:
        start.wait()
        metrics.count(metrics.RETRIES, service="catalog-read")

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(count, range(32)))

    assert read("upstream_retries_total", service="catalog-read") == 32


def test_a_label_that_was_not_declared_is_an_error() -> None:
    with pytest.raises(ValueError, match="label names"):
        metrics.count(metrics.RATE_LIMITED, user="1")


def test_the_program_says_which_revision_it_is() -> None:
    assert read("app_info", service="search-query", version="search-query-7") == 1


def test_connections_are_counted_when_somebody_reads() -> None:
    engine = pools.watched(create_engine("sqlite://", poolclass=QueuePool))

    with engine.connect():
        assert (read("db_connections_active"), read("db_connections_idle")) == (1, 0)

    assert (read("db_connections_active"), read("db_connections_idle")) == (0, 1)


def test_without_a_database_no_connection_is_counted() -> None:
    assert (read("db_connections_active"), read("db_connections_idle")) == (0, 0)


def sent() -> dict[str, Sum | Histogram | object]:
    """Return what would leave over OTLP, by name."""
    (resource,) = otlp_metrics.snapshot(Resource({})).resource_metrics
    (scope,) = resource.scope_metrics
    return {metric.name: metric.data for metric in scope.metrics}


def test_counters_leave_with_the_name_that_dashboards_ask_for() -> None:
    metrics.count(metrics.CACHE_HITS, 3, service="gateway", cache_type="response")

    data = sent()["cache_hits_total"]

    assert isinstance(data, Sum)
    assert [point.value for point in data.data_points] == [3]
    assert data.is_monotonic


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30))
def test_a_histogram_leaves_with_as_many_values_as_came(values: list[float]) -> None:
    metrics.reset()
    at = {"service": "search-query", "method": "GET", "route": "/b", "status": "200"}
    with pytest.MonkeyPatch.context() as patch:
        ticks = chain.from_iterable((0.0, value) for value in values)
        patch.setattr(metrics, "perf_counter", lambda: next(ticks))
        for _ in values:
            with metrics.request("GET") as seen:
                seen.route, seen.status = "/b", 200

    data = sent()["http_request_duration_seconds"]

    assert isinstance(data, Histogram)
    (point,) = data.data_points
    assert point.attributes == at
    assert tuple(point.explicit_bounds) == metrics.SECONDS
    assert point.bucket_counts == [
        sum(low < value <= high for value in values)
        for low, high in zip((-1, *metrics.SECONDS), (*metrics.SECONDS, 11), strict=True)
    ]
    assert point.count == len(values)
    assert point.sum == pytest.approx(sum(values))


@given(st.lists(st.sampled_from(["ok", "error"]), max_size=20))
def test_the_gauge_of_work_returns_to_where_it_was(outcomes: list[str]) -> None:
    for outcome in outcomes:
        stream = metrics.held(metrics.CONNECTIONS, service="gateway")
        with contextlib.suppress(RuntimeError):
            _fail_in(stream) if outcome == "error" else _end_in(stream)

    assert read("active_connections", service="gateway") in {None, 0}
