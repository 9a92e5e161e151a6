"""The catalogue in parts: a snapshot, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Self

import numpy as np

from shared.search.facets import in_order
from shared.search.ports import Hit
from shared.search.resident.part import Part
from shared.search.resident.words import retrieve

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from shared.search.diversity import Traits
    from shared.search.facets import Facets
    from shared.search.filters import Filters
    from shared.search.graph.walk import Steps
    from shared.search.ports import Asked, Candidate
    from shared.search.resident.rows import Mask, Rows, TitleRow

MOST_TITLES = 250_000
"""More are not kept in a process: SQL and the vector index carry them (docs/resident.md)."""


def few_enough(pages: Iterable[Sequence[TitleRow]], most: int) -> list[TitleRow]:
    """Return all titles where there are no more than ``most``, else enough to tell that."""
    titles: list[TitleRow] = []
    for page in pages:
        titles += page
        if len(titles) > most:
            break
    return titles


@dataclass(frozen=True)
class Catalog:
    """Every title that can be found, alive in one part at most.

    Attributes:
        parts: The snapshot first; later ones know better.
    """

    parts: tuple[Part, ...]

    def with_changes(self, titles: Sequence[TitleRow], changed: Collection[str]) -> Self:
        """Return the catalogue as it is now.

        Args:
            titles: Those of the changed ones that can be found.
            changed: Ids of all that changed.
        """
        parts = tuple(part.without(changed) for part in self.parts)
        return type(self)((*parts, Part.build(titles)) if titles else parts)

    def retrieve(self, asked: Asked, now: float, *, limit: int) -> Sequence[Hit]:
        """Return titles that have the words, as `shared.adapters.sql.search.WordRetriever` does."""
        return retrieve(self.parts, asked, partial(self._passing, asked.filters, now), limit=limit)

    def candidates(self, ids: Sequence[str], filters: Filters, now: float) -> list[Candidate]:
        """Return those of ``ids``, each once, that exist and pass every hard filter."""
        found: list[Candidate] = []
        for part, rows in self._rows(ids):
            passed = rows[part.facts.passing(filters, now, rows)]
            found += part.facts.candidates(passed, part.ids, filters, now)
        return found

    def popular(self, filters: Filters, now: float, *, limit: int) -> list[Hit]:
        """Return the most popular titles that pass every hard filter, best first, ties by id."""
        found = chain.from_iterable(
            self._named(part, part.facts.popular(filters, now, limit=limit, alive=part.alive))
            for part in self.parts
        )
        return [Hit(id_) for _, id_ in sorted(found)[:limit]]

    def facets(self, ids: Sequence[str] | None, filters: Filters, now: float) -> Facets:
        """Count titles of ``ids``, None for all, each facet without its own filters."""
        if ids is None:
            asked: list[tuple[Part, Rows | None]] = [(part, None) for part in self.parts]
        else:
            asked = [*self._rows(ids)]
        return in_order([part.facts.counts(filters, now, part.alive, rows) for part, rows in asked])

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """Return what is known of those of ``ids`` that can be found."""
        return {
            part.ids[row]: traits
            for part, rows in self._rows(ids)
            for row, traits in zip(rows.tolist(), part.likeness.traits(rows), strict=True)
        }

    def strongest(self, ids: Sequence[str], *, branches: int) -> Steps:
        """Return at most so many edges of each title that has any, the strongest first.

        Edges are built once a night: those of the snapshot hold for a title that changed since.
        """
        snapshot = self.parts[0]
        row_of = snapshot.row_of
        rows = np.array([row_of[id_] for id_ in ids if id_ in row_of], np.int32)
        return snapshot.likeness.strongest(rows, snapshot.ids, branches=branches)

    def _passing(self, filters: Filters, now: float, number: int, rows: Rows) -> Mask:
        return self.parts[number].facts.passing(filters, now, rows)

    def _rows(self, ids: Sequence[str]) -> Iterator[tuple[Part, Rows]]:
        """Yield each part with the rows of those of ``ids`` that are alive in it."""
        for part in self.parts:
            row_of = part.row_of
            found = [row_of[id_] for id_ in ids if id_ in row_of]
            if found:
                rows = np.array(found, np.int32)
                yield part, rows[part.alive[rows]]

    @staticmethod
    def _named(part: Part, rows: Rows) -> Iterator[tuple[float, str]]:
        """Yield what titles are sorted by: popularity, the greatest first, then id."""
        for row in rows.tolist():
            yield -float(part.popularity[row]), part.ids[row]
