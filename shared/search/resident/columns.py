"""Columns of few distinct strings: a number in place of each, and the strings once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np
import numpy.typing as npt

from shared.kernel.ragged import offsets_for, offsets_of, spread
from shared.search.resident.rows import arrays_of, below, under
from shared.search.resident.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from shared.kernel.ragged import Places
    from shared.search.resident.rows import Arrays, Mask, Rows

Number = TypeVar("Number", bound=np.generic)
_FEW = 8
"""So many values are compared one by one: each takes a fifteenth of what a table does."""


@dataclass(frozen=True)
class Named:
    """One string by place.

    Attributes:
        codes: The string's number; uint16.
        code_of: Every string that may occur, in the order of their numbers, with these.
    """

    codes: npt.NDArray[np.uint16]
    code_of: Mapping[str, int]

    @classmethod
    def build(cls, values: Iterable[str], first: Sequence[str] = ()) -> Self:
        """Return the column of these values.

        Args:
            values: One by place.
            first: Those with the lowest numbers, in this order, whether they occur or not.

        Raises:
            OverflowError: More than 65,536 of them are distinct.
        """
        code_of = {name: code for code, name in enumerate(first)}
        codes = [code_of.setdefault(value, len(code_of)) for value in values]
        return cls(np.array(codes, np.uint16), code_of)

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return {"codes": self.codes} | _names(self.code_of)

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the column that was kept.

        Raises:
            KeyError: An array is missing.
        """
        return cls(arrays["codes"].astype(np.uint16, copy=False), _code_of(arrays))

    def __len__(self) -> int:
        return len(self.codes)

    def taken(self, places: Places | Rows) -> Self:
        """Return the column of these places alone."""
        return replace(self, codes=self.codes[places])

    def among(self, wanted: Collection[str], rows: Rows | None = None) -> Mask:
        """Tell in which of the rows, None for all, one of the wanted strings stands."""
        codes = [self.code_of[name] for name in wanted if name in self.code_of]
        return _is_one_of(at(self.codes, rows), codes, len(self.code_of))

    def counts(self, places: Places | Rows) -> dict[str, int]:
        """Return how often each string stands at these places, those that do."""
        return counted(self.codes[places], list(self.code_of))


@dataclass(frozen=True)
class Listed:
    """Several strings by row, each at most once.

    Attributes:
        offsets: Where each row's strings begin, and where the last end; int64, one more than rows.
        strings: Those of all rows, one after the other.
    """

    offsets: npt.NDArray[np.int64]
    strings: Named

    @classmethod
    def build(cls, lists: Sequence[Sequence[str]], first: Sequence[str] = ()) -> Self:
        """Return the strings of each row; ``first`` as in `Named.build`."""
        once = [tuple(dict.fromkeys(strings)) for strings in lists]
        return cls(offsets_of(once), Named.build(chain.from_iterable(once), first))

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return arrays_of(self, ("offsets", "strings"))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return what was kept.

        Raises:
            KeyError: An array is missing.
            ValueError: The last row does not end where the strings do.
        """
        strings = Named.from_arrays(below(arrays, "strings"))
        return cls(offsets_for(arrays["offsets"], len(strings)), strings)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def having(self, wanted: Collection[str]) -> Mask:
        """Tell which rows have one of these strings."""
        places = np.flatnonzero(self.strings.among(wanted))
        found = np.zeros(len(self), np.bool_)
        found[self.offsets.searchsorted(places, "right") - 1] = True
        return found

    def counts(self, rows: Places | Rows) -> dict[str, int]:
        """Return how many of these rows have each string, those that any has."""
        return self.strings.counts(spread(self.offsets, rows)[0])


def at(column: npt.NDArray[Number], rows: Rows | None) -> npt.NDArray[Number]:
    """Return what stands in these rows, None for all."""
    return column if rows is None else column[rows]


def counted(codes: npt.NDArray[np.integer], names: Sequence[str]) -> dict[str, int]:
    """Return how often each number occurs, by its name, where it does at all."""
    counts = np.bincount(codes, minlength=len(names)).tolist()
    return {name: count for name, count in zip(names, counts, strict=True) if count}


def _is_one_of(column: npt.NDArray[np.uint16], codes: Sequence[int], distinct: int) -> Mask:
    if len(codes) > _FEW:
        table = np.zeros(distinct, np.bool_)
        table[codes] = True
        return table[column]
    found = np.zeros(len(column), np.bool_)
    for code in codes:
        found |= column == code
    return found


def _names(code_of: Mapping[str, int]) -> dict[str, npt.NDArray[np.generic]]:
    return under("names", Strings.build([*code_of]).arrays())


def _code_of(arrays: Arrays) -> dict[str, int]:
    names = Strings.from_arrays(below(arrays, "names"))
    return {names[code]: code for code in range(len(names))}
