"""What makes titles alike, and which are neighbors: traits and edges of one part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from shared.kernel.ragged import offsets_after, offsets_of, runs
from shared.search.diversity import Traits
from shared.search.graph.walk import Steps
from shared.search.indexing import FLOATS
from shared.search.resident.rows import arrays_of, below
from shared.search.resident.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.search.resident.rows import Arrays, Rows, TitleRow

NONE = -1
_STEPS = 127
"""Steps of 8 bits to each side of nothing: cosines stay within .01 of the exact ones."""


@dataclass(frozen=True)
class Likeness:
    """Traits and edges by row.

    Attributes:
        genre: Place of the first genre among ``genres``, `NONE` without one; int16.
        franchise: Place among ``franchises``, `NONE` without one; int32.
        vectors: In eighths of a byte's steps, shape ``(titles, dimension)``, int8.
        scales: What one step of a row's vector is; 0 where there is no vector; float32.
        edge_starts: Where each row's edges begin, and the last end; int64, one more than titles.
        edge_rows: Where each edge leads, int32; the strongest of a row first.
        edge_weights: Float32.
    """

    genres: Strings
    franchises: Strings
    genre: npt.NDArray[np.int16]
    franchise: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    edge_starts: npt.NDArray[np.int64]
    edge_rows: npt.NDArray[np.int32]
    edge_weights: npt.NDArray[np.float32]

    @classmethod
    def build(cls, titles: Sequence[TitleRow]) -> Self:
        """Return it of titles by row; edges that leave the part are left out."""
        genre, genres = _places([t.genres[0] if t.genres else None for t in titles])
        franchise, franchises = _places([title.franchise for title in titles])
        vectors, scales = _quantized([title.vector for title in titles])
        starts, rows, weights = _edges(titles)
        return cls(
            genres=Strings.build(genres),
            franchises=Strings.build(franchises),
            genre=genre.astype(np.int16),
            franchise=franchise,
            vectors=vectors,
            scales=scales,
            edge_starts=starts,
            edge_rows=rows,
            edge_weights=weights,
        )

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return arrays_of(self, ("genres", "franchises", *_PLAIN))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return it as it was kept.

        Raises:
            KeyError: An array is missing.
        """
        return cls(
            Strings.from_arrays(below(arrays, "genres")),
            Strings.from_arrays(below(arrays, "franchises")),
            *(arrays[name] for name in _PLAIN),  # type: ignore[arg-type]
        )

    def traits(self, rows: Rows) -> list[Traits]:
        """Return what is known of these titles."""
        genres, franchises = self.genre[rows].tolist(), self.franchise[rows].tolist()
        genre_of = {code: self.genres[code] for code in {*genres} - {NONE}}
        scales = self.scales[rows]
        vectors = self.vectors[rows] * scales[:, None]
        return [
            Traits(
                genre_of.get(genre),
                None if franchise == NONE else self.franchises[franchise],
                vector if scale else None,
            )
            for genre, franchise, vector, scale in zip(
                genres, franchises, vectors, scales.tolist(), strict=True
            )
        ]

    def strongest(self, rows: Rows, ids: Sequence[str], *, branches: int) -> Steps:
        """Return at most so many edges of each of these titles that has any, the strongest.

        Args:
            rows: The titles, each once.
            ids: All titles by row.
            branches: Most edges of one.
        """
        having = rows[self.edge_starts[rows] < self.edge_starts[rows + 1]]
        first = self.edge_starts[having]
        sizes = np.minimum(self.edge_starts[having + 1] - first, branches)
        edges, _ = runs(first, sizes)
        return Steps(
            [ids[row] for row in having.tolist()],
            offsets_after(sizes),
            [ids[row] for row in self.edge_rows[edges].tolist()],
            self.edge_weights[edges].astype(np.float64),
        )


_PLAIN = (
    "genre",
    "franchise",
    "vectors",
    "scales",
    "edge_starts",
    "edge_rows",
    "edge_weights",
)
"""Fields that are arrays, in their order."""


def _places(values: Sequence[str | None]) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Return each value's place among the distinct ones, and these."""
    places: dict[str, int] = {}
    found = [NONE if v is None else places.setdefault(v, len(places)) for v in values]
    return np.array(found, np.int32), list(places)


def _quantized(
    vectors: Sequence[bytes | None],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return vectors in 8 bits with the size of a step by row; 0 without a vector."""
    dimension = max((len(v) for v in vectors if v is not None), default=0) // FLOATS.itemsize
    found = np.zeros((len(vectors), dimension), np.int8)
    scales = np.zeros(len(vectors), np.float32)
    for row, vector in enumerate(vectors):
        if vector is None:
            continue
        exact = np.frombuffer(vector, FLOATS)
        scales[row] = np.abs(exact).max() / _STEPS
        if scales[row]:
            found[row] = np.rint(exact / scales[row])
    return found, scales


def _edges(
    titles: Sequence[TitleRow],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    row_of = {title.id: row for row, title in enumerate(titles)}
    kept = [_inside(title.edges, row_of) for title in titles]
    flat = [edge for edges in kept for edge in edges]
    rows = np.array([row for row, _ in flat], np.int32)
    return offsets_of(kept), rows, np.array([weight for _, weight in flat], np.float32)


def _inside(
    edges: Iterable[tuple[str, float]], row_of: Mapping[str, int]
) -> list[tuple[int, float]]:
    return [(row_of[dst], weight) for dst, weight in edges if dst in row_of]
