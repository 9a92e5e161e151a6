"""What answers read of the graph: the edges around titles, and what makes titles alike."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np
import orjson

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.search.diversity import Traits
from shared.search.graph.walk import BRANCHES, MOST_NODES, Step
from shared.search.indexing import FLOATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from shared.search.ports import Seed

AROUND = statement(__file__, "around")
TRAITS = statement(__file__, "traits")


class SqlSurroundings:
    """`shared.search.graph.walk.Surroundings` in table ``content_edge``; one statement a call."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine

    def around(self, seeds: Sequence[Seed]) -> Mapping[str, Sequence[Step]]:
        """Return the strongest edges of each seed and of each title they lead to."""
        bound = {
            "seeds": _array([seed.content_id for seed in seeds]),
            "weights": _array([str(seed.weight) for seed in seeds]),
            "branches": BRANCHES,
            "nodes": MOST_NODES,
        }
        (row,) = read(AROUND(), bound, what="edges", engine=self._engine)
        found: dict[str, list[tuple[str, float]]] = orjson.loads(row.found)
        return {src: [Step(dst, weight) for dst, weight in edges] for src, edges in found.items()}


class SqlTraits:
    """`shared.search.diversity.TraitsOf` in the catalog's tables; one statement a call."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """Return what is known of those of ``ids`` that exist."""
        if not ids:
            return {}
        (row,) = read(TRAITS(), {"ids": _array(ids)}, what="traits of titles", engine=self._engine)
        return {
            id_: Traits(genre, franchise, vector and _vector(vector))
            for id_, genre, franchise, vector in orjson.loads(row.found)
        }


def _vector(written: str) -> np.typing.NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(written), FLOATS).astype(np.float32, copy=False)


def _array(values: Sequence[str]) -> str:
    """Return values as PostgreSQL writes an array of them: the driver would look at each."""
    return f"{{{','.join(values)}}}"
