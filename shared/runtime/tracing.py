"""Traces at the edge: who keeps spans, and when they leave.

`shared.kernel.trace` says where a request stands; here spans that are kept (`sampling`) become
those of OpenTelemetry and go to a collector. Without ``MEDIA_GATEWAY_OTLP_ENDPOINT`` nothing is
kept and nothing of OpenTelemetry is imported, while ``traceparent`` is made and passed on all the
same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.kernel import trace
from shared.runtime import otlp, sampling
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

UNMATCHED = "unmatched"
"""Name of what no route knows."""


@cache
def set_up_tracing() -> None:
    """Keep spans of this process where there is a collector to send them to."""
    outlet = otlp.outlet()
    trace.record_with(None if outlet is None else sampling.Recorder(outlet.add))


def request(
    method: str, headers: Mapping[str, str], *, public: bool = False
) -> AbstractContextManager[trace.Span]:
    """Work on one request: a server span, until `answered` names it after its route.

    Args:
        method: Upper case.
        headers: Names in lower case.
        public: Strangers call: whether their trace is kept is decided here.
    """
    set_up_tracing()
    sample = settings().trace_sample
    return trace.entered(headers, method, trace.Kind.SERVER, sample=sample, decide=public)


def answered(span: trace.Span, *, method: str, route: str, status: int) -> None:
    """Say what became of a request (OpenTelemetry semantic conventions, HTTP server spans)."""
    if not trace.recording():
        return
    span.name = f"{method} {route}"
    span.attributes |= {"http.request.method": method, "http.response.status_code": status}
    if route != UNMATCHED:
        span.attributes["http.route"] = route
    if status >= 500:  # noqa: PLR2004 - a server's own failure; 4xx is the caller's
        span.failed = str(status)


def delivery(topic: str, attributes: Mapping[str, str]) -> AbstractContextManager[trace.Span]:
    """Work on one event: a consumer span in the trace of whoever published it."""
    set_up_tracing()
    sample = settings().trace_sample
    return trace.entered(attributes, f"process {topic}", trace.Kind.CONSUMER, sample=sample)


def job(name: str) -> AbstractContextManager[trace.Span]:
    """Work on one run of a job, in the trace of the workflow that started it, or a new one.

    Args:
        name: The job's folder.
    """
    set_up_tracing()
    given, sample = {trace.TRACEPARENT: settings().traceparent}, settings().trace_sample
    return trace.entered(given, f"run {name}", trace.Kind.INTERNAL, sample=sample)
