"""Offers of one part's titles: where, on what terms and when they can be watched."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from shared.catalog.values import OfferType
from shared.kernel.ragged import offsets_after, offsets_for, offsets_of, spread
from shared.search.resident.columns import Listed, Named, counted
from shared.search.resident.rows import arrays_of, below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.kernel.ragged import Places
    from shared.search.filters import Filters
    from shared.search.resident.rows import Arrays, Mask, OfferRow, Rows, TitleRow

_DAY = 86_400
"""Seconds; added to a moment without a loss while both lie in one binade (2004 to 2038)."""


@dataclass(frozen=True)
class Offers:
    """Offers one after the other: those of a title together, those of a platform together in them.

    Attributes:
        row_of: Whose it is; int32.
        audio: Which of `spoken` it is spoken in; int32.
        since: As in `OfferRow`; float64, as the two below.
        starts: Minus infinity where it can be watched at once.
        ends: Infinity where no end is known.
        spoken: Every list of languages that occurs.
        offsets: Where each title's offers begin, and where the last end; int64, one more than
            titles.
    """

    row_of: Rows
    platform: Named
    region: Named
    offer_type: Named
    audio: Rows
    since: npt.NDArray[np.float64]
    starts: npt.NDArray[np.float64]
    ends: npt.NDArray[np.float64]
    spoken: Listed
    offsets: npt.NDArray[np.int64]

    @classmethod
    def build(cls, titles: Sequence[TitleRow]) -> Self:
        """Return the offers of titles by row."""
        lists = [sorted(title.offers, key=_platform) for title in titles]
        offers = [*chain.from_iterable(lists)]
        audio, spoken = _spoken(offers)
        offsets = offsets_of(lists)
        return cls(
            row_of=np.repeat(np.arange(len(lists), dtype=np.int32), np.diff(offsets)),
            platform=Named.build(offer.platform for offer in offers),
            region=Named.build(offer.region for offer in offers),
            offer_type=Named.build(offer.offer_type for offer in offers),
            audio=audio,
            since=np.array([offer.since for offer in offers], np.float64),
            starts=np.array([_or(offer.starts, -inf) for offer in offers], np.float64),
            ends=np.array([_or(offer.ends, inf) for offer in offers], np.float64),
            spoken=spoken,
            offsets=offsets,
        )

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return arrays_of(self, [field.name for field in fields(self)])

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the offers that were kept.

        Raises:
            KeyError: An array is missing.
            ValueError: The last title does not end where the offers do.
        """
        return cls(
            row_of=arrays["row_of"].astype(np.int32, copy=False),
            platform=Named.from_arrays(below(arrays, "platform")),
            region=Named.from_arrays(below(arrays, "region")),
            offer_type=Named.from_arrays(below(arrays, "offer_type")),
            audio=arrays["audio"].astype(np.int32, copy=False),
            since=arrays["since"].astype(np.float64, copy=False),
            starts=arrays["starts"].astype(np.float64, copy=False),
            ends=arrays["ends"].astype(np.float64, copy=False),
            spoken=Listed.from_arrays(below(arrays, "spoken")),
            offsets=offsets_for(arrays["offsets"], len(arrays["row_of"])),
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def of(self, rows: Rows | Places) -> Self:
        """Return the offers of these titles alone, whose rows are then numbers within ``rows``."""
        places, owners = spread(self.offsets, rows)
        offsets = offsets_after(self.offsets[rows + 1] - self.offsets[rows])
        return type(self)(
            row_of=owners.astype(np.int32),
            platform=self.platform.taken(places),
            region=self.region.taken(places),
            offer_type=self.offer_type.taken(places),
            audio=self.audio[places],
            since=self.since[places],
            starts=self.starts[places],
            ends=self.ends[places],
            spoken=self.spoken,
            offsets=offsets,
        )

    def fitting(self, filters: Filters, now: float) -> Mask:
        """Tell which offers are all that was asked of offers, on whatever platform."""
        fit = self._live(filters, now)
        for asked in self._terms(filters, now):
            fit &= asked
        return fit

    def with_one(self, filters: Filters, now: float) -> Mask:
        """Tell which titles have one offer that is all that was asked of offers."""
        fit = self.fitting(filters, now)
        if filters.platforms:
            fit &= self.platform.among(filters.platforms)
        return self.owners(fit)

    def owners(self, fit: Mask) -> Mask:
        """Tell which titles have one of these offers."""
        found = np.zeros(len(self), np.bool_)
        found[self.row_of[np.flatnonzero(fit)]] = True
        return found

    def titles_by_platform(self, fit: Mask, titles: Mask) -> dict[str, int]:
        """Return how many of these titles have one of these offers, by platform."""
        places: Places = np.flatnonzero(fit)
        rows = self.row_of[places]
        kept = titles[rows]
        rows, codes = rows[kept], self.platform.codes[places[kept]]
        # Offers of one title and platform stand together.
        first = np.ones(len(rows), np.bool_)
        first[1:] = (rows[1:] != rows[:-1]) | (codes[1:] != codes[:-1])
        return counted(codes[first], list(self.platform.code_of))

    def types(self, filters: Filters, now: float) -> list[frozenset[OfferType]]:
        """Return on what terms each title can be watched now, in one of the asked regions."""
        kinds = [OfferType(name) for name in self.offer_type.code_of]
        live = np.flatnonzero(self._live(filters, now))
        bits = np.zeros(len(self), np.int64)
        np.bitwise_or.at(bits, self.row_of[live], np.int64(1) << self.offer_type.codes[live])
        found = bits.tolist()
        sets = {each: _set(kinds, each) for each in {*found}}
        return [sets[each] for each in found]

    def _live(self, filters: Filters, now: float) -> Mask:
        """Tell which offers can be watched now, in one of the asked regions."""
        live: Mask = (self.ends > now) & (self.starts <= now)
        if filters.region:
            live &= self.region.among(filters.region)
        return live

    def _terms(self, filters: Filters, now: float) -> Iterator[Mask]:
        """Yield for each thing asked of offers, but region and platform, which are that."""
        if filters.wanted_offers:
            yield self.offer_type.among(filters.wanted_offers)
        if filters.leaving_days is not None:
            yield self.ends <= now + filters.leaving_days * _DAY
        if filters.added_days is not None:
            yield self.since >= now - filters.added_days * _DAY
        if filters.languages:
            yield self.spoken.having(self._tags(filters.languages))[self.audio]

    def _tags(self, languages: Sequence[str]) -> set[str]:
        """Return the tags that stand for one of these languages.

        One without a region stands for all of its regions (RFC 4647 §3.3.1).
        """
        tags = self.spoken.strings.code_of
        return {tag for tag in tags if tag in languages or tag.partition("-")[0] in languages}


def _platform(offer: OfferRow) -> str:
    return offer.platform


def _or(moment: float | None, otherwise: float) -> float:
    return otherwise if moment is None else moment


def _set(kinds: Sequence[OfferType], bits: int) -> frozenset[OfferType]:
    return frozenset(kind for place, kind in enumerate(kinds) if bits >> place & 1)


def _spoken(offers: Sequence[OfferRow]) -> tuple[Rows, Listed]:
    """Return each offer's place among the lists of languages, and these."""
    places: dict[tuple[str, ...], int] = {}
    found = [places.setdefault(tuple(sorted({*o.audio})), len(places)) for o in offers]
    return np.array(found, np.int32), Listed.build([*places])
