"""Where a request stands in its trace, and what of it leaves this process."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import BaseModel

from shared.kernel import trace
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ConflictError
from shared.kernel.trace import Kind, TraceContext
from shared.runtime import jobs, metrics, otlp, sampling, tracing
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
GIVEN = {"traceparent": f"00-{TRACE}-{CALLER}-01"}

hexadecimal = st.integers(1, (1 << 64) - 1)
contexts = st.builds(
    lambda high, low, span, sampled: TraceContext(
        f"{high:016x}{low:016x}", f"{span:016x}", sampled
    ),
    hexadecimal,
    hexadecimal,
    hexadecimal,
    st.booleans(),
)


@given(contexts)
def test_what_is_written_is_read_again(context: TraceContext) -> None:
    assert trace.received({"traceparent": context.traceparent}) == context


@given(st.text(max_size=80))
def test_no_header_makes_a_reader_fail(text: str) -> None:
    for name in ("traceparent", "x-cloud-trace-context"):
        found = trace.received({name: text})
        assert found is None or found.traceparent


@pytest.mark.parametrize(
    "value",
    [
        "",
        f"00-{'0' * 32}-{CALLER}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{CALLER}-01",
        f"00-{TRACE.upper()}-{CALLER}-01",
        f"00-{TRACE}-{CALLER}-01-more",
        f"00-{TRACE}-{CALLER}-1",
        f"00-{TRACE}-{CALLER}-01\n",
        f"01-{TRACE}-{CALLER}-01more",
    ],
)
def test_a_header_that_cannot_be_used_starts_a_new_trace(value: str) -> None:
    assert trace.received({"traceparent": value}) is None


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    found = trace.received({"traceparent": f"cc-{TRACE}-{CALLER}-01-what-comes"})
    assert found == TraceContext(TRACE, CALLER, sampled=True)


@pytest.mark.parametrize(
    ("value", "span_id", "sampled"),
    [
        (f"{TRACE}/13235353014750950193;o=1", CALLER, True),
        (f"{TRACE}/1;o=0", "0000000000000001", False),
        (f"{TRACE}/1", "0000000000000001", False),
    ],
)
def test_googles_older_header_is_read(value: str, span_id: str, sampled: bool) -> None:
    found = trace.received({"x-cloud-trace-context": value})
    assert found == TraceContext(TRACE, span_id, sampled)


def test_the_standard_header_wins_over_googles() -> None:
    both = {**GIVEN, "x-cloud-trace-context": f"{'1' * 32}/1;o=0"}
    found = trace.received(both)
    assert found is not None
    assert found.trace_id == TRACE


def test_what_vendors_added_is_passed_on_unless_it_is_unreadable() -> None:
    for state, passed in (("a=1,b=2", "a=1,b=2"), ("a=\x01", ""), ("x" * 513, "")):
        with trace.entered({**GIVEN, "tracestate": state}, "a", Kind.SERVER, sample=0):
            assert trace.headers().get("tracestate", "") == passed


def test_without_a_collector_the_trace_is_passed_on_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_OTLP_ENDPOINT": ""})
    with tracing.request("GET", GIVEN) as span:
        sent = trace.received(trace.headers())

    assert sent is not None
    assert (sent.trace_id, sent.sampled) == (TRACE, True)
    assert sent.span_id == span.context.span_id != CALLER
    assert span.parent == CALLER


async def test_the_trace_of_one_task_is_not_that_of_another() -> None:
    async def work(name: str) -> str:
        with trace.entered({}, name, Kind.SERVER, sample=0):
            await asyncio.sleep(0)
            return trace.headers()["traceparent"]

    found = await asyncio.gather(*(work(str(n)) for n in range(10)))

    assert len(set(found)) == 10
    assert trace.headers() == {}


@given(st.integers(0, (1 << 64) - 1), st.floats(0, 1), st.floats(0, 1))
def test_what_a_smaller_share_keeps_a_larger_one_keeps_too(
    low: int, one: float, other: float
) -> None:
    trace_id = f"{1:016x}{low:016x}"
    less, more = sorted((one, other))
    assert trace.chosen(trace_id, more) >= trace.chosen(trace_id, less)
    assert trace.chosen(trace_id, 1)
    assert not trace.chosen(trace_id, 0)


def test_a_share_of_traces_is_kept() -> None:
    kept = sum(trace.root(0.1).sampled for _ in range(20_000))
    assert 1_800 < kept < 2_200  # 2,000 give or take five standard deviations


def test_a_public_door_decides_for_strangers_whether_their_trace_is_kept() -> None:
    with trace.entered(GIVEN, "GET", Kind.SERVER, sample=0, decide=True) as span:
        assert span.context.trace_id == TRACE
        assert not span.context.sampled


@dataclass
class Kept:
    """Spans that would leave."""

    finished: list[otlp.Finished] = field(default_factory=list)
    clock: FixedClock = field(default_factory=FixedClock)

    def nanoseconds(self) -> int:
        """Return the time of the clock, since 1970."""
        return int(self.clock.now().timestamp() * 1_000_000) * 1000

    @property
    def names(self) -> list[str]:
        """What they are of, in the order they ended."""
        return [one.span.name for one in self.finished]


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Keep the spans of a test."""
    made = Kept()
    trace.record_with(sampling.Recorder(made.finished.append, made.nanoseconds))
    yield made
    trace.record_with(None)


def test_spans_stand_below_each_other(kept: Kept) -> None:
    with trace.entered(GIVEN, "GET /a", Kind.SERVER, sample=0) as outer, trace.span("b") as inner:
        pass

    assert [one.span for one in kept.finished] == [inner, outer]
    assert (inner.parent, outer.parent) == (outer.context.span_id, CALLER)


def test_a_trace_that_nobody_chose_and_that_went_well_leaves_no_span(kept: Kept) -> None:
    with trace.entered({}, "GET", Kind.SERVER, sample=0), trace.span("b"):
        kept.clock.advance(timedelta(seconds=1))
    assert kept.finished == []


def test_a_trace_that_nobody_chose_is_kept_whole_where_it_went_wrong(kept: Kept) -> None:
    with trace.entered({}, "GET", Kind.SERVER, sample=0) as root:
        with trace.span("cache"):
            pass
        with trace.span("call") as call:
            call.failed = "504"
        with trace.span("fallback"):
            pass

    assert kept.names == ["cache", "call", "fallback", "GET"]
    assert root.attributes[sampling.REASON] == "error"
    assert not root.context.sampled  # whom it called decides for itself


def test_a_trace_is_not_kept_for_a_caller_who_went_away(kept: Kept) -> None:
    cancelled = pytest.raises(asyncio.CancelledError)
    with cancelled, trace.entered({}, "GET", Kind.SERVER, sample=0):
        raise asyncio.CancelledError
    assert kept.names == []


def test_a_trace_that_nobody_chose_is_kept_where_it_was_slow(kept: Kept) -> None:
    with trace.entered({}, "GET", Kind.SERVER, sample=0) as root, trace.span("b"):
        kept.clock.advance(timedelta(seconds=1, microseconds=1))

    assert kept.names == ["b", "GET"]
    assert root.attributes[sampling.REASON] == "slow"


def test_a_trace_that_was_chosen_is_kept_for_no_reason(kept: Kept) -> None:
    with trace.entered(GIVEN, "GET", Kind.SERVER, sample=0) as root:
        root.failed = "500"
    assert (kept.names, root.attributes) == (["GET"], {})


async def test_a_request_is_not_kept_for_what_another_did_meanwhile(kept: Kept) -> None:
    async def answer(name: str, failed: str) -> None:
        with trace.entered({}, name, Kind.SERVER, sample=0), trace.span(f"{name} b") as inner:
            await asyncio.sleep(0)
            inner.failed = failed

    await asyncio.gather(answer("well", ""), answer("ill", "500"), answer("fine", ""))

    assert kept.names == ["ill b", "ill"]


async def test_work_behind_a_reply_goes_the_way_of_its_request(kept: Kept) -> None:
    async def answer(failed: str) -> asyncio.Task[None]:
        with trace.entered({}, f"GET {failed}", Kind.SERVER, sample=0) as root:
            root.failed = failed
            return asyncio.create_task(behind(failed))

    async def behind(name: str) -> None:
        await asyncio.sleep(0)
        with trace.span(f"behind {name}"):
            pass

    await asyncio.gather(*[await answer(failed) for failed in ("", "500")])

    assert kept.names == ["GET 500", "behind 500"]


def test_a_request_of_many_spans_holds_the_last_of_them(kept: Kept) -> None:
    with trace.entered({}, "GET", Kind.SERVER, sample=0) as root:
        for number in range(1000):
            with trace.span(str(number)):
                pass
        root.failed = "500"

    assert len(kept.names) == sampling.MOST_HELD
    assert kept.names[-2:] == ["999", "GET"]


def test_in_an_outage_some_requests_of_each_second_are_kept_and_the_others_counted(
    kept: Kept,
) -> None:
    def fail(times: int) -> None:
        for _ in range(times):
            with trace.entered({}, "GET", Kind.SERVER, sample=0) as root:
                root.failed = "500"

    before = dropped()
    fail(sampling.MOST_A_SECOND + 7)
    assert (len(kept.names), dropped() - before) == (sampling.MOST_A_SECOND, 7)

    kept.clock.advance(timedelta(seconds=1))
    fail(3)
    assert len(kept.names) == sampling.MOST_A_SECOND + 3


def dropped() -> float:
    text = metrics.exposition().decode()
    found = re.search(r'records_dropped_total\{kind="span"\} (\S+)', text)
    return float(found[1]) if found else 0


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20))
def test_exactly_chosen_and_failed_requests_are_kept(requests: list[tuple[bool, bool]]) -> None:
    made = Kept()
    trace.record_with(sampling.Recorder(made.finished.append, made.nanoseconds))
    try:
        for chosen, fails in requests:
            with trace.entered({}, f"{chosen} {fails}", Kind.SERVER, sample=int(chosen)) as root:
                root.failed = "500" if fails else ""
    finally:
        trace.record_with(None)

    assert made.names == [f"{chosen} {fails}" for chosen, fails in requests if chosen or fails]


def test_an_exception_makes_a_failed_span_and_goes_on(kept: Kept) -> None:
    with pytest.raises(KeyError), trace.entered(GIVEN, "GET", Kind.SERVER, sample=0):
        raise KeyError("what is personal stays out")
    assert [one.span.failed for one in kept.finished] == ["KeyError"]


class Collector(ThreadingHTTPServer):
    """Takes what is sent over OTLP, or lets it wait."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Collecting)
        self.spans: list[Sent] = []
        self.metrics: list[str] = []
        self.open = threading.Event()
        self.open.set()

    @property
    def address(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Collecting(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        """Keep what is sent."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.open.wait(5)
        if self.path == "/v1/traces":
            found = ExportTraceServiceRequest.FromString(body)
            for group in found.resource_spans:
                self.server.spans += [s for scope in group.scope_spans for s in scope.spans]
        else:
            taken = ExportMetricsServiceRequest.FromString(body)
            for part in taken.resource_metrics:
                self.server.metrics += [m.name for s in part.scope_metrics for m in s.metrics]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector on this machine, to which this process sends."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        change(monkeypatch, {"MEDIA_GATEWAY_OTLP_ENDPOINT": server.address})
        _forget()
        yield server
        server.open.set()
        otlp.flush(5)
        trace.record_with(None)
        _forget()
        server.shutdown()
        thread.join()


def _forget() -> None:
    for made in (otlp.outlet, otlp.resource, tracing.set_up_tracing):
        made.cache_clear()


def attributes(span: Sent) -> dict[str, str]:
    return {a.key: a.value.string_value or str(a.value.int_value) for a in span.attributes}


async def test_a_sampled_request_has_left_before_its_reply(collector: Collector) -> None:
    with tracing.request("GET", GIVEN) as span:
        tracing.answered(span, method="GET", route="/api/v1/content/{id}", status=503)
    await otlp.before_reply()

    (sent,) = collector.spans
    assert sent.trace_id.hex() == TRACE
    assert (sent.parent_span_id.hex(), sent.span_id.hex()) == (CALLER, span.context.span_id)
    assert sent.name == "GET /api/v1/content/{id}"
    assert attributes(sent) == {
        "http.request.method": "GET",
        "http.route": "/api/v1/content/{id}",
        "http.response.status_code": "503",
        "error.type": "503",
    }


async def test_an_event_continues_the_trace_of_its_publisher(collector: Collector) -> None:
    with tracing.request("POST", GIVEN), trace.span("publish a.b", Kind.PRODUCER):
        carried = trace.headers()
    with tracing.delivery("a.b", carried):
        pass
    await otlp.before_reply()

    by_name = {span.name: span for span in collector.spans}
    assert by_name["process a.b"].parent_span_id == by_name["publish a.b"].span_id
    assert len({span.trace_id for span in collector.spans}) == 1


class Options(BaseModel):
    """What a job is told."""

    fails: bool = False


def work(options: Options) -> dict[str, str]:
    """Do what a job does: something, and perhaps not to the end."""
    with trace.span("fetch page"):
        carried = trace.headers()
    if options.fails:
        raise ConflictError("no")
    return carried


@pytest.mark.parametrize(("options", "status", "failed"), [([], 0, ""), (["--fails"], 1, "x")])
def test_a_job_is_a_span_in_the_trace_of_who_started_it(
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    status: int,
    failed: str,
) -> None:
    change(monkeypatch, {"TRACEPARENT": GIVEN["traceparent"]})

    assert jobs.job(Options)(work)(options) == status

    page, run = collector.spans
    assert (run.name, run.trace_id.hex(), run.parent_span_id.hex()) == (
        "run runtime",  # the folder of what it is
        TRACE,
        CALLER,
    )
    assert page.parent_span_id == run.span_id
    assert bool(failed) == ("error.type" in attributes(run))


def test_a_job_that_is_told_nonsense_of_its_trace_begins_one(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"TRACEPARENT": "nonsense", "MEDIA_GATEWAY_TRACE_SAMPLE": "1"})

    assert jobs.job(Options)(work)([]) == 0

    run = collector.spans[-1]
    assert (run.parent_span_id, len(run.trace_id)) == (b"", 16)


async def test_a_collector_that_hangs_does_not_hold_a_reply(collector: Collector) -> None:
    collector.open.clear()
    with tracing.request("GET", GIVEN):
        pass

    started = asyncio.get_running_loop().time()
    await otlp.before_reply()
    taken = asyncio.get_running_loop().time() - started

    assert 0.19 < taken < 1.5
    assert collector.spans == []


def test_at_the_end_metrics_leave_too(collector: Collector) -> None:
    assert otlp.flush(5)
    assert "app_info" in collector.metrics


def outlet(sent: list[int], *, taken: bool = True) -> otlp.Outlet:
    def send(batch: Sequence[otlp.Finished]) -> bool:
        sent.append(len(batch))
        return taken

    return otlp.Outlet(send, lambda: taken)


def finished() -> otlp.Finished:
    return otlp.Finished(trace.Span(trace.root(1), "", "a", Kind.INTERNAL), 1, 2)


def test_spans_leave_in_batches_and_the_oldest_give_way() -> None:
    sent: list[int] = []
    made = outlet(sent)
    for _ in range(otlp.MOST_SPANS + 10):
        made.add(finished())

    assert made.flush(5)
    assert sent == [512] * 4
    assert made.lost == 10


def test_spans_that_are_not_taken_are_lost_and_counted() -> None:
    sent: list[int] = []
    made = outlet(sent, taken=False)
    for _ in range(600):
        made.add(finished())

    assert made.flush(5)
    assert (sent, made.lost) == ([512], 512)
