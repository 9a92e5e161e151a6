"""Made-up titles in any number, the same ones for the same seed.

Words are the whole words of the embedding model's own vocabulary, which stands in order of use, so
Zipf weights over it give common words and rare ones in plausible shares. Vectors are not computed
one by one (an hour for 60,000): 2,000 texts are embedded for real, and each title's vector is a
random mixture of three of those plus noise, brought to unit length. They fill the same space and
crowd in the same way, but say nothing about whether answers are good.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from shared.adapters.embeddings.artifact import TOKENIZER_FILE
from shared.catalog.values import GENRES
from shared.kernel.vectors import normalize
from shared.search.document import Document, embedding_text

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator

    from shared.adapters.embeddings.onnx import OnnxEmbedder
    from shared.search.ports import Vector

PLATFORMS = ("netflix", "prime_video", "disney_plus", "hbo_max", "hulu", "apple_tv_plus")
REAL_VECTORS = 2000
NOISE = 0.02
FIRST_TITLE_WORD = 50
"""Titles take no word that is more common than this rank: "The And" is none."""


@dataclass(frozen=True)
class MadeTitle:
    """One title with everything search stores of it."""

    document: Document
    people: tuple[str, str]
    popularity: float
    runtime: int


class TitleMaker:
    """Makes titles.

    Args:
        model: Folder of the embedding model, for its words.
        rng: Every choice comes from here.
    """

    def __init__(self, model: Path, rng: Generator) -> None:
        self._rng = rng
        self._words = np.array(_vocabulary(model))
        weights = 1 / np.arange(1, len(self._words) + 1)
        self._sums = np.cumsum(weights)

    def words(self, count: int, first: int = 0) -> str:
        """Return so many words by their weights, none more common than rank ``first``."""
        low = self._sums[first - 1] if first else 0.0
        drawn = self._rng.uniform(low, self._sums[-1], count)
        return " ".join(
            self._words[np.searchsorted(self._sums, drawn).clip(max=len(self._words) - 1)]
        )

    def title(self) -> MadeTitle:
        """Return the next title."""
        rng = self._rng
        genres = rng.choice(GENRES, rng.integers(1, 4), replace=False).tolist()
        platforms = rng.choice(PLATFORMS, rng.integers(1, 4), replace=False).tolist()
        people = (self.words(2, 500).title(), self.words(2, 500).title())
        document = Document(
            id=UUID(bytes=rng.bytes(16), version=4),
            title=self.words(int(rng.integers(1, 5)), FIRST_TITLE_WORD).title(),
            content_type=str(rng.choice(("movie", "series"))),
            release_year=int(rng.integers(1950, 2027)),
            overview=self.words(int(rng.integers(15, 50))).capitalize() + ".",
            genres=genres,
            themes=[],
            people=people,
            offers=[f"{platform}:US" for platform in platforms],
            average_rating=round(float(rng.uniform(3, 9.5)), 1),
            quality=float(rng.beta(4, 2)),
        )
        return MadeTitle(document, people, float(rng.beta(1, 8)), int(rng.integers(20, 200)))


@dataclass(frozen=True)
class VectorMaker:
    """Makes vectors that crowd as real ones do."""

    embedder: OnnxEmbedder
    titles: TitleMaker
    rng: Generator

    @cached_property
    def _real(self) -> Vector:
        texts = [embedding_text(self.titles.title().document) for _ in range(REAL_VECTORS)]
        return self.embedder.embed(texts, "document")

    def vectors(self, count: int) -> Vector:
        """Return so many vectors of unit length, shape ``(count, dimension)``."""
        chosen = self.rng.integers(0, REAL_VECTORS, (count, 3))
        shares = self.rng.dirichlet((1.0, 1.0, 1.0), count).astype(np.float32)
        mixed = np.einsum("nk,nkd->nd", shares, self._real[chosen])
        mixed += self.rng.normal(0, NOISE, mixed.shape).astype(np.float32)
        return normalize(mixed)


def queries(titles: list[MadeTitle], maker: TitleMaker, rng: Generator, count: int) -> list[str]:
    """Return distinct queries: whole titles, a few words of one overview, and descriptions."""
    found: dict[str, None] = {}
    while len(found) < count:
        one = titles[int(rng.integers(len(titles)))].document
        told = (one.overview or "").rstrip(".").lower().split()
        start = int(rng.integers(len(told) - 4))
        forms = (
            one.title.lower(),
            " ".join(told[start : start + int(rng.integers(2, 5))]),
            f"a {one.genres[0].lower()} about {maker.words(3, FIRST_TITLE_WORD)}",
        )
        found[forms[len(found) % 3]] = None
    return list(found)


def _vocabulary(model: Path) -> list[str]:
    """Return the whole words the model knows, most used first."""
    tokenizer: dict[str, Any] = json.loads((model / TOKENIZER_FILE).read_text(encoding="utf-8"))
    known: dict[str, int] = tokenizer["model"]["vocab"]
    in_order = sorted(known, key=known.__getitem__)
    return [word for word in in_order if word.isascii() and word.isalpha() and len(word) > 2]
