"""Every metric of the product, declared once; docs/metrics.md has a line for each.

Recording costs a few microseconds. prometheus-client keeps the numbers; it is imported when the
first one is recorded. They leave as text (`exposition`) or over OTLP (`otlp`).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache, partial
from threading import RLock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from shared.adapters import pools
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import CollectorRegistry
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.metrics_core import Metric as Family

UNMATCHED = "unmatched"
"""Label `route` of a request that no route knows: its path is the caller's to choose."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of durations (spec/gateway §5.6)."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_declaring = RLock()


class Kind(StrEnum):
    """How a metric counts."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Metric:
    """One metric, as everybody names it.

    Attributes:
        labels: Each of few values; none is anybody's to choose.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


_REQUEST = ("service", "method", "route", "status")
HTTP_REQUESTS = Metric("http_requests_total", Kind.COUNTER, "Requests answered", _REQUEST)
HTTP_DURATION = Metric(
    "http_request_duration_seconds", Kind.HISTOGRAM, "Seconds until the answer", _REQUEST
)
IN_FLIGHT = Metric("http_requests_in_flight", Kind.GAUGE, "Requests at work", ("service",))
CONNECTIONS = Metric(
    "active_connections", Kind.GAUGE, "Answers that are being streamed", ("service",)
)
DB_ACTIVE = Metric("db_connections_active", Kind.GAUGE, "Database connections in use", ("service",))
DB_IDLE = Metric("db_connections_idle", Kind.GAUGE, "Database connections at rest", ("service",))
CACHE_HITS = Metric(
    "cache_hits_total", Kind.COUNTER, "Answers found in a cache", ("service", "cache_type")
)
CACHE_MISSES = Metric(
    "cache_misses_total", Kind.COUNTER, "Answers not found in a cache", ("service", "cache_type")
)
BREAKER_STATE = Metric(
    "circuit_breaker_state", Kind.GAUGE, "0 closed, 1 half open, 2 open", ("service",)
)
BREAKER_TRANSITIONS = Metric(
    "circuit_breaker_transitions_total", Kind.COUNTER, "Changes of a breaker", ("service", "state")
)
RATE_LIMITED = Metric(
    "rate_limited_total", Kind.COUNTER, "Requests over a limit", ("tier", "class")
)
RETRIES = Metric("upstream_retries_total", Kind.COUNTER, "Calls made again", ("service",))
UPSTREAM_REFUSED = Metric(
    "upstream_refused_total",
    Kind.COUNTER,
    "Calls that the host of a service refused the gateway",
    ("service", "status"),
)
REFUSED = Metric(
    "requests_refused_total", Kind.COUNTER, "Requests answered with a problem", ("service", "code")
)
EVENTS = Metric("events_total", Kind.COUNTER, "Deliveries of events", ("service", "outcome"))
FALLBACKS = Metric("redis_fallbacks_total", Kind.COUNTER, "Decisions made without Redis", ("part",))
DROPPED = Metric("records_dropped_total", Kind.COUNTER, "Records given up", ("kind",))
DEAD_LETTERS = Metric(
    "dead_letters_waiting", Kind.GAUGE, "Events that failed five times", ("waits_for",)
)
OUTBOX_OLDEST = Metric(
    "outbox_oldest_seconds", Kind.GAUGE, "Wait of the oldest unpublished event", ("service",)
)
WEBHOOKS = Metric("webhooks_total", Kind.COUNTER, "Notices of platforms", ("platform", "outcome"))
WEBHOOK_DELIVERIES = Metric(
    "webhook_deliveries_total", Kind.COUNTER, "Tries to push to subscribers", ("outcome",)
)
DEEP_LINKS = Metric(
    "deep_links_generated_total", Kind.COUNTER, "Links that were made", ("platform", "outcome")
)
READINGS = Metric(
    "question_readings_total", Kind.COUNTER, "Questions for a language model", ("outcome",)
)
LOGINS = Metric("auth_login_attempts_total", Kind.COUNTER, "Tries to prove who one is", ("result",))
TOKENS = Metric("auth_token_issued_total", Kind.COUNTER, "Access tokens issued", ("grant",))
REUSED = Metric(
    "auth_refresh_reuse_total", Kind.COUNTER, "Refresh tokens shown twice", ("service",)
)
CHALLENGES = Metric(
    "auth_mfa_challenges_total", Kind.COUNTER, "Tries to show a second factor", ("result",)
)
AUTH_LIMITED = Metric(
    "auth_rate_limit_exceeded_total", Kind.COUNTER, "Requests to sign in over a limit", ("route",)
)
TOKEN_CHECKS = Metric(
    "auth_token_validation_duration_seconds",
    Kind.HISTOGRAM,
    "Seconds until a token was judged",
    ("service", "result"),
)
CLOCK_SKEW = Metric(
    "auth_clock_skew_total", Kind.COUNTER, "Tokens of a time that has not come yet", ("service",)
)
SESSIONS = Metric("auth_sessions_active", Kind.GAUGE, "Sessions that live", ("kind",))
TRAVELS = Metric(
    "auth_impossible_travel_total", Kind.COUNTER, "Sign-ins from too far away", ("service",)
)
APP_INFO = Metric("app_info", Kind.GAUGE, "Always 1", ("service", "version", "commit"))

ALL = (
    HTTP_REQUESTS,
    HTTP_DURATION,
    IN_FLIGHT,
    CONNECTIONS,
    DB_ACTIVE,
    DB_IDLE,
    CACHE_HITS,
    CACHE_MISSES,
    BREAKER_STATE,
    BREAKER_TRANSITIONS,
    RATE_LIMITED,
    RETRIES,
    UPSTREAM_REFUSED,
    REFUSED,
    EVENTS,
    FALLBACKS,
    DROPPED,
    DEAD_LETTERS,
    OUTBOX_OLDEST,
    WEBHOOKS,
    WEBHOOK_DELIVERIES,
    DEEP_LINKS,
    READINGS,
    LOGINS,
    TOKENS,
    REUSED,
    CHALLENGES,
    AUTH_LIMITED,
    TOKEN_CHECKS,
    CLOCK_SKEW,
    SESSIONS,
    TRAVELS,
    APP_INFO,
)
_COLLECTED = frozenset({DB_ACTIVE, DB_IDLE})
"""Those that somebody else counts, and tells when asked."""


def count(metric: Metric, amount: float = 1, **labels: str) -> None:
    """Add to a counter.

    Raises:
        ValueError: The labels are not those that were declared.
    """
    _child(metric.name, tuple(labels.items())).inc(amount)


def put(metric: Metric, value: float, **labels: str) -> None:
    """Set a gauge.

    Raises:
        ValueError: The labels are not those that were declared.
    """
    _child(metric.name, tuple(labels.items())).set(value)


def observe(metric: Metric, seconds: float, **labels: str) -> None:
    """Add a duration to a histogram.

    Raises:
        ValueError: The labels are not those that were declared.
    """
    _child(metric.name, tuple(labels.items())).observe(seconds)


@contextmanager
def held(metric: Metric, **labels: str) -> Iterator[None]:
    """Count one in a gauge for as long as the block lasts, however it ends."""
    gauge = _child(metric.name, tuple(labels.items()))
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()


@dataclass
class Seen:
    """What became of a request.

    Attributes:
        route: Its template, `UNMATCHED` where there is none.
        status: 500 until the answer is known, so that what is never answered counts as that.
        said: What else the line of the request says, like ``cache``; no label.
    """

    route: str = UNMATCHED
    status: int = 500
    said: dict[str, object] = field(default_factory=dict)


class request:  # noqa: N801 - used as a statement; a generator costs every request 3 us more
    """Measure one request; the block fills in `Seen` when it knows."""

    __slots__ = ("_at_work", "_method", "_seen", "_service", "_started")

    def __init__(self, method: str) -> None:
        self._method, self._seen = method, Seen()

    def __enter__(self) -> Seen:
        self._started, self._service = perf_counter(), settings().service
        self._at_work = _at_work(self._service)
        self._at_work.inc()
        return self._seen

    def __exit__(self, *_: object) -> None:
        seen, took = self._seen, perf_counter() - self._started
        known = self._method if self._method in METHODS else "other"
        requests, seconds = _answered(self._service, known, seen.route, int(seen.status))
        requests.inc()
        seconds.observe(took)
        self._at_work.dec()


@lru_cache(4096)
def _child(name: str, labels: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401 - one of two classes
    """Return what counts one kind of thing; finding it costs more than counting."""
    return _instruments()[name].labels(**dict(labels))


@lru_cache(4096)
def _answered(*values: str | int) -> tuple[Any, Any]:
    """Return what counts and what times the requests that have these values of `_REQUEST`."""
    made = _instruments()
    counted, timed = (
        made[metric.name].labels(*values) for metric in (HTTP_REQUESTS, HTTP_DURATION)
    )
    return counted, timed


@cache
def _at_work(service: str) -> Any:  # noqa: ANN401 - a gauge's child has no name to import
    return _instruments()[IN_FLIGHT.name].labels(service)


def exposition() -> bytes:
    """Return every metric as Prometheus reads it (text format 0.0.4)."""
    from prometheus_client import generate_latest  # noqa: PLC0415 - 40 ms, once per process

    _instruments()  # so that what was never counted is there too
    return generate_latest(registry())


def collected() -> Iterable[Family]:
    """Return every metric with its samples, as prometheus-client has them."""
    _instruments()
    return registry().collect()


@cache
def registry() -> CollectorRegistry:
    """Return where this process keeps its numbers."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - 40 ms, once per process

    made = CollectorRegistry(auto_describe=False)
    made.register(_Pools())
    return made


def reset() -> None:
    """Forget every number, for tests and for a process that was just forked."""
    for made in (registry, _declared, _answered, _at_work, _child):
        made.cache_clear()


def _instruments() -> dict[str, Any]:
    # Threads that count for the first time together would declare everything twice.
    with _declaring:
        return _declared()


@cache
def _declared() -> dict[str, Any]:
    made = {metric.name: _instrument(metric) for metric in ALL if metric not in _COLLECTED}
    found = settings()
    # A bundle is its content: the revision that Cloud Run names is both version and commit here.
    named = {"service": found.service, "version": found.revision, "commit": found.revision}
    made[APP_INFO.name].labels(**named).set(1)
    return made


def _instrument(metric: Metric) -> Any:  # noqa: ANN401 - one of three classes
    from prometheus_client import Counter, Gauge, Histogram  # noqa: PLC0415 - 40 ms

    timed = partial(Histogram, buckets=SECONDS)
    made: Any = {Kind.COUNTER: Counter, Kind.GAUGE: Gauge, Kind.HISTOGRAM: timed}[metric.kind]
    return made(metric.name, metric.help, metric.labels, registry=registry())


class _Pools:
    """Asks the database's pools when somebody reads, where there are pools."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what is in use and what rests."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - 40 ms

        active, idle = pools.counts()
        for metric, value in ((DB_ACTIVE, active), (DB_IDLE, idle)):
            family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            family.add_metric([settings().service], value)
            yield family
