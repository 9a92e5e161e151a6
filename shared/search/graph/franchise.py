"""Which titles belong to one franchise, by their names and by what else they have in common.

No provider of ours names franchises, so this reads them off names: ``Toy Story 3``, ``Mission:
Impossible``, ``Indiana Jones and the Last Crusade``. A name alone proves nothing, so titles of one
name must also share a person or mean alike.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from shared.kernel.text import title_key
from shared.search.ports import Vector

ALIKE = 0.5
"""Cosine from which titles with one name and nobody in common belong together."""
CLOSE = 0.65
"""Cosine from which ``Batman Begins`` belongs to ``Batman``; ``Spy Kids`` does not to ``Spy``."""
CLOSE_WITH_PEOPLE = 0.56
"""The same where they share a person."""
LEAST_LETTERS = 3
MOST_IN_ONE = 100
"""More titles than these under one name are a common word."""

_SUBTITLE = re.compile(r"\s*(?:[:\u2013\u2014]|\s-\s|\band the\b|\bvs?\b\.?).*$", re.IGNORECASE)
_NUMBER = re.compile(r"\s+(?:chapter |episode )?\d{1,2}$")


@dataclass(frozen=True)
class Named:
    """A title as franchises see it.

    Attributes:
        people: Folded names.
        vector: Unit length; None where there is none.
    """

    title: str
    people: frozenset[str]
    vector: Vector | None


def stem(title: str) -> str:
    """Return a title's name without its subtitle and number, folded; empty where too little stays.

    ``Toy Story 3`` → ``toy story``; ``Star Wars: Episode V`` → ``star wars``; ``9`` → nothing.
    """
    key = title_key(title)
    whole = title_key(_SUBTITLE.sub("", title)) or key
    found = _NUMBER.sub("", whole)
    return found if sum(map(str.isalpha, found)) >= LEAST_LETTERS else ""


def franchises(titles: Sequence[Named]) -> list[int | None]:
    """Return for each title the place of the first of its franchise; None where it stands alone."""
    parent = list(range(len(titles)))
    for left, right in _related(titles):
        first, second = sorted((_root(parent, left), _root(parent, right)))
        parent[second] = first
    roots = [_root(parent, place) for place in range(len(titles))]
    sizes = np.bincount(roots, minlength=len(titles))
    return [root if sizes[root] > 1 else None for root in roots]


def _related(titles: Sequence[Named]) -> Iterator[tuple[int, int]]:
    """Yield pairs of titles that have a name and more in common."""
    named: dict[str, list[int]] = defaultdict(list)
    for place, title in enumerate(titles):
        if (key := stem(title.title)) and len(named[key]) < MOST_IN_ONE:
            named[key].append(place)
    for key, places in named.items():
        for left, right in combinations(places, 2):
            if _is_same(titles[left], titles[right]):
                yield left, right
        first = [place for head in _beginnings(key) for place in named.get(head, ())]
        for left, right in product(first, places):
            if _follows(titles[left], titles[right]):
                yield left, right


def _beginnings(key: str) -> Iterator[str]:
    words = key.split()
    return (" ".join(words[:count]) for count in range(1, len(words)))


def _is_same(left: Named, right: Named) -> bool:
    return bool(left.people & right.people) or _cosine(left, right) >= ALIKE


def _follows(first: Named, later: Named) -> bool:
    needed = CLOSE_WITH_PEOPLE if first.people & later.people else CLOSE
    return _cosine(first, later) >= needed


def _cosine(left: Named, right: Named) -> float:
    if left.vector is None or right.vector is None:
        return 0.0
    return float(left.vector @ right.vector)


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place
