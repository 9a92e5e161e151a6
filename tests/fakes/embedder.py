"""An embedder whose vectors follow from the words: titles that share words lie close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from zlib import crc32

import numpy as np

from shared.kernel.text import words
from shared.kernel.vectors import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.search.ports import Vector


class WordsEmbedder:
    """`shared.search.ports.Embedder`: each word adds one to a place of its own, by its checksum."""

    model = "words@1"
    dimension = 32

    def embed(self, texts: Sequence[str], kind: Literal["query", "document"]) -> Vector:
        """Return one row of unit length per text."""
        del kind  # one space for both
        found = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(found, texts, strict=True):
            for word in words(text) or ["nothing"]:
                row[crc32(word.encode()) % self.dimension] += 1
        return normalize(found)
