"""Overviews as small sketches, so that two can be compared without keeping either.

A sketch holds the k smallest hashes of a text's words (Broder, "On the resemblance and containment
of documents", SEQUENCES 1997, §3): of two sketches' union the k smallest are a random sample of
both texts' words, and the share of it that lies in both estimates their Jaccard resemblance.
"""

from functools import lru_cache
from zlib import crc32

from shared.kernel.text import fold

SIZE = 24
LEAST_WORDS = 8
"""A text of fewer distinct words says too little to be recognized."""

Sketch = tuple[int, ...]


def sketch(overview: str | None) -> Sketch:
    """Return the sketch of an overview, sorted; empty where there is too little of it."""
    return _sketch(overview) if overview else ()


# An item's overview is asked for twice: when it is compared, and when its title is written.
@lru_cache(maxsize=512)
def _sketch(overview: str) -> Sketch:
    words = set(fold(overview).split())
    if len(words) < LEAST_WORDS:
        return ()
    return tuple(sorted(map(_hash, words))[:SIZE])


@lru_cache(maxsize=65536)
def _hash(word: str) -> int:
    # Multiplied, since the sums of similar words lie side by side (Knuth, TAOCP 3, §6.4).
    return (crc32(word.encode()) * 2654435761) & 0xFFFFFFFF


def resemblance(left: Sketch, right: Sketch) -> float:
    """Return the estimated share of words that two texts have in common, 0 to 1."""
    size = min(len(left), len(right))
    if size == 0:
        return 0.0
    sample = sorted({*left, *right})[:size]
    return len(set(sample).intersection(left, right)) / size
