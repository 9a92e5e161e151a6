"""Words and vectors of a search beside their peers, in one process with one thread.

60,000 made titles (see `tests.benchmarks.titles`). By words, the index of a resident catalog is
asked for 50 titles beside bm25s (Lù 2024, arXiv 2407.03618). Both fold and part words alike; ours
alone tells fields apart, takes the last word for the beginning of one, knows whole titles, and
judges filters. By vectors, the local cloud's index is asked beside one product with numpy and a
partition, which find the same exactly.

Peers take turns question by question, so that a busy neighbor falls on all alike.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import bm25s  # type: ignore[import-untyped]
import numpy as np

from emulators.vertex.datapoint import Datapoint, Query, Traits
from emulators.vertex.vectors import VectorTable
from shared.adapters.embeddings.build import build
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.kernel.text import title_key, words
from shared.search.evaluation.bm25 import K1, B
from shared.search.hybrid import TOP_K
from shared.search.ports import Asked
from shared.search.resident.catalog import Catalog
from shared.search.resident.part import Part
from shared.search.resident.rows import TitleRow
from tests.benchmarks.machine import ROOT, percentiles
from tests.benchmarks.titles import TitleMaker, VectorMaker, queries
from tests.benchmarks.vectors import EXACT
from tests.unit.embeddings.artifact import MODEL, WHEELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from shared.search.ports import Vector
    from tests.benchmarks.machine import Row
    from tests.benchmarks.titles import MadeTitle

SIZE = 60_000
QUERIES, WARM_UP = 300, 30
SEED = 7
NOW = 0.0
"""No offer of these titles has a time."""


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    # numpy reads its thread count when it is loaded.
    command = ("env", "OPENBLAS_NUM_THREADS=1", sys.executable, "-m", __name__)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ours
    return [(what, ours, bare) for what, ours, bare in json.loads(done.stdout)]


def _measured() -> list[Row]:
    rng = np.random.default_rng(SEED)
    build(WHEELS, MODEL)
    embedder, maker = OnnxEmbedder.load(MODEL, threads=1), TitleMaker(MODEL, rng)
    made = [maker.title() for _ in range(SIZE)]
    asked = queries(made, maker, rng, WARM_UP + QUERIES)
    stored = VectorMaker(embedder, maker, rng).vectors(SIZE)
    return [*_words(made, asked), *_vectors(stored, embedder.embed(asked, "query"))]


def _words(made: Sequence[MadeTitle], asked: Sequence[str]) -> list[Row]:
    catalog = Catalog((Part.build([_row(each) for each in made]),))
    peers: dict[str, Callable[[str], object]] = {
        "ours": lambda query: catalog.retrieve(Asked(query), NOW, limit=TOP_K),
        "bm25s": _bm25s([words(" ".join(_fields(each))) for each in made]),
    }
    return _rows(f"the best {TOP_K} of {SIZE:,} titles by words", peers, asked)


def _bm25s(tokens: Sequence[Sequence[str]]) -> Callable[[str], object]:
    index = bm25s.BM25(k1=K1, b=B, backend="numpy")
    index.index(tokens, show_progress=False)
    return lambda query: index.retrieve([words(query)], k=TOP_K, show_progress=False)


def _row(made: MadeTitle) -> TitleRow:
    document = made.document
    places: dict[str, str] = {}
    for letter, field in zip("ABCD", _fields(made), strict=True):
        for word in words(field):
            places[word] = places.get(word, "") + letter
    key = title_key(document.title)
    return TitleRow(
        id=str(document.id),
        title=document.title,
        key=key,
        keys=(key,),
        popularity=made.popularity,
        words=places,
    )


def _fields(made: MadeTitle) -> tuple[str, str, str, str]:
    document = made.document
    named = " ".join(made.people), " ".join(document.genres)
    return document.title, *named, document.overview or ""


def _vectors(stored: Vector, asked: Vector) -> list[Row]:
    table = VectorTable(replace(EXACT, approximate=150))
    for number, vector in enumerate(stored):
        table.upsert(Datapoint(f"{number:036}", vector, Traits()))

    def ours(vector: Vector) -> list[int]:
        query = Query(Datapoint("", vector, Traits()), TOP_K)
        return [int(neighbor.id) for neighbor in table.search(query)]

    def exact(vector: Vector) -> list[int]:
        scores = stored @ vector
        best = np.argpartition(scores, -TOP_K)[-TOP_K:]
        found: list[int] = best[np.argsort(-scores[best])].tolist()
        return found

    shares = [len({*ours(vector)} & {*exact(vector)}) / TOP_K for vector in asked]
    what = f"the nearest {TOP_K} of {SIZE:,} titles, recall {np.mean(shares):.3f}"
    return _rows(what, {"ours": ours, "exact numpy": exact}, asked)


def _rows(
    what: str, peers: Mapping[str, Callable[[Any], object]], asked: Iterable[Any]
) -> list[Row]:
    """Return a row of our figure beside each peer's."""
    seconds = _by_turns(peers, asked)
    ours = seconds.pop("ours")
    return [
        (
            f"{what}; p50, p95 of {name}'s: {_ratio(ours, theirs, 50)}, {_ratio(ours, theirs, 95)}",
            percentiles(ours),
            f"{name}: {percentiles(theirs)}",
        )
        for name, theirs in seconds.items()
    ]


def _by_turns(
    peers: Mapping[str, Callable[[Any], object]], asked: Iterable[Any]
) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for turn, query in enumerate(asked):
        for name, ask in peers.items():
            began = perf_counter()
            ask(query)
            if turn >= WARM_UP:
                seconds[name].append(perf_counter() - began)
    return seconds


def _ratio(ours: Sequence[float], theirs: Sequence[float], percent: int) -> str:
    return f"{np.percentile(ours, percent) / np.percentile(theirs, percent):.2f}×"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measured()))
