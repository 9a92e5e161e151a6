"""What hard filters, ranking and counts need of one part's titles, without SQL."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isnan, nan
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from shared.search.ports import Candidate
from shared.search.resident.counting import counts
from shared.search.resident.offers import Offers
from shared.search.resident.properties import Properties
from shared.search.resident.rows import arrays_of, below
from shared.search.resident.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.search.facets import Counts
    from shared.search.filters import Filters
    from shared.search.resident.rows import Arrays, Mask, Rows, TitleRow

_FIGURES = 4
_FIRST_LOOK = 2_048
"""Titles that are judged before all are: the most popular ones nearly always suffice."""
_MANY = 16
"""Offers are picked out for a title while less than one of so many is asked about; else all are
judged, which takes less."""


@dataclass(frozen=True)
class Facts:
    """Facts by row; judges what ``search_filters.sql`` judges, and alike.

    Attributes:
        titles: As they are shown.
        figures: Popularity, prior, quality and average rating (NaN for none) as they were read,
            float64, shape ``(titles, 4)``: SQL gives the shortest decimals of its float32.
        popularity: Float32.
        by_popularity: All rows, the most popular first, ties by id.
    """

    titles: Strings
    figures: npt.NDArray[np.float64]
    popularity: npt.NDArray[np.float32]
    by_popularity: Rows
    properties: Properties
    offers: Offers

    @classmethod
    def build(cls, titles: Sequence[TitleRow]) -> Self:
        """Return the facts of titles by row."""
        popularity = np.array([title.popularity for title in titles], np.float32)
        ids = np.array([title.id for title in titles], np.str_)
        figures = [(t.popularity, t.prior, t.quality, _or_nan(t.average_rating)) for t in titles]
        return cls(
            titles=Strings.build([title.title for title in titles]),
            figures=np.array(figures, np.float64).reshape(-1, _FIGURES),
            popularity=popularity,
            by_popularity=np.lexsort((ids, -popularity)).astype(np.int32),
            properties=Properties.build(titles),
            offers=Offers.build(titles),
        )

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return arrays_of(self, [field.name for field in fields(self)])

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the facts that were kept.

        Raises:
            KeyError: An array is missing.
            ValueError: Arrays do not fit each other.
        """
        found = cls(
            titles=Strings.from_arrays(below(arrays, "titles")),
            figures=arrays["figures"].astype(np.float64, copy=False).reshape(-1, _FIGURES),
            popularity=arrays["popularity"].astype(np.float32, copy=False),
            by_popularity=arrays["by_popularity"].astype(np.int32, copy=False),
            properties=Properties.from_arrays(below(arrays, "properties")),
            offers=Offers.from_arrays(below(arrays, "offers")),
        )
        sizes = [len(found.titles), len(found.properties), len(found.offers)]
        if any(size != len(found.popularity) for size in sizes):
            raise ValueError(f"facts of {len(found.popularity)} titles, of {sizes} in places")
        return found

    def passing(self, filters: Filters, now: float, rows: Rows | None = None) -> Mask:
        """Tell which of the rows, None for all, pass every hard filter.

        Args:
            filters: All of them have to be passed.
            now: Seconds since 1970; offers are judged as of then.
            rows: In any order.
        """
        passed = self.properties.passing(filters, rows)
        if not filters.about_offers:
            return passed
        left = np.flatnonzero(passed)
        asked = left if rows is None else rows[left]
        if len(asked) * _MANY > len(self.popularity):
            passed[left] = self.offers.with_one(filters, now)[asked]
        else:
            passed[left] = self.offers.of(asked).with_one(filters, now)
        return passed

    def candidates(
        self, rows: Rows, ids: Sequence[str], filters: Filters, now: float
    ) -> list[Candidate]:
        """Return what ranking needs of titles that passed.

        Args:
            rows: Judged already.
            ids: Titles by row.
            filters: Whose regions say which offers count.
            now: As in `passing`.
        """
        found = zip(
            rows.tolist(),
            self._shown(rows),
            self.properties.year[rows].tolist(),
            self.figures[rows].tolist(),
            self.offers.of(rows).types(filters, now),
            strict=True,
        )
        return [
            Candidate(
                id=ids[row],
                title=title,
                release_year=None if isnan(year) else int(year),
                offer_types=types,
                popularity=popularity,
                quality=quality,
                average_rating=None if isnan(rating) else rating,
                prior=prior,
            )
            for row, title, year, (popularity, prior, quality, rating), types in found
        ]

    def popular(self, filters: Filters, now: float, *, limit: int, alive: Mask) -> Rows:
        """Return the most popular titles that are alive and pass, best first, ties by id."""
        first = self.by_popularity[:_FIRST_LOOK]
        first = first[alive[first]]
        found = first[self.passing(filters, now, first)]
        if len(found) < limit and len(alive) > _FIRST_LOOK:
            passed = alive & self.passing(filters, now)
            found = self.by_popularity[passed[self.by_popularity]]
        return found[:limit]

    def counts(self, filters: Filters, now: float, alive: Mask, rows: Rows | None) -> Counts:
        """Count titles by each facet's values, without the facet's own filters.

        Args:
            filters: Hard filters.
            now: As in `passing`.
            alive: Which titles of the part count at all.
            rows: Which of these shall be counted; None for all.
        """
        asked = None if rows is None else np.unique(rows)
        return counts(self.properties, self.offers, filters, now=now, alive=alive, rows=asked)

    def _shown(self, rows: Rows) -> list[str]:
        """Return titles at once: one by one takes three times as long."""
        data, offsets = self.titles.data.data, self.titles.offsets
        ends = zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
        return [str(data[start:end], "utf-8") for start, end in ends]


def _or_nan(number: float | None) -> float:
    return nan if number is None else number
