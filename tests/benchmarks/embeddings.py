"""What embedding costs on this machine, in 8 bits and in float32, and what 8 bits lose.

The bare figure is ``session.run`` on token ids made beforehand. It and the float32 graph are taken
in turn with ours, so that a busy neighbor disturbs all alike. Texts are counted in tokens, the two
markers included.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from shared.adapters.embeddings.artifact import GRAPH_FILE
from shared.adapters.embeddings.build import build
from shared.adapters.embeddings.onnx import BATCH, OnnxEmbedder, _open_session
from tests.benchmarks import judged_films
from tests.benchmarks.machine import ROOT, Row
from tests.unit.embeddings.artifact import FOLDERS, WHEELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.judged_films import Judged, Vectors

WORDS = ("harbor", "winter", "robot", "train", "sister", "thief", "garden", "moon")
LENGTHS = (16, 32, 64, 128)
HELD = """
import sys, psutil, numpy, onnxruntime, tokenizers
from pathlib import Path
from shared.adapters.embeddings.onnx import OnnxEmbedder
before = psutil.Process().memory_info().rss
embedder = OnnxEmbedder.load(Path(sys.argv[1]))
embedder.embed(["a heist in space"] * 20, "query")
print((psutil.Process().memory_info().rss - before) / 2**20)
"""


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    for precision, folder in FOLDERS.items():
        build(WHEELS, folder, precision)
    int8, fp32 = (OnnxEmbedder.load(FOLDERS[precision]) for precision in ("int8", "fp32"))
    return [
        *(_load_row(precision) for precision in FOLDERS),
        *(_memory_row(precision) for precision in FOLDERS),
        *_latency_rows(int8, fp32, tokens=8, repeats=200),
        *_latency_rows(int8, fp32, tokens=128, repeats=40),
        *(_throughput_row(int8, fp32, tokens) for tokens in LENGTHS),
        *_ranking_rows(int8, fp32),
    ]


def _load_row(precision: str) -> Row:
    folder = FOLDERS[precision]
    ours, bare = _interleaved(
        lambda: OnnxEmbedder.load(folder), lambda: _open_session(folder, 1), repeats=5
    )
    what = f"embedding: load, {precision} ({GRAPH_FILE} and tokenizer)"
    return what, _quantiles(ours), _quantiles(bare)


def _memory_row(precision: str) -> Row:
    """What a process holds more once it has answered queries; libraries not counted."""
    folder = FOLDERS[precision]
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    command = [sys.executable, "-c", HELD, str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    return (
        f"embedding: memory, {precision}",
        f"{float(done.stdout):.0f} MiB",
        f"{size:.0f} MB files",
    )


def _latency_rows(
    int8: OnnxEmbedder, fp32: OnnxEmbedder, *, tokens: int, repeats: int
) -> list[Row]:
    texts = [_text(tokens)]
    calls = [
        lambda: int8.embed(texts, "query"),
        _bare(int8, texts),
        lambda: fp32.embed(texts, "query"),
        _bare(fp32, texts),
    ]
    ours, bare, reference, bare_reference = _interleaved(*calls, repeats=repeats)
    ratio = np.median(ours) / np.median(reference)
    what = f"embedding: {tokens} tokens"
    return [
        (f"{what}, int8 ({ratio:.2f} of fp32)", _quantiles(ours), _quantiles(bare)),
        (f"{what}, fp32", _quantiles(reference), _quantiles(bare_reference)),
    ]


def _throughput_row(int8: OnnxEmbedder, fp32: OnnxEmbedder, tokens: int) -> Row:
    texts = [_text(tokens)] * (BATCH * 4)
    timed = _interleaved(
        lambda: int8.embed(texts, "document"), lambda: fp32.embed(texts, "document"), repeats=3
    )
    rates = [f"{len(texts) / float(np.median(seconds)):.0f} items/s" for seconds in timed]
    return f"embedding: {tokens} tokens, many, one thread, int8", rates[0], f"fp32 {rates[1]}"


def _ranking_rows(int8: OnnxEmbedder, fp32: OnnxEmbedder) -> list[Row]:
    judged = judged_films.read()
    if judged is None:
        return [("embedding: ranking", "not measured", f"{judged_films.DATA} is not there")]
    ours, reference = _vectors(int8, judged), _vectors(fp32, judged)
    cosines = np.concatenate([np.sum(a * b, axis=1) for a, b in zip(ours, reference, strict=True)])
    fidelity = f"min {cosines.min():.4f}, mean {cosines.mean():.4f}"
    pool = f"{len(judged.queries)} queries, {len(judged.texts)} films"
    scores = [queries @ films.T for queries, films, _ in (ours, reference)]
    gains = [judged_films.ndcg(found, judged.grades) for found in scores]
    wanted = [film for _, film in judged.taglines]
    places = [judged_films.mrr(lines @ films.T, wanted) for _, films, lines in (ours, reference)]
    kept = judged_films.overlap(scores[1], scores[0])
    return [
        (f"embedding: cosine of int8 with fp32, {pool}", fidelity, "≥ 0.995, ≥ 0.999"),
        ("embedding: the ten best of fp32 that int8 keeps", f"{kept:.3f}", "1"),
        _compared("embedding: NDCG@10 of vectors alone", *gains),
        _compared(f"embedding: MRR@10 of {len(wanted)} taglines' films", *places),
    ]


def _compared(what: str, ours: list[float], reference: list[float]) -> Row:
    """Both means, and their difference with its standard error over the queries."""
    apart = np.subtract(ours, reference)
    error = apart.std(ddof=1) / len(apart) ** 0.5
    figure = f"{np.mean(ours):.4f} ({apart.mean():+.4f} ± {error:.4f})"
    return what, figure, f"fp32 {np.mean(reference):.4f}"


def _vectors(embedder: OnnxEmbedder, judged: Judged) -> tuple[Vectors, Vectors, Vectors]:
    """Vectors of queries, films and taglines."""
    queries, films = (
        embedder.embed(judged.queries, "query"),
        embedder.embed(judged.texts, "document"),
    )
    return queries, films, embedder.embed([line for line, _ in judged.taglines], "query")


def _text(tokens: int) -> str:
    """A text of so many tokens: each of these words is one."""
    return " ".join(WORDS[place % len(WORDS)] for place in range(tokens - 2))


def _bare(embedder: OnnxEmbedder, texts: list[str]) -> Callable[[], object]:
    """The runtime's call alone, on the ids of texts of equal length."""
    ids = np.array([embedder._tokenize(text) for text in texts], dtype=np.int64)
    feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    return lambda: embedder._session.run(None, feeds)


def _interleaved(*calls: Callable[[], object], repeats: int) -> list[list[float]]:
    """Seconds of each call, taken in turn after one that warms up."""
    seconds: list[list[float]] = [[] for _ in calls]
    for turn in range(repeats + 1):
        for call, kept in zip(calls, seconds, strict=True):
            began = time.perf_counter()
            call()
            if turn:
                kept.append(time.perf_counter() - began)
    return seconds


def _quantiles(seconds: list[float]) -> str:
    p50, p95 = np.quantile(seconds, (0.5, 0.95)) * 1000
    return f"p50 {p50:.2f} ms, p95 {p95:.2f} ms"


if __name__ == "__main__":
    for what, figure, bare_figure in run():
        sys.stdout.write(f"{what:66} {figure:34} bare: {bare_figure}\n")
