"""A graph that is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.search.graph.walk import Step
    from shared.search.ports import Seed


@dataclass(frozen=True)
class FixedSurroundings:
    """`shared.search.graph.walk.Surroundings`, the whole graph whatever the seeds."""

    graph: Mapping[str, Sequence[Step]]

    def around(self, seeds: Sequence[Seed]) -> Mapping[str, Sequence[Step]]:
        """Return the graph; nobody without seeds may ask."""
        assert seeds
        return self.graph
