"""What search asks of the catalogue, from the process where it is resident, else from SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.kernel.clock import Clock
    from shared.search.diversity import Traits, TraitsOf
    from shared.search.facets import FacetCounts, Facets
    from shared.search.filters import Filters
    from shared.search.graph.walk import Edges, Steps
    from shared.search.ports import Asked, Candidate, Card, Hit, Retriever, Titles
    from shared.search.resident.catalog import Catalog

    Current = Callable[[], Catalog | None]
    """Gives the catalogue of this process, None while there is none."""


@dataclass(frozen=True)
class ResidentTitles:
    """`shared.search.ports.Titles`.

    What is shown comes from SQL alone, which judges every hard filter once more: what the process
    keeps may be seconds old.
    """

    current: Current
    sql: Titles
    clock: Clock

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """Return those of ``ids`` that exist and pass every hard filter, in any order."""
        catalog = self.current()
        if catalog is None:
            return self.sql.candidates(ids, filters)
        return catalog.candidates(ids, filters, self.clock.now().timestamp())

    def cards(self, ids: Sequence[str], filters: Filters) -> Mapping[str, Card]:
        """Return what there is to show of those of ``ids`` that pass every hard filter."""
        return self.sql.cards(ids, filters)

    def popular(self, filters: Filters, *, limit: int) -> Sequence[Hit]:
        """Return the most popular titles that pass every hard filter, best first."""
        catalog = self.current()
        if catalog is None:
            return self.sql.popular(filters, limit=limit)
        return catalog.popular(filters, self.clock.now().timestamp(), limit=limit)


@dataclass(frozen=True)
class ResidentWords:
    """`shared.search.ports.Retriever` by words."""

    current: Current
    sql: Retriever
    clock: Clock

    @property
    def name(self) -> str:
        """The same source, wherever it is asked."""
        return self.sql.name

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return titles that have the words, exact titles first, at most ``limit``."""
        catalog = self.current()
        if catalog is None:
            return self.sql.retrieve(asked, limit=limit)
        return catalog.retrieve(asked, self.clock.now().timestamp(), limit=limit)


@dataclass(frozen=True)
class ResidentFacets:
    """`shared.search.facets.FacetCounts`."""

    current: Current
    sql: FacetCounts
    clock: Clock

    def facets(self, ids: Sequence[str] | None, filters: Filters) -> Facets:
        """Count titles of ``ids``, None for all, each facet without its own filters."""
        catalog = self.current()
        if catalog is None:
            return self.sql.facets(ids, filters)
        return catalog.facets(ids, filters, self.clock.now().timestamp())


@dataclass(frozen=True)
class ResidentTraits:
    """`shared.search.diversity.TraitsOf`."""

    current: Current
    sql: TraitsOf

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """Return the traits of those of ``ids`` that exist."""
        catalog = self.current()
        return self.sql.traits(ids) if catalog is None else catalog.traits(ids)


@dataclass(frozen=True)
class ResidentEdges:
    """`shared.search.graph.walk.Edges`."""

    current: Current
    sql: Edges

    def strongest(self, ids: Sequence[str], *, branches: int) -> Steps:
        """Return at most so many edges of each title that has any, the strongest first."""
        catalog = self.current()
        if catalog is None:
            return self.sql.strongest(ids, branches=branches)
        return catalog.strongest(ids, branches=branches)
