"""Typed edges between titles (spec/discovery §4, §5.5)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MOST_EDGES = 50
"""Edges that are kept of one title, the strongest."""

DIGITS = 4
"""Of a weight that is kept: less would be noise, and every night another row."""


class EdgeType(StrEnum):
    """Why two titles are neighbors."""

    SIMILAR_TO = "similar_to"
    SAME_FRANCHISE = "same_franchise"
    SAME_DIRECTOR = "same_director"
    SHARED_CAST = "shared_cast"


BASE_WEIGHTS = {
    EdgeType.SIMILAR_TO: 1.0,
    EdgeType.SAME_FRANCHISE: 0.9,
    EdgeType.SAME_DIRECTOR: 0.7,
    EdgeType.SHARED_CAST: 0.6,
}
"""Most that an edge of a type can weigh."""

SOURCES = {
    EdgeType.SIMILAR_TO: "vectors",
    EdgeType.SAME_FRANCHISE: "names",
    EdgeType.SAME_DIRECTOR: "credits",
    EdgeType.SHARED_CAST: "credits",
}
"""What an edge of a type was made from."""


class Edge(NamedTuple):
    """One title's neighbor: its id, why, and how much, above 0 and at most 1."""

    dst: str
    type: EdgeType
    weight: float


@dataclass(frozen=True)
class Neighbors:
    """Everything that the graph says of one title.

    Attributes:
        src: The title's id.
        franchise: Id that all titles of its franchise share; None where it has none.
        edges: Strongest first, at most `MOST_EDGES`.
        called: The folded name of its franchise, where its own does not say it.
    """

    src: str
    franchise: str | None
    edges: tuple[Edge, ...]
    called: str | None = None
