"""What a search takes as the catalog grows to 500,000 titles: from memory, and from SQL alone.

The titles and vectors are made (see `tests.benchmarks.titles`) and loaded as in
`tests.benchmarks.search`. At each size one process builds the snapshot as its job does, whatever
the border; another asks, searches from memory and from SQL by turns, so that a busy neighbor falls
on both alike, and tells what it occupies before there is a catalog, with one, and while a new one
replaces it. The vector index is the local cloud's, on the same two cores: its part is a row of its
own, for it grows too where Vector Search would not.

Titles have no edges: what a walk takes does not grow with the catalog, but what it takes to build
them does, with the square (`tests.benchmarks.graph` measures both).

Asked for by name only; draws docs/search_growth.svg.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, TypeVar

import grpc
import psutil
from google.cloud.scheduler_v1 import CloudSchedulerClient
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import (
    CloudSchedulerGrpcTransport,
)

from shared.adapters import connect
from shared.adapters.resident import LOOK_SECONDS, SNAPSHOT, _start
from shared.adapters.snapshots import read_snapshot
from shared.adapters.sql.search import WordRetriever
from shared.adapters.vector_search import VertexVectorIndex
from shared.search.filters import Filters
from shared.search.hybrid import TOP_K
from shared.search.ports import Asked
from shared.search.query import SearchQuery
from tests.benchmarks import search_growth_chart
from tests.benchmarks.cloud import running_cloud
from tests.benchmarks.machine import ROOT, percentiles
from tests.benchmarks.search import Catalog
from tests.fakes.edge import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from shared.search.hybrid import Search
    from tests.benchmarks.cloud import Cloud
    from tests.benchmarks.machine import Row

Made = TypeVar("Made")
PICTURE = ROOT / "docs" / "search_growth.svg"
SIZES = (12_000, 60_000, 125_000, 250_000, 500_000)
QUERIES, WARM_UP = 200, 30
MIB = 2**20


@dataclass(frozen=True)
class Built:
    """What the job took.

    Attributes:
        seconds: From its first read to the file in its place.
        peak: MiB it occupied at most.
        file: MiB of the snapshot.
    """

    seconds: float
    peak: float
    file: float


@dataclass(frozen=True)
class Occupied:
    """MiB of a process that searches.

    Attributes:
        bare: From SQL alone, the embedding model loaded.
        kept: With a catalog.
        renewing: At most while a new catalog replaces it.
    """

    bare: float
    kept: float
    renewing: float


@dataclass(frozen=True)
class Times:
    """Seconds of each question.

    Attributes:
        memory: Whole searches from memory.
        sql: Whole searches from SQL.
        words: The words alone, from memory.
        sql_words: The words alone, from SQL.
        vectors: The vector index alone.
        degraded: Searches from memory, and from SQL, in which a source came too late.
    """

    memory: Sequence[float]
    sql: Sequence[float]
    words: Sequence[float]
    sql_words: Sequence[float]
    vectors: Sequence[float]
    degraded: tuple[int, int]


@dataclass(frozen=True)
class Point:
    """Everything measured at one size.

    Attributes:
        load: Seconds of reading a snapshot until it can be asked.
    """

    titles: int
    built: Built
    load: float
    occupied: Occupied
    times: Times


def run() -> list[Row]:
    """Return rows of every size, and draw the picture."""
    found = list(points())
    PICTURE.write_text(search_growth_chart.drawn(found), encoding="utf-8")
    return [row for point in found for row in rows(point)]


def points() -> Iterator[Point]:
    """Yield what is measured at each size, from the smallest."""
    with running_cloud() as cloud:
        _pause_the_job(cloud)
        catalog = Catalog()
        for size in SIZES:
            catalog.grow(size)
            built = _alone(_built)
            asked = catalog.queries(WARM_UP + QUERIES)
            load_seconds, occupied, times = _alone(_searched, asked)
            yield Point(size, built, load_seconds, occupied, times)


def rows(point: Point) -> list[Row]:
    """Return the rows of one size."""
    at, times, occupied = f"{point.titles:,} titles", point.times, point.occupied
    built, (late, sql_late) = point.built, times.degraded
    return [
        (
            f"search in process from memory, {at}; {late} of {QUERIES} without a source",
            percentiles(times.memory),
            f"from SQL alone: {percentiles(times.sql)}; {sql_late} without a source",
        ),
        (
            f"of it by words, {at}",
            percentiles(times.words),
            f"from SQL: {percentiles(times.sql_words)}",
        ),
        (f"of it the local vector index, {at}", percentiles(times.vectors), ""),
        (
            f"a process with the catalog, and while it is renewed, {at}",
            f"{occupied.kept:,.0f}, {occupied.renewing:,.0f} MiB",
            f"without it {occupied.bare:,.0f} MiB",
        ),
        (
            f"the job: seconds, memory, file; and loading it, {at}",
            f"{built.seconds:.1f} s, {built.peak:,.0f}, {built.file:,.0f} MiB; {point.load:.2f} s",
            "",
        ),
    ]


def _pause_the_job(cloud: Cloud) -> None:
    """Keep the cloud's own job away: every half hour it would take a file beyond the border."""
    channel = grpc.insecure_channel(cloud.record().addresses["scheduler"])
    client = CloudSchedulerClient(transport=CloudSchedulerGrpcTransport(channel=channel))
    at = connect.addresses()
    client.pause_job(name=f"projects/{at.project}/locations/{at.location}/jobs/search-snapshot")


def _alone(work: Callable[..., Made], *given: object) -> Made:
    """Return what a process of its own finds, with this one's environment."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _built() -> Built:
    main = load("search_snapshot")
    vars(main)["most"] = sys.maxsize
    began = perf_counter()
    main.handle([])
    seconds = perf_counter() - began
    return Built(seconds, _peak(), _file().stat().st_size / MIB)


def _searched(asked: Sequence[str]) -> tuple[float, Occupied, Times]:
    """Return seconds of loading, what the process occupies, and how long each question took."""
    main = load("search_query")
    warm_up, asked = asked[:WARM_UP], asked[WARM_UP:]
    main.resident.current = lambda: None
    from_sql = main.search_titles()
    for query in map(_query, warm_up):
        from_sql(query)
    bare = _resident()
    load_seconds, in_memory = _with_catalog(main)
    for query in map(_query, warm_up):
        in_memory(query)
    kept = _resident()
    times = _times(main, in_memory, from_sql, asked)
    _start(read_snapshot(_file()))  # as a newer one is loaded beside the one that is asked
    return load_seconds, Occupied(bare, kept, max(kept, _peak())), times


def _with_catalog(main: ModuleType) -> tuple[float, Search]:
    """Return how long loading took, and a search that asks what was loaded."""
    del main.resident.current
    main.search_titles.cache_clear()
    began = perf_counter()
    main.resident._renew()
    seconds = perf_counter() - began
    search: Search = main.search_titles()
    search(_query("netflix"))  # which begins to follow it
    sleep(LOOK_SECONDS)
    if main.resident.current() is None:
        raise RuntimeError(f"no catalog was loaded from {_file()}")
    return seconds, search


def _times(main: ModuleType, in_memory: Search, from_sql: Search, asked: Sequence[str]) -> Times:
    taken: dict[str, list[float]] = {
        name: [] for name in ("memory", "sql", "words", "sql_words", "vectors")
    }
    late = {"memory": 0, "sql": 0}
    words, index, now = WordRetriever(clock=main.clock), VertexVectorIndex(), main.clock.now()
    for turn, asking in enumerate(map(_query, asked)):
        both = [("memory", in_memory), ("sql", from_sql)]
        for name, search in both[:: 1 if turn % 2 else -1]:
            found = _timed(taken[name], partial(search, asking))
            late[name] += bool(found.degraded)
    for query in asked:
        told, model = Asked(query), main.embedder().model
        vector = main.embedder().embed([query], "query")[0]
        resident = partial(main.resident.current().retrieve, told, now.timestamp(), limit=TOP_K)
        _timed(taken["words"], resident)
        _timed(taken["sql_words"], partial(words.retrieve, told, limit=TOP_K))
        near = partial(index.nearest, vector, Filters(), model=model, limit=TOP_K)
        _timed(taken["vectors"], near)
    return Times(**taken, degraded=(late["memory"], late["sql"]))


def _timed(into: list[float], call: Callable[[], Made]) -> Made:
    began = perf_counter()
    made = call()
    into.append(perf_counter() - began)
    return made


def _query(text: str) -> SearchQuery:
    return SearchQuery(query=text)


def _file() -> Path:
    return connect.addresses().artifacts_dir / SNAPSHOT


def _resident() -> float:
    return psutil.Process().memory_info().rss / MIB


def _peak() -> float:
    """Return the most MiB this process has occupied (VmHWM; proc_pid_status(5))."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) / 1024
    raise RuntimeError("the kernel does not tell how much a process occupied")
