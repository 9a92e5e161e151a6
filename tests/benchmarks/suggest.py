"""Suggestions and spelling over the search corpus, and as a catalogue grows.

The corpus (64,280 films) and the mistyped queries lie in ``../shared/data/search``, which is no
part of this repository. Larger catalogues are made: two to four words drawn from the corpus' titles
as often as they stand there, with a fixed seed. Times are processor time of the one thread that
asks, so that a busy machine does not count; what is bare is a comparison with every name by
rapidfuzz.
"""

from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from shared.kernel.text import fold
from shared.search.suggest.build import build_suggester
from shared.search.suggest.corpus import read_corpus
from shared.search.suggest.entries import Entry, Kind
from shared.search.suggest.evaluation import evaluate_suggestions
from shared.search.suggest.typos import evaluate_typos
from tests.benchmarks.judged_films import DATA
from tests.benchmarks.machine import Row, percentiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.search.suggest.index import Suggester

SIZES = (60_000, 250_000, 500_000)
ASKED = 300
SEED = 7


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    if not DATA.is_dir():
        return [("suggestions", "not measured: the search data is not there", "")]
    rows = [*_typos(evaluate_typos(DATA, None, thread_time))]
    rows += _suggestions(evaluate_suggestions(DATA, None, thread_time))
    for size in SIZES:
        rows += _grown(size)
    return rows


def _typos(found: Any) -> list[Row]:  # noqa: ANN401 - a summary
    rows = [
        (f"typo titles, {part}: R@1 · R@10", f"{r['recall_at_1']} · {r['recall_at_10']}", "")
        for part, r in found["found"].items()
    ]
    spent = f"p50 {found['p50_ms']}, p95 {found['p95_ms']} ms"
    return [*rows, (f"one of {found['titles']} titles", spent, "")]


def _suggestions(found: Any) -> list[Row]:  # noqa: ANN401 - a summary
    ranks = " · ".join(map(str, found["mean_reciprocal_rank"].values()))
    rows = [("suggested at 3 · 4 · 5 · 6 letters, mean: MRR", ranks, "")]
    for kind, spent in found["milliseconds"].items():
        shown = f"p50 {spent['p50']}, p95 {spent['p95']} ms"
        rows.append((f"one of {found['entries']} entries, {kind}", shown, ""))
    return rows


def _grown(size: int) -> list[Row]:
    rng = np.random.default_rng(SEED)
    words = [word for title in read_corpus(DATA / "tmdb_corpus.jsonl.gz")
             for word in fold(title.names[0]).split()]  # fmt: skip
    lengths = rng.integers(2, 5, size)
    drawn = rng.choice(np.array(words), int(lengths.sum())).tolist()
    ends = np.cumsum(lengths).tolist()
    names = [" ".join(drawn[end - n : end]) for n, end in zip(lengths, ends, strict=True)]
    popularity = rng.beta(1, 4, size).tolist()
    began = thread_time()
    suggester = build_suggester(
        Entry(name, Kind.TITLE, p) for name, p in zip(names, popularity, strict=True)
    )
    built = thread_time() - began
    megabytes = sum(array.nbytes for array in suggester.arrays().values()) / 1e6
    rows = [(f"{size:,} made titles: build", f"{built:.0f} s, {megabytes:.0f} MB", "")]
    return [*rows, *_asked(suggester, [names[i] for i in rng.permutation(size)[:ASKED]], rng)]


def _asked(suggester: Suggester, names: Sequence[str], rng: np.random.Generator) -> list[Row]:
    typed = [name[: int(rng.integers(2, 7))] for name in names]
    wrong = [_slip(name, rng) for name in names]
    every = list(suggester.names.strings)
    return [
        ("  as typed", _times(lambda q: suggester.suggest(q, limit=10), typed), ""),
        ("  with a slip, begun", _times(lambda q: suggester.suggest(q[:9], limit=10), wrong), ""),
        (
            "  a whole title with a slip",
            _times(lambda q: suggester.names.match(q, limit=10), wrong),
            _times(lambda q: cdist([q], every, scorer=OSA.distance).argmin(), wrong[:20]),
        ),
    ]


def _slip(name: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(1, len(name)))
    return name[:at] + chr(ord("a") + int(rng.integers(26))) + name[at + 1 :]


def _times(ask: Callable[[str], object], queries: Sequence[str]) -> str:
    spent = []
    for query in queries:
        began = thread_time()
        ask(query)
        spent.append(thread_time() - began)
    return percentiles(spent)
