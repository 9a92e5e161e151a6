"""Text vectors made by hashing words and their letters: deterministic, and near for near texts.

Each word gives itself, its pairing with the word before it, and its runs of 3 and 4 letters (with
the word's edges), each hashed to a dimension and a sign (Weinberger et al., ICML 2009). Their sum
is scaled to length 1. Words that share letters share dimensions, so spelling variants and
inflections stay near; synonyms do not.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSIONS = 768
MAX_TOKENS = 2048

_TOKEN = re.compile(r"\w+|[^\w\s]")
_SHORT_WORD = 3
# Short words are mostly articles and prepositions; they should not make two texts alike.
_SHORT_WEIGHT = 0.25
_PAIR_WEIGHT = 0.5
_GRAM_WEIGHT = 0.35
_GRAM_LENGTHS = (3, 4)


@dataclass(frozen=True, slots=True)
class Embedding:
    """A text's vector.

    Attributes:
        values: float32, length 1; all zeros for a text without words.
        token_count: Tokens of the text that was embedded.
        truncated: Whether the end of the text was left out.
    """

    values: NDArray[np.float32]
    token_count: int
    truncated: bool


def count_tokens(text: str) -> int:
    """Return the number of words and punctuation marks."""
    return sum(1 for _ in _TOKEN.finditer(text))


def embed(text: str, *, dimensions: int = DIMENSIONS) -> Embedding:
    """Return the vector of a text; only its first `MAX_TOKENS` tokens count.

    Args:
        text: Any text.
        dimensions: Length of the vector, from 1 to 768. A shorter vector is the scaled start of the
            full one.
    """
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    kept = tokens[:MAX_TOKENS]
    total = _sum_features([token for token in kept if token[0].isalnum()])[:dimensions]
    length = float(np.sqrt(total @ total))
    values = (total / length if length else total).astype(np.float32)
    return Embedding(values, len(kept), len(kept) < len(tokens))


def _sum_features(words: list[str]) -> NDArray[np.float64]:
    total = np.zeros(DIMENSIONS)
    if not words:
        return total
    for word in words:
        places, weights = _word_features(word)
        # A word's own places may repeat; its cached weights are already added up.
        total[places] += weights
    for first, second in pairwise(words):
        place, sign = _hash(f"{first} {second}")
        total[place] += sign * _PAIR_WEIGHT * min(_weight(first), _weight(second))
    return total


@lru_cache(maxsize=50_000)
def _word_features(word: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    summed: dict[int, float] = {}
    for feature, weight in _features(word):
        place, sign = _hash(feature)
        summed[place] = summed.get(place, 0.0) + sign * weight * _weight(word)
    return np.array(list(summed), np.intp), np.array(list(summed.values()))


def _features(word: str) -> list[tuple[str, float]]:
    edged = f"^{word}$"
    grams = [
        (edged[start : start + length], _GRAM_WEIGHT)
        for length in _GRAM_LENGTHS
        for start in range(len(edged) - length + 1)
    ]
    return [(word, 1.0), *grams]


def _weight(word: str) -> float:
    return _SHORT_WEIGHT if len(word) <= _SHORT_WORD else 1.0


def _hash(feature: str) -> tuple[int, float]:
    # crc32 is linear, so neighboring inputs have related low bits; the multiplication mixes them.
    mixed = crc32(feature.encode()) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    return (mixed >> 33) % DIMENSIONS, 1.0 if mixed >> 32 & 1 else -1.0
