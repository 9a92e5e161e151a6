"""How long a search takes over 12,000 and 60,000 titles, in process and through the gateway.

The titles are made up (see `tests.benchmarks.titles`): words drawn with Zipf weights from the
embedding model's vocabulary with a fixed seed, vectors that are mixtures of 2,000 real ones plus
noise. They go straight into PostgreSQL and the vector index of a local cloud. 300 distinct
queries follow one another from one client: a third are whole titles, a third two to four words of
one overview, a third descriptions of five or more words. No query is asked twice of one process
before it is measured, so every query is embedded anew. The nightly jobs have run: edges are walked,
questions read by the names of the catalog. Titles are ranked from the snapshot that its job makes
of them; the row "from SQL alone" is the same without one.
"""

from __future__ import annotations

from http.client import HTTPConnection
from time import perf_counter, sleep
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.adapters.resident import LOOK_SECONDS
from shared.adapters.snapshots import CHECK_SECONDS
from shared.search.query import SearchQuery
from tests.benchmarks.cloud import CommandError, running_cloud
from tests.benchmarks.loading import analyze, load_titles
from tests.benchmarks.machine import Row, percentiles
from tests.benchmarks.titles import MadeTitle, TitleMaker, VectorMaker, queries
from tests.fakes.edge import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from tests.benchmarks.cloud import Cloud

SIZES = (12_000, 60_000)
CHUNK = 1000
QUERIES = 300
WARM_UP = 30
SEED = 7
TARGETS = {60_000: " (target p50 ≤ 15, p95 ≤ 40 ms)"}


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    with running_cloud() as cloud:
        catalog = Catalog()
        rows: list[Row] = []
        for size in SIZES:
            catalog.grow(size)
            catalog.night()
            rows += _measured(cloud, catalog, size)
        return rows


class Catalog:
    """The titles of the running cloud, which only grow in number."""

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        model = connect.addresses().artifacts_dir / "models" / "minilm"
        embedder = OnnxEmbedder.load(model, threads=2)
        self._rng, self._model = rng, embedder.model
        self._maker = TitleMaker(model, rng)
        self._vectors = VectorMaker(embedder, self._maker, rng)
        self._titles: list[MadeTitle] = []

    def grow(self, size: int) -> None:
        """Add titles until there are so many."""
        while len(self._titles) < size:
            made = [self._maker.title() for _ in range(CHUNK)]
            load_titles(made, self._vectors.vectors(CHUNK), self._model)
            self._titles += made
        analyze()

    @staticmethod
    def night() -> None:
        """Let the jobs run that make of titles what a search reads beside them."""
        for job in ("search_edges", "search_dictionary"):
            load(job).handle([])
        analyze()

    def queries(self, number: int) -> list[str]:
        """Return so many queries, others at each call."""
        return queries(self._titles, self._maker, self._rng, number)


def _measured(cloud: Cloud, catalog: Catalog, size: int) -> list[Row]:
    warm_up, asked = catalog.queries(WARM_UP), catalog.queries(QUERIES)
    gateway = Gateway(cloud.record().addresses["gateway"])
    gateway.search(warm_up[0])
    main = load("search_query")
    main.resident.current = lambda: None
    from_sql = _inside(main, warm_up, asked)
    load("search_snapshot").handle([])
    sleep(CHECK_SECONDS)
    main = load("search_query")
    for ask in (gateway.search, lambda query: main.search_titles()(SearchQuery(query=query))):
        ask(warm_up[0])  # which begins to load it
    sleep(LOOK_SECONDS)
    inside = _inside(main, warm_up, asked)
    with connect.reads().connect() as connection:
        one = text("SELECT 1")
        bare = _timed(lambda _: connection.execute(one).scalar_one(), warm_up, asked)
    outside = _timed(gateway.search, warm_up, asked)
    alive = _timed(lambda _: gateway.get("/health/live"), warm_up, asked)
    return [
        (
            f"search in process, {size:,} titles",
            percentiles(inside),
            f"SELECT 1: {percentiles(bare)}",
        ),
        (
            f"search in process from SQL alone, {size:,} titles",
            percentiles(from_sql),
            f"SELECT 1: {percentiles(bare)}",
        ),
        (
            f"search through the gateway, {size:,} titles{TARGETS.get(size, '')}",
            percentiles(outside),
            f"/health/live: {percentiles(alive)}",
        ),
    ]


def _inside(main: ModuleType, warm_up: Sequence[str], asked: Sequence[str]) -> list[float]:
    answer = main.search_titles()
    return _timed(lambda query: answer(SearchQuery(query=query)), warm_up, asked)


class Gateway:
    """One client of the public door, over one connection that is kept."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(address, timeout=30)

    def search(self, query: str) -> None:
        """Ask for the first page of a search."""
        self.get(f"/api/v1/search?q={quote(query)}")

    def get(self, target: str) -> None:
        """Read a whole answer.

        Raises:
            CommandError: It is no success, or something did not answer in time.
        """
        self._connection.request("GET", target)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise CommandError(f"{target} answered {response.status}: {body[:300]!r}")


def _timed(
    call: Callable[[str], object], warm_up: Sequence[str], asked: Sequence[str]
) -> list[float]:
    """Return the seconds of each call, after some that warm up."""
    for query in warm_up:
        call(query)
    seconds = []
    for query in asked:
        began = perf_counter()
        call(query)
        seconds.append(perf_counter() - began)
    return seconds
