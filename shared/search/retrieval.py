"""Retrieval by meaning: the query's vector against the titles' vectors."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from shared.kernel.vectors import normalize
from shared.search.ports import Asked, Embedder, Hit, Vector, VectorIndex

REMEMBERED_QUERIES = 2048


@dataclass
class QueryVectors:
    """Vectors of the queries asked last; none goes stale, since the text alone decides it.

    `embedder` gives the model when it is first needed, so that a process without one still answers
    by words.
    """

    embedder: Callable[[], Embedder]
    size: int = REMEMBERED_QUERIES
    _known: OrderedDict[str, Vector] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def model(self) -> str:
        """What makes them."""
        return self.embedder().model

    def __call__(self, text: str) -> Vector:
        """Return the vector of ``text``, shape ``(dimension,)``."""
        key = text.casefold()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        vector: Vector = self.embedder().embed([text], "query")[0]
        with self._lock:
            self._known[key] = vector
            if len(self._known) > self.size:
                self._known.popitem(last=False)
        return vector


@dataclass(frozen=True)
class MeaningRetriever:
    """`shared.search.ports.Retriever` by nearest vectors.

    Near is what is near the words; where the answer shall be like titles, what is near them and
    the words, each of them and all words together counting alike.
    """

    vectors: QueryVectors
    index: VectorIndex
    name: str = "vector"

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return at most ``limit`` titles whose vectors are nearest, nearest first."""
        wanted = self._wanted(asked)
        if wanted is None:
            return []
        model = self.vectors.model
        found = self.index.nearest(wanted, asked.filters, model=model, limit=limit)
        return [Hit(content_id) for content_id in found]

    def _wanted(self, asked: Asked) -> Vector | None:
        words = [self.vectors(asked.text)] if asked.text else []
        if not asked.seeds:
            return words[0] if words else None
        seeds = [seed.content_id for seed in asked.seeds]
        known = self.index.vectors(seeds, model=self.vectors.model)
        like = [known[s.content_id] * s.weight for s in asked.seeds if s.content_id in known]
        parts = [*words, *like]
        return normalize(np.sum(parts, axis=0)) if parts else None
