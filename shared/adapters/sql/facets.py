"""Counts of what could be chosen instead, in one statement."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import orjson

from shared.adapters.sql.filtering import FACETS_OF_ALL, FACETS_OF_SOME, bound
from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import array
from shared.kernel.clock import Clock, SystemClock
from shared.search.facets import MOST_VALUES, Facet, Facets, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from shared.search.filters import Filters


class SqlFacets:
    """`shared.search.facets.FacetCounts` in table ``content``; one statement a call."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def facets(self, ids: Sequence[str] | None, filters: Filters) -> Facets:
        """Count titles of ``ids``, None for all, each facet without its own filters."""
        given = {"most": MOST_VALUES, **bound(filters, self._clock.now())}
        query = FACETS_OF_ALL() if ids is None else FACETS_OF_SOME()
        if ids is not None:
            given["ids"] = array(ids)
        (row,) = read(query, given, what="facets", engine=self._engine)
        counts: dict[Facet, dict[str, int]] = defaultdict(dict)
        for facet, value, titles in orjson.loads(row.found):
            counts[Facet(facet)][value] = titles
        return in_order([counts])
