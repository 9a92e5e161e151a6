"""A graph that is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.search.graph.walk import Step


@dataclass(frozen=True)
class FixedEdges:
    """`shared.search.graph.walk.Edges`, which keeps what it was asked for."""

    graph: Mapping[str, Sequence[Step]]
    asked: list[Sequence[str]] = field(default_factory=list)

    def strongest(self, ids: Sequence[str], *, branches: int) -> Mapping[str, Sequence[Step]]:
        """Return at most so many edges of each title that has any, the strongest."""
        self.asked.append(ids)
        ordered = {id_: sorted(self.graph.get(id_, ()), key=lambda s: -s.weight) for id_ in ids}
        return {id_: steps[:branches] for id_, steps in ordered.items() if steps}
