"""How alike two titles are (spec/ingestion §5.5, the picked scorer).

Symbols: t title similarity, y year, r runtime, g genres, c credits; score = Σ wᵢ·fᵢ / Σ wᵢ over the
features both sides know.
"""

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein

from shared.matching.facts import Facts

W_TITLE, W_YEAR, W_RUNTIME, W_GENRE, W_CREDITS = 0.35, 0.15, 0.10, 0.15, 0.25
YEAR_SPAN = 5
RUNTIME_SPAN = 30


@dataclass(frozen=True, slots=True)
class Score:
    """A comparison's outcome.

    Attributes:
        value: 0 to 1, over the features both sides know.
        features: Each feature's own agreement, 0 to 1; absent where one side knows nothing.
        pair: The two title keys that were most alike.
    """

    value: float
    features: dict[str, float]
    pair: tuple[str, str]


@lru_cache(maxsize=65536)
def similarity(left: str, right: str) -> float:
    """Return the mean of normalized Levenshtein and Jaro-Winkler similarity of two keys, 0 to 1."""
    if left == right:
        return 1.0
    levenshtein = Levenshtein.normalized_similarity(left, right)
    return (levenshtein + JaroWinkler.similarity(left, right)) / 2


def best_pair(left: Facts, right: Facts) -> tuple[float, tuple[str, str]]:
    """Return the highest similarity among all names of two titles, and the names."""
    shared = next((key for key in left.keys if key in right.keys), None)
    if shared is not None:
        return 1.0, (shared, shared)
    pairs = ((a, b) for a in left.keys for b in right.keys)
    scored = ((similarity(a, b), (a, b)) for a, b in pairs)
    return max(scored, default=(0.0, ("", "")))


def score(left: Facts, right: Facts) -> Score:
    """Compare two titles; a feature that one side does not know is no evidence."""
    title, pair = best_pair(left, right)
    features = {"title": title}
    if left.year is not None and right.year is not None:
        features["year"] = max(0.0, 1 - abs(left.year - right.year) / YEAR_SPAN)
    if left.runtime and right.runtime:
        features["runtime"] = max(0.0, 1 - abs(left.runtime - right.runtime) / RUNTIME_SPAN)
    if left.genres and right.genres:
        features["genres"] = _jaccard(left.genres, right.genres)
    if left.people and right.people:
        features["credits"] = _jaccard(left.people, right.people)
    weight = sum(_WEIGHTS[name] for name in features)
    value = sum(_WEIGHTS[name] * found for name, found in features.items()) / weight
    return Score(value, features, pair)


_WEIGHTS = {
    "title": W_TITLE,
    "year": W_YEAR,
    "runtime": W_RUNTIME,
    "genres": W_GENRE,
    "credits": W_CREDITS,
}


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right)
