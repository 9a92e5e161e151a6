"""What is common among titles, counted."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

from shared.matching.background import Background
from shared.matching.facts import Facts

LEAST_TITLES = 4
"""Titles a word must occur in to be listed."""
LEAST_PAIRS = 5
LIFT = 1.5
"""How much oftener than by chance two genres stand together to be kin."""


def count_background(records: Iterable[tuple[str, Facts]]) -> Background:
    """Return what is common among labelled records.

    Args:
        records: Entity and facts of each; names are counted once per entity.
    """
    words: Counter[str] = Counter()
    genres: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    entities: set[str] = set()
    total = 0
    for entity, facts in records:
        total += 1
        genres.update(facts.genres)
        together.update(combinations(sorted(facts.genres), 2))
        if entity not in entities and facts.keys:
            entities.add(entity)
            words.update(set(facts.keys[0].split()))
    kept = {word: n for word, n in sorted(words.items()) if n >= LEAST_TITLES}
    return Background(max(2, len(entities)), kept, _kin(together, genres, total))


def _kin(
    together: Counter[tuple[str, str]], genres: Counter[str], total: int
) -> frozenset[tuple[str, str]]:
    return frozenset(
        pair
        for pair, n in together.items()
        if n >= LEAST_PAIRS and n * total >= LIFT * genres[pair[0]] * genres[pair[1]]
    )
