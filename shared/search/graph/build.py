"""Edges of a whole catalog, block by block (spec/discovery §5.5).

    V           vectors of all titles as rows, shape ``(n, d)``, unit length, zero where unknown
    c           cosines of one title with all, ``c = V·v``
    s_T, s_C    what two titles share of themes and of cast (`Sharing`), 0 to 1

Weights by type, each times its base of `BASE_WEIGHTS`:

    similar_to      1 - (1 - c)(1 - s_T / 2)
    same_franchise  3/4 + c/4
    same_director   3/4 + c/4
    shared_cast     √s_C

They were chosen by which neighbors the same viewers like (docs/graph.md). The cosine in the second
and third puts a director's closer films first, where they would all weigh the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.search.graph.adoption import memberships
from shared.search.graph.edges import BASE_WEIGHTS, DIGITS, MOST_EDGES, Edge, EdgeType, Neighbors
from shared.search.graph.franchise import Named, franchises
from shared.search.graph.sharing import MOST_SHARERS, Places, Sharing, Strengths
from shared.search.ports import Vector

BLOCK_CELLS = 8_000_000
"""Cosines that are held at a time, 32 MB."""
FARTHEST = 0.3
"""Cosine below which two titles are not alike, however few are nearer."""
THEME_SHARE = 0.5
CLOSENESS = 0.25
NAME_ALONE = 0.8
"""What likeness to a title counts of which no more than its name is said: so is its vector."""


@dataclass(frozen=True)
class Node:
    """What edges are made from.

    Attributes:
        directors: Folded names, as are those of `cast`.
        vector: Unit length; None where there is none of the present model.
        described: There is an overview of it, or themes.
    """

    id: str
    title: str
    directors: tuple[str, ...]
    cast: tuple[str, ...]
    themes: tuple[str, ...]
    vector: Vector | None
    described: bool


class Builder:
    """What is known of all titles; memory is that of their vectors, at most twice over."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        """Count who has what, and find the franchises."""
        self._ids = [node.id for node in nodes]
        self._vectors = _stacked(nodes)
        self._told = np.array([1.0 if node.described else NAME_ALONE for node in nodes])
        self._themes = Sharing([node.themes for node in nodes])
        self._cast = Sharing([node.cast for node in nodes])
        by_name = franchises([_named(node) for node in nodes])
        titles = [node.title for node in nodes]
        self._memberships = memberships(titles, by_name, self._cast, self._themes)
        self._fellows = {
            EdgeType.SAME_DIRECTOR: _fellows([node.directors for node in nodes]),
            EdgeType.SAME_FRANCHISE: _fellows(
                [() if m.franchise is None else (m.franchise,) for m in self._memberships]
            ),
        }

    def blocks(self) -> Iterator[list[Neighbors]]:
        """Yield the neighbors of all titles, in the order given, some hundred at a time."""
        size = max(1, BLOCK_CELLS // max(1, len(self._ids)))
        for start in range(0, len(self._ids), size):
            cosines = self._vectors[start : start + size] @ self._vectors.T
            yield [self._neighbors(start + row, own) for row, own in enumerate(cosines)]

    def _neighbors(self, place: int, cosines: Vector) -> Neighbors:
        found = [(EdgeType.SIMILAR_TO, *self._similar(place, cosines))]
        others, shared = self._cast.strengths(place)
        found.append((EdgeType.SHARED_CAST, others, np.sqrt(shared)))
        for kind, fellows in self._fellows.items():
            others = fellows[place]
            found.append((kind, others, 1 - CLOSENESS + CLOSENESS * cosines[others].clip(0, 1)))
        franchise, called = self._memberships[place]
        return Neighbors(
            src=self._ids[place],
            franchise=None if franchise is None else self._ids[franchise],
            called=called,
            edges=tuple(self._strongest(found)),
        )

    def _similar(self, place: int, cosines: Vector) -> tuple[Places, Strengths]:
        """Return the nearest by vector, with what themes add."""
        near = np.flatnonzero(cosines >= FARTHEST)
        near = near[near != place]
        if len(near) > 2 * MOST_EDGES:
            order = np.argpartition(-cosines[near] * self._told[near], 2 * MOST_EDGES)
            near = near[order[: 2 * MOST_EDGES]]
        others, shared = self._themes.strengths(place)
        themes = np.zeros(len(near))
        _, at, of = np.intersect1d(near, others, assume_unique=True, return_indices=True)
        themes[at] = shared[of]
        alike = 1 - (1 - cosines[near].clip(0, 1)) * (1 - THEME_SHARE * themes)
        return near, alike * self._told[near]

    def _strongest(
        self, found: Sequence[tuple[EdgeType, Places, npt.NDArray[np.floating]]]
    ) -> list[Edge]:
        """Return the `MOST_EDGES` strongest of all types, ties by the neighbor's place."""
        kinds = np.repeat(np.arange(len(found)), [len(others) for _, others, _ in found])
        others = np.concatenate([others for _, others, _ in found])
        weights = np.concatenate([BASE_WEIGHTS[kind] * s for kind, _, s in found])
        weights = weights.astype(np.float64).round(DIGITS)
        order = np.lexsort((kinds, others, -weights))[:MOST_EDGES]
        chosen = (of[order].tolist() for of in (others, kinds, weights))
        return [
            Edge(self._ids[other], found[kind][0], weight)
            for other, kind, weight in zip(*chosen, strict=True)
            if weight > 0
        ]


def _stacked(nodes: Sequence[Node]) -> Vector:
    length = next((len(node.vector) for node in nodes if node.vector is not None), 1)
    rows = np.zeros((len(nodes), length), np.float32)
    for row, node in zip(rows, nodes, strict=True):
        if node.vector is not None:
            row[:] = node.vector
    return rows


def _named(node: Node) -> Named:
    return Named(node.title, frozenset(node.directors + node.cast), node.vector)


def _fellows(groups: Sequence[Sequence[object]]) -> list[Places]:
    """Return for each title the places of those that share a group with it.

    A group of more than `MOST_SHARERS` is none: nobody directed so much, "various artists" did.
    """
    members: dict[object, list[int]] = defaultdict(list)
    for place, own in enumerate(groups):
        for group in own:
            members[group].append(place)
    small = {group: of for group, of in members.items() if len(of) <= MOST_SHARERS}
    return [
        np.array(sorted({at for group in own for at in small.get(group, ())} - {place}), np.int64)
        for place, own in enumerate(groups)
    ]
