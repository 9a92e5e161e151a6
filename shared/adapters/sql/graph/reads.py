"""What answers read of the graph: the edges around titles, and what makes titles alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import array, statement
from shared.search.diversity import Traits
from shared.search.graph.walk import Steps
from shared.search.indexing import FLOATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from shared.search.ports import Vector

STRONGEST = statement(__file__, "strongest")
TRAITS = statement(__file__, "traits")


class SqlEdges:
    """`shared.search.graph.walk.Edges` in table ``content_edge``; one statement a call."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine

    def strongest(self, ids: Sequence[str], *, branches: int) -> Steps:
        """Return at most so many edges of each title that has any, the strongest first."""
        bound = {"ids": array(ids), "branches": branches}
        (row,) = read(STRONGEST(), bound, what="edges", engine=self._engine)
        return Steps.of(orjson.loads(row.found))


class SqlTraits:
    """`shared.search.diversity.TraitsOf` in the catalog's tables; one statement a call."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """Return what is known of those of ``ids`` that exist."""
        if not ids:
            return {}
        (row,) = read(TRAITS(), {"ids": array(ids)}, what="traits of titles", engine=self._engine)
        return {
            id_: Traits(genre, franchise, vector and _vector(vector))
            for id_, genre, franchise, vector in orjson.loads(row.found)
        }


def _vector(written: str) -> Vector:
    return np.frombuffer(bytes.fromhex(written), FLOATS).astype(np.float32, copy=False)
