"""One part of the resident catalogue: titles that were read together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from shared.search.resident.facts import Facts
from shared.search.resident.likeness import Likeness
from shared.search.resident.rows import arrays_of, below
from shared.search.resident.words import WordIndex

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy.typing as npt

    from shared.search.resident.rows import Arrays, Mask, TitleRow

_ID_BYTES = "S36"
"""A UUID in canonical text form (RFC 9562 §4)."""


@dataclass(frozen=True)
class Part:
    """Titles by row, and what is asked of them.

    Attributes:
        ids: As in `TitleRow`.
        row_of: Rows by id.
        alive: False where a later part knows the title better, or it is gone.
    """

    ids: Sequence[str]
    row_of: Mapping[str, int]
    facts: Facts
    words: WordIndex
    likeness: Likeness
    alive: Mask

    @classmethod
    def build(cls, titles: Sequence[TitleRow]) -> Self:
        """Return the part of these titles, row by row."""
        ids = [title.id for title in titles]
        return cls(
            ids,
            _rows_of(ids),
            Facts.build(titles),
            WordIndex.build(titles),
            Likeness.build(titles),
            np.ones(len(titles), np.bool_),
        )

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes; a snapshot has no title that is not alive."""
        ids: npt.NDArray[np.generic] = np.array(self.ids, _ID_BYTES)
        return {"ids": ids, **arrays_of(self, ("facts", "words", "likeness"))}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the part that was kept.

        Raises:
            KeyError: An array is missing.
            ValueError: Arrays do not fit each other.
        """
        ids: list[str] = arrays["ids"].astype("U36").tolist()
        facts = Facts.from_arrays(below(arrays, "facts"))
        if len(facts.popularity) != len(ids):
            raise ValueError(f"{len(ids)} ids, facts of {len(facts.popularity)} titles")
        return cls(
            ids,
            _rows_of(ids),
            facts,
            WordIndex.from_arrays(below(arrays, "words")),
            Likeness.from_arrays(below(arrays, "likeness")),
            np.ones(len(ids), np.bool_),
        )

    @property
    def popularity(self) -> npt.NDArray[np.float32]:
        """Popularity by row, 0 to 1."""
        return self.facts.popularity

    def without(self, ids: Collection[str]) -> Self:
        """Return the same part, these titles not alive."""
        rows = [self.row_of[id_] for id_ in ids if id_ in self.row_of]
        if not rows:
            return self
        alive = self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)


def _rows_of(ids: Sequence[str]) -> dict[str, int]:
    return {id_: row for row, id_ in enumerate(ids)}
