"""Which spans of this process are kept: those of chosen traces, and of any that went wrong or slow.

A share of traces is chosen where they begin, before anything is known of them. The spans of every
other are held until the request ends here, and kept then if one of them failed or the request took
over a second (spec/gateway §5.6). What other processes did in the same trace is for them to judge:
a failure is mostly seen on its whole way up, since each that passes it on fails too, while what
went well beside it is not there. A collector that sees all could say more; there is none.
"""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from time import time_ns
from typing import TYPE_CHECKING

from shared.runtime import metrics
from shared.runtime.otlp import Finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from types import TracebackType

    from shared.kernel.trace import Span

SLOW_NANOSECONDS = 1_000_000_000
MOST_HELD = 128
"""Spans of one request; the oldest give way, so that what encloses others stays."""
MOST_A_SECOND = 50
"""Requests kept so by one process: in an outage every one fails, and few tell as much as all."""
REASON = "media_gateway.kept_for"
GIVEN_UP = frozenset({"", "CancelledError", "GeneratorExit"})
"""Failures that are none: a caller who went away, an answer that was no longer waited for."""


class _Held:
    """Spans of one request that nobody chose."""

    __slots__ = ("closed", "kept", "reason", "spans", "trace_id")

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
        self.spans: deque[Finished] = deque(maxlen=MOST_HELD)
        self.reason = ""
        self.closed = self.kept = False


_held: ContextVar[_Held | None] = ContextVar("held_spans", default=None)


class Recorder:
    """`shared.kernel.trace.Recorder`: hands spans that are kept on, with their times.

    Args:
        keep: Takes them.
        now: Tells the time, nanoseconds since 1970; a `Clock` would cost half a microsecond each.
    """

    def __init__(self, keep: Callable[[Finished], None], now: Callable[[], int] = time_ns) -> None:
        self.keep = keep
        self.now = now
        self._second = 0
        self._left = 0

    def record(self, span: Span) -> Recording:
        """Keep the block as a span; an exception that leaves it makes it a failed one."""
        return Recording(self, span)

    def may_keep(self, at: int) -> bool:
        """Tell whether one more request may be kept in the second of `at`."""
        second = at // 1_000_000_000
        if second != self._second:
            self._second, self._left = second, MOST_A_SECOND
        self._left -= 1
        return self._left >= 0


class Recording:
    """One span while it lasts; a class, since a generator costs each span a microsecond more."""

    __slots__ = ("_held", "_recorder", "_span", "_started", "_token")

    def __init__(self, recorder: Recorder, span: Span) -> None:
        self._recorder = recorder
        self._span = span
        self._token: Token[_Held | None] | None = None
        self._held: _Held | None = None

    def __enter__(self) -> None:
        context = self._span.context
        if not context.sampled:
            held = _held.get()
            if held is None or held.trace_id != context.trace_id:
                held = _Held(context.trace_id)
                self._token = _held.set(held)
            self._held = held
        self._started = self._recorder.now()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        span = self._span
        if kind is not None:
            span.failed = span.failed or kind.__name__
        finished = Finished(span, self._started, self._recorder.now())
        if self._held is None:
            self._recorder.keep(finished)
            return
        self._hold(self._held, finished)
        if self._token is not None:
            _held.reset(self._token)
            self._close(self._held, finished)

    def _hold(self, held: _Held, finished: Finished) -> None:
        if finished.span.failed not in GIVEN_UP:
            held.reason = "error"
        if not held.closed:
            held.spans.append(finished)
        elif held.kept:  # work that goes on behind a reply
            self._recorder.keep(finished)

    def _close(self, held: _Held, finished: Finished) -> None:
        """Judge a request at its end."""
        held.closed = True
        if finished.ended - finished.started > SLOW_NANOSECONDS:
            held.reason = held.reason or "slow"
        if held.reason and self._recorder.may_keep(finished.ended):
            held.kept = True
            finished.span.attributes[REASON] = held.reason
            for one in held.spans:
                self._recorder.keep(one)
        elif held.reason:
            metrics.count(metrics.DROPPED, len(held.spans), kind="span")
        held.spans.clear()
