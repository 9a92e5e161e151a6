"""Lists of any lengths in one array, one after the other, and where each of them begins.

Offsets have shape ``(lists + 1,)``: list ``i`` takes the places from ``offsets[i]`` to before
``offsets[i + 1]``.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
"""Where something stands in an array."""


def spread(offsets: Places, lists: npt.NDArray[np.integer]) -> tuple[Places, Places]:
    """Return every place of these lists, list by list, and whose it is: a number within ``lists``.

    Args:
        offsets: Of all lists.
        lists: Numbers of some, in any order, each as often as it is wanted.
    """
    first = offsets[lists]
    return runs(first, offsets[lists + 1] - first)


def runs(first: Places, counts: Places) -> tuple[Places, Places]:
    """Return every place of runs of places, run by run, and whose it is.

    Args:
        first: Where each run begins.
        counts: How many places it has.
    """
    owners = np.repeat(np.arange(len(counts)), counts)
    before = counts.cumsum() - counts
    return np.arange(len(owners)) + (first - before)[owners], owners


def offsets_of(lists: Sequence[Sequence[object]]) -> Places:
    """Return where each of these begins when they stand one after the other, and the end."""
    return offsets_after([len(each) for each in lists])


def offsets_after(counts: Sequence[int] | Places) -> Places:
    """Return the same of lists of these lengths."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def offsets_for(kept: npt.NDArray[np.generic], places: int) -> Places:
    """Return offsets as they were kept.

    Raises:
        ValueError: They do not end at ``places``.
    """
    offsets = kept.astype(np.int64, copy=False)
    if len(offsets) == 0 or offsets[-1] != places:
        raise ValueError(f"offsets do not end at {places}, the number of places")
    return offsets
