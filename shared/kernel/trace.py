"""Where a request stands in its trace, and how that travels (W3C Trace Context, level 2).

A context is kept for the running task or thread; the edge starts it from the headers of a request,
and whatever calls another process passes `headers` on. Spans cost next to nothing until the edge
says who records them (`record_with`).
"""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextvars import Token
    from types import TracebackType

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"
CLOUD_TRACE = "x-cloud-trace-context"

_PARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_CLOUD = re.compile(r"([0-9a-fA-F]{32})(?:/([0-9]{1,20}))?(?:;o=([0-3]))?")
_STATE = re.compile(r"[\x20-\x7e]{1,512}")
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16

Value = str | int | float | bool


class Kind(StrEnum):
    """Which side of a call a span is."""

    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"
    INTERNAL = "internal"


class TraceContext(NamedTuple):
    """One place in a trace.

    Attributes:
        trace_id: 32 hexadecimal digits, not all zero.
        span_id: 16 of them.
        sampled: Whether spans of this trace are kept.
        state: What vendors added (``tracestate``), passed on as it came.
    """

    trace_id: str
    span_id: str
    sampled: bool = False
    state: str = ""

    @property
    def traceparent(self) -> str:
        """The header's value (§3.2)."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def child(self) -> TraceContext:
        """Return a new place below this one."""
        return TraceContext(self.trace_id, os.urandom(8).hex(), self.sampled, self.state)


current: ContextVar[TraceContext | None] = ContextVar("trace_context", default=None)
"""Where the running task or thread stands."""


def root(sample: float) -> TraceContext:
    """Return the start of a new trace.

    Args:
        sample: Share of traces that are kept, 0 to 1.
    """
    drawn = os.urandom(24).hex()
    return TraceContext(drawn[:32], drawn[32:], chosen(drawn[:32], sample))


def chosen(trace_id: str, sample: float) -> bool:
    """Return whether a trace belongs to the share that is kept.

    Depends on the id alone, so every service chooses the same traces (OpenTelemetry specification,
    Trace SDK, TraceIdRatioBased): its lower 64 bits lie below the share of their range.
    """
    return int(trace_id[16:], 16) < _first_not_chosen(sample)


@lru_cache(16)
def _first_not_chosen(sample: float) -> int:
    return round(sample * (1 << 64))


def received(headers: Mapping[str, str]) -> TraceContext | None:
    """Return the caller's place, or None where the headers name none that can be used.

    ``traceparent`` wins over ``X-Cloud-Trace-Context``. Of a version above 00 only what 00 knows is
    read (§3.2.4); ``tracestate`` counts only beside a usable ``traceparent`` (§3.3).

    Args:
        headers: Names in lower case.
    """
    if TRACEPARENT not in headers and CLOUD_TRACE not in headers:
        return None
    found = _PARENT.fullmatch(headers.get(TRACEPARENT, ""))
    if found is not None:
        return _of_parent(found, headers.get(TRACESTATE, ""))
    cloud = _CLOUD.fullmatch(headers.get(CLOUD_TRACE, ""))
    return None if cloud is None else _of_cloud(cloud)


def _of_parent(found: re.Match[str], state: str) -> TraceContext | None:
    version, trace_id, span_id, flags, rest = found.groups()
    if trace_id == _NO_TRACE or span_id == _NO_SPAN or (version == "00" and rest):
        return None
    kept = state if _STATE.fullmatch(state) else ""
    return TraceContext(trace_id, span_id, bool(int(flags, 16) & 1), kept)


def _of_cloud(found: re.Match[str]) -> TraceContext | None:
    """Read Google's older form, ``TRACE_ID/SPAN_ID;o=OPTIONS`` with a decimal span id."""
    trace_id, span, option = found[1].lower(), int(found[2] or 0), int(found[3] or 0)
    if trace_id == _NO_TRACE or span >= 1 << 64:
        return None
    span_id = f"{span:016x}" if span else os.urandom(8).hex()
    return TraceContext(trace_id, span_id, bool(option & 1))


def headers() -> dict[str, str]:
    """Return what a call to another process carries; also the attributes of a message."""
    context = current.get()
    if context is None:
        return {}
    given = {TRACEPARENT: context.traceparent}
    return {**given, TRACESTATE: context.state} if context.state else given


@contextmanager
def resumed(place: TraceContext | None) -> Iterator[None]:
    """Stand, inside the block, where somebody stood before; None changes nothing."""
    token = None if place is None else current.set(place)
    try:
        yield
    finally:
        if token is not None:
            current.reset(token)


@dataclass
class Span:
    """One piece of work, while it lasts.

    Attributes:
        context: Where it stands.
        parent: Span id of what it is a part of, empty for the first of a trace.
        name: Of few values: a template, never a path with ids. May be made better while it lasts.
        attributes: Nothing personal; names as OpenTelemetry's semantic conventions have them.
        failed: What went wrong, a code or the name of an exception; empty where nothing did.
    """

    context: TraceContext
    parent: str
    name: str
    kind: Kind
    attributes: dict[str, Value] = field(default_factory=dict)
    failed: str = ""


class Recorder(Protocol):
    """Keeps spans, or decides that one is not worth it."""

    def record(self, span: Span) -> AbstractContextManager[None]:
        """Keep what happens in the block as a span, if its trace was sampled or its end says so."""


_recorders: list[Recorder] = []


def record_with(recorder: Recorder | None) -> None:
    """Say who keeps spans; None keeps none."""
    _recorders[:] = [] if recorder is None else [recorder]


def recording() -> bool:
    """Tell whether anybody keeps spans, so that it is worth saying more of one."""
    return bool(_recorders)


def span(
    name: str, kind: Kind = Kind.INTERNAL, attributes: Mapping[str, Value] | None = None
) -> AbstractContextManager[Span]:
    """Work on one thing below the place where the caller stands."""
    place = current.get()
    context, parent = (root(0), "") if place is None else (place.child(), place.span_id)
    return _Working(Span(context, parent, name, kind, dict(attributes or {})))


def entered(
    given: Mapping[str, str], name: str, kind: Kind, *, sample: float, decide: bool = False
) -> AbstractContextManager[Span]:
    """Work on what another process asked for, in its trace or a new one.

    Args:
        given: Headers of the request or attributes of the message, names in lower case.
        name: As of a span.
        kind: Server or consumer.
        sample: Share of traces that are kept, where the caller did not decide.
        decide: Decide whatever the caller said: strangers do not fill our store of traces.
    """
    place = received(given)
    if place is None:
        return _Working(Span(root(sample), "", name, kind))
    context = place.child()
    if decide:
        context = context._replace(sampled=chosen(place.trace_id, sample))
    return _Working(Span(context, place.span_id, name, kind))


class _Working(AbstractContextManager[Span]):
    """One span while it lasts; a class, since a generator costs each span two microseconds more."""

    __slots__ = ("_made", "_recording", "_token")

    def __init__(self, made: Span) -> None:
        self._made = made
        self._recording: AbstractContextManager[None] | None = None

    def __enter__(self) -> Span:
        self._token: Token[TraceContext | None] = current.set(self._made.context)
        if _recorders:
            self._recording = _recorders[0].record(self._made)
            self._recording.__enter__()
        return self._made

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        try:
            if self._recording is not None:
                self._recording.__exit__(kind, error, place)
        finally:
            current.reset(self._token)
