"""Spans and metrics on their way to a collector (OTLP over HTTP).

Nothing runs between requests, since an instance has no processor then: what is kept leaves before
a reply ends (`before_reply`, at most 200 ms) and before the process does (`flush`). A collector
that does not answer costs spans, never requests.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from shared.runtime import metrics
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.kernel import trace

logger = logging.getLogger(__name__)

MOST_SPANS = 2048
BATCH = 512
REPLY_WAIT_SECONDS = 0.2
SEND_TIMEOUT_SECONDS = 2.0
METRICS_EVERY_SECONDS = 10.0
COMPLAIN_EVERY_SECONDS = 60.0
GOOGLE = "https://telemetry.googleapis.com"
SCOPE = "media-gateway"


@dataclass(frozen=True)
class Finished:
    """A span with its times, nanoseconds since 1970."""

    span: trace.Span
    started: int
    ended: int


class Outlet:
    """Keeps what is to be sent, and sends it from one thread of its own.

    Args:
        send_spans: Sends up to 512 spans; False where they were not taken.
        send_metrics: Sends every metric as it stands.
    """

    def __init__(
        self,
        send_spans: Callable[[Sequence[Finished]], bool],
        send_metrics: Callable[[], bool],
    ) -> None:
        self._send_spans = send_spans
        self._send_metrics = send_metrics
        self._waiting: deque[Finished] = deque(maxlen=MOST_SPANS)
        self._pool = ThreadPoolExecutor(1, "telemetry")
        self._lock = threading.Lock()
        self._running: Future[None] | None = None
        self._metrics_at = monotonic()
        self._complained_at = -COMPLAIN_EVERY_SECONDS
        self.lost = 0

    def add(self, finished: Finished) -> None:
        """Keep a span; the oldest gives way where there are too many."""
        if len(self._waiting) == MOST_SPANS:
            self._lose(1)
        self._waiting.append(finished)

    async def before_reply(self) -> None:
        """Send what there is; after 200 ms the reply goes out all the same."""
        if self._is_due():
            sending = asyncio.wrap_future(self._started(metrics=False))
            await asyncio.wait([sending], timeout=REPLY_WAIT_SECONDS)

    def flush(self, seconds: float) -> bool:
        """Send everything, metrics too; False where time was up before."""
        try:
            self._started(metrics=True).result(seconds)
        except LateError:
            return False
        return True

    def _lose(self, count: int) -> None:
        self.lost += count
        metrics.count(metrics.DROPPED, count, kind="span")

    def _is_due(self) -> bool:
        return bool(self._waiting) or self._metrics_are_due()

    def _metrics_are_due(self) -> bool:
        return monotonic() - self._metrics_at >= METRICS_EVERY_SECONDS

    def _started(self, *, metrics: bool) -> Future[None]:
        """Start sending, or join what is being sent already."""
        with self._lock:
            if self._running is None or self._running.done() or metrics:
                self._running = self._pool.submit(self._send, metrics or self._metrics_are_due())
            return self._running

    def _send(self, metrics: bool) -> None:
        taken = True
        while taken and self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            taken = self._send_spans(batch)
            if not taken:
                self._lose(len(batch))
        if metrics:
            self._metrics_at = monotonic()
            taken = self._send_metrics() and taken
        if not taken and monotonic() - self._complained_at >= COMPLAIN_EVERY_SECONDS:
            self._complained_at = monotonic()
            logger.warning("telemetry.lost", extra={"spans": self.lost})


@cache
def outlet() -> Outlet | None:
    """Return this process's way to the collector, or None where none is set."""
    endpoint = settings().otlp_endpoint.rstrip("/")
    if not endpoint:
        return None
    # What goes wrong is told once a minute by the outlet, not by the library each time.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    session = _google_session() if endpoint.startswith(GOOGLE) else None
    return Outlet(_span_sender(endpoint, session), _metric_sender(endpoint, session))


async def before_reply() -> None:
    """Send what this process keeps, where it has a collector; at most 200 ms."""
    made = outlet()
    if made is not None:
        await made.before_reply()


def flush(seconds: float) -> bool:
    """Send everything before the process ends; False where time was up before."""
    made = outlet()
    return made is None or made.flush(seconds)


def _google_session() -> Any:  # noqa: ANN401 - google-auth is untyped
    import google.auth  # noqa: PLC0415 - 100 ms, only where Google collects
    from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

    found, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return AuthorizedSession(found)  # type: ignore[no-untyped-call]


@cache
def resource() -> Any:  # noqa: ANN401 - the SDK's class is imported with it
    """Return who sends: the names of the semantic conventions for a resource."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - with its SDK

    found = settings()
    named = {
        "service.name": found.service,
        "service.version": found.revision,
        "service.namespace": SCOPE,
        "deployment.environment.name": found.environment,
        "cloud.provider": "gcp",
        "cloud.region": found.location,
        "gcp.project_id": found.project,
    }
    return Resource({name: value for name, value in named.items() if value})


def _span_sender(endpoint: str, session: Any) -> Callable[[Sequence[Finished]], bool]:  # noqa: ANN401 - a session of requests
    # 170 ms together, only where there is a collector
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415

    exporter = OTLPSpanExporter(
        f"{endpoint}/v1/traces", timeout=SEND_TIMEOUT_SECONDS, session=session
    )

    def send(batch: Sequence[Finished]) -> bool:
        return exporter.export([to_span(one) for one in batch]) is SpanExportResult.SUCCESS

    return send


def _metric_sender(endpoint: str, session: Any) -> Callable[[], bool]:  # noqa: ANN401 - a session of requests
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415
        OTLPMetricExporter,
    )
    from opentelemetry.sdk.metrics.export import MetricExportResult  # noqa: PLC0415

    from shared.runtime import otlp_metrics  # noqa: PLC0415 - needs the SDK

    exporter = OTLPMetricExporter(
        f"{endpoint}/v1/metrics", timeout=SEND_TIMEOUT_SECONDS, session=session
    )

    def send() -> bool:
        found = exporter.export(otlp_metrics.snapshot(resource()))
        return found is MetricExportResult.SUCCESS

    return send


def to_span(finished: Finished) -> Any:  # noqa: ANN401 - the SDK's class is imported with it
    """Return a finished span as the SDK has it."""
    from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415 - with its SDK
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope  # noqa: PLC0415
    from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415

    span = finished.span
    failed = Status(StatusCode.ERROR, span.failed)
    return ReadableSpan(
        name=span.name,
        context=_place(span, span.context.span_id),
        parent=_place(span, span.parent) if span.parent else None,
        resource=resource(),
        attributes=span.attributes | ({"error.type": span.failed} if span.failed else {}),
        kind=SpanKind[span.kind.name],
        status=failed if span.failed else Status(StatusCode.UNSET),
        start_time=finished.started,
        end_time=finished.ended,
        instrumentation_scope=InstrumentationScope(SCOPE),
    )


def _place(span: trace.Span, span_id: str) -> Any:  # noqa: ANN401 - the SDK's class is imported with it
    from opentelemetry.trace import SpanContext, TraceFlags, TraceState  # noqa: PLC0415

    return SpanContext(
        int(span.context.trace_id, 16),
        int(span_id, 16),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
        trace_state=TraceState.from_header([span.context.state]),
    )
