"""What a vector search costs and finds in the local cloud's index, beside an exact one.

The approximate index is the one `mg up` makes, the exact one the same without its codes. Both
answer the same queries, ten of one and then ten of the other in turn, so that a busy neighbor
disturbs both alike. Made-up titles (see `tests.benchmarks.titles`) are asked for as a viewer's
words are embedded; directions drawn evenly from all there are have no near neighbors and are the
worst case.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from emulators.vertex.datapoint import Datapoint, Query, Traits
from emulators.vertex.vectors import Config, VectorTable
from shared.adapters.embeddings.build import build
from shared.adapters.embeddings.onnx import OnnxEmbedder
from tests.benchmarks.machine import ROOT, Row, percentiles
from tests.benchmarks.titles import TitleMaker, VectorMaker, queries
from tests.unit.embeddings.artifact import MODEL, WHEELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.random import Generator

    from shared.search.ports import Vector

SIZE = 60_000
QUERIES = 100
TURN = 10
COUNTS = (10, 100, 1000)
SEED = 7
DIMENSIONS = 384
EXACT = Config(DIMENSIONS, "DOT_PRODUCT_DISTANCE", unit_norm=True, streaming=True)
TARGETS = {("titles", 100): " (target recall ≥ .98, ≤ .30 of exact)"}


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    # numpy reads its thread count when it is loaded; the hub gives the index one thread.
    words = ("env", "OPENBLAS_NUM_THREADS=1", sys.executable, "-m", __name__)
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ours
    return [(what, ours, bare) for what, ours, bare in json.loads(done.stdout)]


def _measured() -> list[Row]:
    rng = np.random.default_rng(SEED)
    rows = _rows("titles", *_titles(rng))
    stored, asked = (_even(count, rng) for count in (SIZE, QUERIES))
    return rows + _rows("even directions", stored, asked)


def _titles(rng: Generator) -> tuple[Vector, Vector]:
    """Return vectors of titles, and of queries for them."""
    build(WHEELS, MODEL)
    embedder = OnnxEmbedder.load(MODEL, threads=2)
    maker = TitleMaker(MODEL, rng)
    stored = VectorMaker(embedder, maker, rng).vectors(SIZE)
    asked = queries([maker.title() for _ in range(QUERIES)], maker, rng, QUERIES)
    return stored, embedder.embed(asked, "query")


def _even(count: int, rng: Generator) -> Vector:
    """Return vectors that point anywhere alike."""
    vectors: Vector = rng.standard_normal((count, DIMENSIONS), dtype=np.float32)
    return vectors


def _rows(kind: str, stored: Vector, asked: Vector) -> list[Row]:
    exact, scan_seconds = _filled(EXACT, stored)
    approximate, seconds = _filled(replace(EXACT, approximate=150), stored)
    filling: Row = (
        f"upsert of {SIZE:,} {kind}, codes included",
        f"{SIZE / seconds:,.0f}/s",
        f"without codes: {SIZE / scan_seconds:,.0f}/s",
    )
    return [filling, *(_searches(kind, exact, approximate, asked, count) for count in COUNTS)]


def _filled(config: Config, stored: Vector) -> tuple[VectorTable, float]:
    table = VectorTable(config)
    began = perf_counter()
    for number, vector in enumerate(stored):
        table.upsert(Datapoint(f"{number:036}", vector, Traits()))
    return table, perf_counter() - began


def _searches(
    kind: str, exact: VectorTable, approximate: VectorTable, asked: Vector, count: int
) -> Row:
    times: dict[VectorTable, list[float]] = {exact: [], approximate: []}
    ids: dict[VectorTable, list[set[str]]] = {exact: [], approximate: []}
    for turn in _turns(asked, count):
        for table in (exact, approximate):
            for query in turn:
                began = perf_counter()
                neighbors = table.search(query)
                times[table].append(perf_counter() - began)
                ids[table].append({neighbor.id for neighbor in neighbors})
    shares = [len(a & b) / count for a, b in zip(ids[exact], ids[approximate], strict=True)]
    ratio = np.median(times[approximate]) / np.median(times[exact])
    return (
        f"nearest {count:,} of {SIZE:,} {kind}{TARGETS.get((kind, count), '')}",
        f"{percentiles(times[approximate])}, recall {np.mean(shares):.3f}, {ratio:.2f} of exact",
        f"exact: {percentiles(times[exact])}",
    )


def _turns(asked: Vector, count: int) -> Iterator[Sequence[Query]]:
    searches = [Query(Datapoint("", vector, Traits()), count) for vector in asked]
    return (searches[start : start + TURN] for start in range(0, len(searches), TURN))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measured()))
