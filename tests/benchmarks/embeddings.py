"""What embedding costs on this machine, beside the bare call of ONNX Runtime.

The bare figure is ``session.run`` on token ids made beforehand, taken in turn with ours so that a
busy neighbor disturbs both alike. Texts are counted in tokens, the two markers included.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from shared.adapters.embeddings.artifact import GRAPH_FILE
from shared.adapters.embeddings.build import build
from shared.adapters.embeddings.onnx import BATCH, OnnxEmbedder, _open_session
from tests.unit.embeddings.artifact import MODEL, WHEELS

if TYPE_CHECKING:
    from collections.abc import Callable

Row = tuple[str, str, str]
WORDS = ("harbor", "winter", "robot", "train", "sister", "thief", "garden", "moon")


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    build(WHEELS, MODEL)
    loading = _load_row()
    embedder = OnnxEmbedder.load(MODEL)
    latencies = [
        _latency_row(embedder, "query of 8 tokens", tokens=8, repeats=200),
        _latency_row(embedder, "document of 128 tokens", tokens=128, repeats=40),
    ]
    return [loading, *latencies, *(_throughput_row(embedder, n) for n in (16, 32, 64, 128))]


def _load_row() -> Row:
    OnnxEmbedder.load(MODEL)  # imports and page cache are not what is measured
    ours, bare = _interleaved(
        lambda: OnnxEmbedder.load(MODEL), lambda: _open_session(MODEL, 1), repeats=5
    )
    return f"embedding: load ({GRAPH_FILE} and tokenizer)", _quantiles(ours), _quantiles(bare)


def _latency_row(embedder: OnnxEmbedder, what: str, *, tokens: int, repeats: int) -> Row:
    text = _text(tokens)
    ours, bare = _interleaved(
        lambda: embedder.embed([text], "query"), _bare(embedder, [text]), repeats=repeats
    )
    return f"embedding: {what}", _quantiles(ours), _quantiles(bare)


def _throughput_row(embedder: OnnxEmbedder, tokens: int) -> Row:
    texts = [_text(tokens)] * (BATCH * 4)
    batch = _bare(embedder, texts[:BATCH])
    ours, bare = _interleaved(
        lambda: embedder.embed(texts, "document"),
        lambda: [batch() for _ in range(4)],
        repeats=3,
    )
    rates = [f"{len(texts) / float(np.median(seconds)):.0f} items/s" for seconds in (ours, bare)]
    return f"embedding: {tokens} tokens, batches of {BATCH}, one thread", rates[0], rates[1]


def _text(tokens: int) -> str:
    """A text of so many tokens: each of these words is one."""
    return " ".join(WORDS[place % len(WORDS)] for place in range(tokens - 2))


def _bare(embedder: OnnxEmbedder, texts: list[str]) -> Callable[[], object]:
    """The runtime's call alone, on the ids of texts of equal length."""
    ids = np.array([embedder._tokenize(text) for text in texts], dtype=np.int64)
    feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    return lambda: embedder._session.run(None, feeds)


def _interleaved(
    ours: Callable[[], object], bare: Callable[[], object], *, repeats: int
) -> tuple[list[float], list[float]]:
    """Seconds of each call, taken in turn after one that warms up."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats + 1):
        for call, kept in zip((ours, bare), seconds, strict=True):
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
        sys.stdout.write(f"{what:58} {figure:34} bare: {bare_figure}\n")
