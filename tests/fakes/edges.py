"""A graph that is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.search.graph.walk import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class FixedEdges:
    """`shared.search.graph.walk.Edges`, which keeps what it was asked for."""

    graph: Mapping[str, Sequence[tuple[str, float]]]
    asked: list[Sequence[str]] = field(default_factory=list)

    def strongest(self, ids: Sequence[str], *, branches: int) -> Steps:
        """Return at most so many edges of each title that has any, the strongest."""
        self.asked.append(ids)
        ordered = {id_: sorted(self.graph.get(id_, ()), key=lambda e: -e[1]) for id_ in ids}
        return Steps.of({id_: edges[:branches] for id_, edges in ordered.items()})


def by_src(steps: Steps) -> dict[str, list[tuple[str, float]]]:
    """Return edges by where they start, as `Steps.of` takes them."""
    edges = [*zip(steps.dsts, steps.weights.tolist(), strict=True)]
    begins = pairwise(steps.offsets.tolist())
    return {src: edges[a:b] for src, (a, b) in zip(steps.srcs, begins, strict=True)}
