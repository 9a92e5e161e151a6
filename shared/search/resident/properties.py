"""What one part's titles are: kind, age limit, years, ratings, genres, themes, people."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import chain
from math import nan
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from shared.catalog.values import GENRES
from shared.matching.facts import person_key
from shared.search.filters import CLASSIC, FIRST_DECADE, GenreMatch, RatingBand
from shared.search.maturity import RESTRICTED
from shared.search.resident.columns import Listed, Named, at
from shared.search.resident.rows import arrays_of, below
from shared.search.resident.strings import Keyed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shared.search.filters import Filters
    from shared.search.resident.rows import Arrays, Mask, Rows, TitleRow

_UNRATED = -1
"""Maturity of a title that nobody rated."""
_UNKNOWN, _CLASSIC = -1, 0
"""Decades: of a title whose year is unknown, and of every year before `FIRST_DECADE`."""
_LOW_ENDS = ((5, RatingBand.AVERAGE), (7, RatingBand.GOOD), (8, RatingBand.EXCELLENT))
BANDS = tuple(RatingBand)
_BITS = 32
"""Genres that have a bit: ours come first, the only ones that can be asked for or blocked."""


@dataclass(frozen=True)
class Properties:
    """Properties by row, and the hard filters on them (``search_filter_*.sql``).

    Numbers that may be unknown are float32 and then NaN, which is neither above nor below anything,
    as null is in SQL; SQL's ``real`` is float32 too.

    Attributes:
        kind: Content type.
        maturity: 0 to 4, `_UNRATED` where nobody rated it; int8.
        year: Float32.
        runtime: Minutes, float32.
        quality: 0 to 1, float32.
        rating: Average of viewers' ratings, 0 to 10, float32.
        decade: Years in tens, `_CLASSIC` or `_UNKNOWN`; int16.
        band: Place among `BANDS`; int8.
        genres: Every genre of each title, ours or not.
        genre_bits: Of genres whose number is below `_BITS`, a bit for each; uint32.
        themes: Titles by theme, in lower case.
        people: Titles by folded name.
    """

    kind: Named
    maturity: npt.NDArray[np.int8]
    year: npt.NDArray[np.float32]
    runtime: npt.NDArray[np.float32]
    quality: npt.NDArray[np.float32]
    rating: npt.NDArray[np.float32]
    decade: npt.NDArray[np.int16]
    band: npt.NDArray[np.int8]
    genres: Listed
    genre_bits: npt.NDArray[np.uint32]
    themes: Keyed
    people: Keyed

    @classmethod
    def build(cls, titles: Sequence[TitleRow]) -> Self:
        """Return the properties of titles by row."""
        year = _numbers(title.year for title in titles)
        rating = _numbers(title.average_rating for title in titles)
        genres = Listed.build([title.genres for title in titles], GENRES)
        codes = genres.strings.code_of
        return cls(
            kind=Named.build(title.content_type for title in titles),
            maturity=np.array(
                [_UNRATED if t.maturity is None else t.maturity for t in titles], np.int8
            ),
            year=year,
            runtime=_numbers(title.runtime for title in titles),
            quality=_numbers(title.quality for title in titles),
            rating=rating,
            decade=_decades(year),
            band=_bands(rating),
            genres=genres,
            genre_bits=np.array([_bits(t.genres, codes) for t in titles], np.uint32),
            themes=Keyed.build((key, row) for row, t in enumerate(titles) for key in t.themes),
            people=Keyed.build((key, row) for row, t in enumerate(titles) for key in t.people),
        )

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return arrays_of(self, [field.name for field in fields(self)])

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the properties that were kept.

        Raises:
            KeyError: An array is missing.
            ValueError: Arrays do not fit each other.
        """
        return cls(
            kind=Named.from_arrays(below(arrays, "kind")),
            maturity=arrays["maturity"].astype(np.int8, copy=False),
            year=arrays["year"].astype(np.float32, copy=False),
            runtime=arrays["runtime"].astype(np.float32, copy=False),
            quality=arrays["quality"].astype(np.float32, copy=False),
            rating=arrays["rating"].astype(np.float32, copy=False),
            decade=arrays["decade"].astype(np.int16, copy=False),
            band=arrays["band"].astype(np.int8, copy=False),
            genres=Listed.from_arrays(below(arrays, "genres")),
            genre_bits=arrays["genre_bits"].astype(np.uint32, copy=False),
            themes=Keyed.from_arrays(below(arrays, "themes")),
            people=Keyed.from_arrays(below(arrays, "people")),
        )

    def __len__(self) -> int:
        return len(self.year)

    def passing(self, filters: Filters, rows: Rows | None) -> Mask:
        """Tell which of the rows, None for all, pass every filter but those on offers."""
        found = self.by_rest(filters, rows)
        found &= self.by_years(filters, rows)
        found &= self.by_ratings(filters, rows)
        found &= self.by_genres(filters, rows)
        return found

    def by_rest(self, filters: Filters, rows: Rows | None) -> Mask:
        """Judge by what no facet stands for."""
        asked = chain(self._of_viewer(filters, rows), self._of_title(filters, rows))
        return self._judged(asked, rows)

    def by_years(self, filters: Filters, rows: Rows | None) -> Mask:
        """Judge by years and decades."""
        return self._judged(self._of_years(filters, rows), rows)

    def by_ratings(self, filters: Filters, rows: Rows | None) -> Mask:
        """Judge by viewers' ratings."""
        return self._judged(self._of_ratings(filters, rows), rows)

    def by_genres(self, filters: Filters, rows: Rows | None) -> Mask:
        """Judge by genres that shall be."""
        return self._judged(self._of_genres(filters, rows), rows)

    def _judged(self, asked: Iterable[Mask], rows: Rows | None) -> Mask:
        found = np.ones(len(self) if rows is None else len(rows), np.bool_)
        for each in asked:
            found &= each
        return found

    def _of_viewer(self, filters: Filters, rows: Rows | None) -> Iterator[Mask]:
        """Yield what keeps from a viewer what is not for them."""
        if filters.maturity_rank is not None:
            maturity = at(self.maturity, rows)
            fit: Mask = maturity <= filters.maturity_rank
            if not filters.allow_unrated and filters.maturity_rank < RESTRICTED:
                fit &= maturity != _UNRATED
            yield fit
        if filters.blocked_genres:
            yield (at(self.genre_bits, rows) & self._bits(filters.blocked_genres)) == 0

    def _of_title(self, filters: Filters, rows: Rows | None) -> Iterator[Mask]:
        if filters.content_types:
            yield self.kind.among(filters.content_types, rows)
        if filters.min_runtime is not None:
            yield at(self.runtime, rows) >= filters.min_runtime
        if filters.max_runtime is not None:
            yield at(self.runtime, rows) <= filters.max_runtime
        if filters.min_data_quality_score is not None:
            yield at(self.quality, rows) >= np.float32(filters.min_data_quality_score)
        if filters.keywords:
            yield self._having(self.themes, [k.lower() for k in filters.keywords], rows)
        if filters.creators:
            yield self._having(self.people, [person_key(n) for n in filters.creators], rows)

    def _of_years(self, filters: Filters, rows: Rows | None) -> Iterator[Mask]:
        if filters.year_from is not None:
            yield at(self.year, rows) >= filters.year_from
        if filters.year_to is not None:
            yield at(self.year, rows) <= filters.year_to
        if filters.years:
            decades = at(self.decade, rows)
            yield np.logical_or.reduce([decades == decade_code(name) for name in filters.years])

    def _of_ratings(self, filters: Filters, rows: Rows | None) -> Iterator[Mask]:
        if filters.min_rating is not None:
            yield at(self.rating, rows) >= np.float32(filters.min_rating)
        if filters.max_rating is not None:
            yield at(self.rating, rows) <= np.float32(filters.max_rating)
        if filters.ratings:
            bands = at(self.band, rows)
            yield np.logical_or.reduce([bands == BANDS.index(name) for name in filters.ratings])

    def _of_genres(self, filters: Filters, rows: Rows | None) -> Iterator[Mask]:
        if not filters.genres:
            return
        found = at(self.genre_bits, rows) & self._bits(filters.genres)
        if filters.genre_match is GenreMatch.ANY:
            yield found != 0
        else:
            yield np.bitwise_count(found) >= len({*filters.genres})

    def _bits(self, genres: Sequence[str]) -> np.uint32:
        return _bits(genres, self.genres.strings.code_of)

    def _having(self, keyed: Keyed, keys: Sequence[str], rows: Rows | None) -> Mask:
        found = np.zeros(len(self), np.bool_)
        for key in keys:
            found[keyed.rows(key)] = True
        return at(found, rows)


def decade_code(name: str) -> int:
    """Return the number of a decade of `shared.search.filters.Decade`."""
    return _CLASSIC if name == CLASSIC else int(name.removesuffix("0s"))


def decade_counts(codes: npt.NDArray[np.int16]) -> dict[str, int]:
    """Return how often each known decade occurs among these, by its name."""
    counts = np.bincount(codes[codes != _UNKNOWN]).tolist()
    names = (CLASSIC if code == _CLASSIC else f"{code}0s" for code in range(len(counts)))
    return {name: count for name, count in zip(names, counts, strict=True) if count}


def _numbers(values: Iterable[float | None]) -> npt.NDArray[np.float32]:
    return np.array([nan if value is None else value for value in values], np.float32)


def _decades(years: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    codes = np.full(len(years), _UNKNOWN, np.int16)
    codes[years < FIRST_DECADE] = _CLASSIC
    named = years >= FIRST_DECADE
    codes[named] = years[named] // 10
    return codes


def _bands(ratings: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    bands = np.full(len(ratings), BANDS.index(RatingBand.BELOW_AVERAGE), np.int8)
    for low, band in _LOW_ENDS:
        bands[ratings >= low] = BANDS.index(band)
    bands[np.isnan(ratings)] = BANDS.index(RatingBand.UNRATED)
    return bands


def _bits(genres: Iterable[str], code_of: Mapping[str, int]) -> np.uint32:
    """Return the bits of those genres that have one: ours, which alone can be asked for."""
    codes = {code_of[genre] for genre in genres if code_of.get(genre, _BITS) < _BITS}
    return np.uint32(sum(1 << code for code in codes))
