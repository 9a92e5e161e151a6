"""The vectors of one index in one matrix, and search over them.

Symbols: M the matrix, one row a slot; q the query; s the score of a row, more is nearer.

    distance measure       s                       distance returned
    DOT_PRODUCT_DISTANCE   M·q                     s, greatest first
    COSINE_DISTANCE        M·q / (|m| |q|)         1 - s, least first
    SQUARED_L2_DISTANCE    - |m - q|²              - s, least first
    L1_DISTANCE            - Σ |m - q|             - s, least first

With unit norm asked of the index, m and q are scaled to length 1 first.

A search narrows the eligible rows down, then scores and orders what is left (exact reordering). An
exact index narrows by the product of the whole matrix; an approximate one by compact codes
(`emulators.vertex.codes`) once more rows are eligible than it scores outright.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, sqrt
from sys import intern
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from emulators.vertex.codes import LEAST_DIMENSIONS, MOST_DIMENSIONS, Codes, highest
from emulators.vertex.datapoint import Datapoint, pack, pack_traits, unpack, unpack_traits
from emulators.vertex.restricts import Eligibility

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from emulators.vertex.datapoint import Query

    Floats = NDArray[np.float32]
    Slots = NDArray[np.intp]

Distance = Literal["DOT_PRODUCT_DISTANCE", "COSINE_DISTANCE", "SQUARED_L2_DISTANCE", "L1_DISTANCE"]
DISTANCES: tuple[Distance, ...] = get_args(Distance)

# Below this share of eligible rows, gathering them is cheaper than scoring the whole matrix.
_GATHER_SHARE = 0.3
_CHUNK = 4096
_FIRST_CAPACITY = 1024
EXACT_BELOW = 4096
"""Up to so many eligible rows are scored outright by an approximate index too."""
# Estimates err by the same amount everywhere, which costs the few nearest more places than many.
_REORDERED_AT_LEAST, _REORDERED_PER_NEIGHBOR = 600, 4
_CODES_BEHIND = 256
# The product of a matrix rounds by its shape; in units of the greatest product there can be.
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Config:
    """How an index measures.

    Attributes:
        dimensions: Length of every vector.
        distance: The distance measure.
        unit_norm: Whether vectors are scaled to length 1 before they are measured.
        streaming: Whether datapoints may be upserted and removed.
        approximate: How many neighbors are found approximately before they are scored exactly;
            0 searches exactly.
    """

    dimensions: int
    distance: Distance
    unit_norm: bool
    streaming: bool
    approximate: int = 0


class Neighbor(NamedTuple):  # made in a third of a dataclass's time, some hundreds a search
    """A datapoint found, with its distance in the sign convention of the measure."""

    id: str
    crowding: str
    distance: float


class VectorTable:
    """Datapoints by id, searchable by vector. Slots of removed datapoints are used again.

    Args:
        config: How it measures, and whether exactly.
        exact_below: Up to so many eligible rows are scored outright in any case.
    """

    def __init__(self, config: Config, *, exact_below: int = EXACT_BELOW) -> None:
        self._config = config
        self._exact_below = exact_below
        self._matrix: Floats = np.zeros((_FIRST_CAPACITY, config.dimensions), np.float32)
        self._norms: Floats = np.zeros(_FIRST_CAPACITY, np.float32)
        self._every: Slots = np.arange(_FIRST_CAPACITY)
        self._longest = 0.0
        self._ids: list[str] = []
        self._crowds: list[str] = []
        self._traits: list[bytes] = []
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._eligibility = Eligibility()
        self._codes = _codes(config)

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, point_id: str) -> bool:
        return point_id in self._slots

    def __iter__(self) -> Iterator[str]:
        return iter(self._slots)

    def upsert(self, point: Datapoint) -> bytes:
        """Store a checked datapoint in place of the one with its id, if there is one.

        Returns:
            The datapoint without its id, for `restore`.
        """
        slot = self._slots.get(point.id)
        if slot is not None:
            self._eligibility.remove(slot, unpack_traits(self._traits[slot]))
        traits = pack_traits(point.traits)
        self._fill(point, traits, slot)
        return pack(point.vector, traits)

    def restore(self, packed: Iterable[tuple[str, bytes]]) -> None:
        """Fill an empty table with what `upsert` returned, by id."""
        rows = list(packed)
        self._reserve(len(rows))
        for point_id, value in rows:
            vector, traits = unpack(value)
            self._fill(Datapoint(point_id, vector, unpack_traits(traits)), traits, None)

    def remove(self, point_id: str) -> bool:
        """Remove a datapoint; return whether it was there."""
        slot = self._slots.pop(point_id, None)
        if slot is None:
            return False
        self._eligibility.remove(slot, unpack_traits(self._traits[slot]))
        self._ids[slot] = self._crowds[slot] = ""
        self._traits[slot] = b""
        self._free.append(slot)
        return True

    def get(self, point_id: str) -> Datapoint | None:
        """Return a datapoint as it was stored, or None."""
        slot = self._slots.get(point_id)
        if slot is None:
            return None
        return Datapoint(point_id, self._matrix[slot].copy(), unpack_traits(self._traits[slot]))

    def search(self, query: Query) -> list[Neighbor]:
        """Return the nearest eligible datapoints, nearest first; equal distances in order of id.

        Distances are exact and the same in every index of these datapoints. An approximate index
        may miss a datapoint; it never returns fewer than there are.
        """
        vector = query.datapoint.vector
        if self._scaled:
            vector = vector / (np.sqrt(vector @ vector) or np.float32(1))
        rows = self._eligible(query)
        narrow, count = self._narrowing(query, rows, vector)
        while True:
            slots = narrow(count)
            scores = self._scores(slots, vector)
            nearest = self._nearest(slots, scores, query)
            if len(nearest) == query.count or len(slots) == len(rows):
                return self._neighbors(nearest)
            count *= 4  # crowding took too many

    def _eligible(self, query: Query) -> Slots:
        traits = query.datapoint.traits
        if not (traits.restricts or traits.numerics or self._free):
            return self._every[: len(self._ids)]
        return self._eligibility.slots(traits, len(self._ids))

    def _narrowing(
        self, query: Query, rows: Slots, vector: Floats
    ) -> tuple[Callable[[int], Slots], int]:
        """Return what narrows ``rows`` down to a number of them, and with what number to begin."""
        count = max(
            query.approximate or self._config.approximate,
            _REORDERED_AT_LEAST + _REORDERED_PER_NEIGHBOR * query.count,
        )
        if self._codes is not None and len(rows) > max(self._exact_below, count):
            self._codes.catch_up(self._matrix)
            return self._codes.shortlist(vector, rows, len(self._ids)), count
        products, slack = self._products(rows, vector)
        return lambda number: rows[highest(products, number, slack)], query.count

    def _fill(self, point: Datapoint, traits: bytes, slot: int | None) -> None:
        if slot is None:
            slot = self._slots[point.id] = self._take_slot()
        vector = point.vector
        self._matrix[slot] = vector
        norm = self._norms[slot] = sqrt(vector @ vector)
        self._longest = max(self._longest, float(norm))
        self._ids[slot] = point.id
        self._crowds[slot] = intern(point.traits.crowding)
        self._traits[slot] = traits
        self._eligibility.add(slot, point.traits)
        if self._codes is not None:
            self._codes.note(slot)
            if self._codes.behind >= _CODES_BEHIND and len(self) > self._exact_below:
                self._codes.catch_up(self._matrix)

    def _take_slot(self) -> int:
        if self._free:
            return self._free.pop()
        slot = len(self._ids)
        if slot == len(self._matrix):
            self._reserve(2 * slot)
        self._ids.append("")
        self._crowds.append("")
        self._traits.append(b"")
        return slot

    def _reserve(self, size: int) -> None:
        known = len(self._matrix)
        if size <= known:
            return
        matrix = np.zeros((size, self._config.dimensions), np.float32)
        matrix[:known] = self._matrix
        self._matrix = matrix
        self._every = np.arange(size)
        self._norms = np.concatenate([self._norms, np.zeros(size - known, np.float32)])

    def _products(self, rows: Slots, vector: Floats) -> tuple[Floats, float]:
        """Return what orders ``rows`` as their scores do, and by how much two of it may err."""
        if self._config.distance == "L1_DISTANCE":
            return self._scores(rows, vector), 0.0
        high = len(self._ids)
        if len(rows) < _GATHER_SHARE * high:
            products = self._matrix[rows] @ vector
        else:
            products = (self._matrix[:high] @ vector)[rows]
        greatest = sqrt(vector @ vector) * (1.0 if self._scaled else self._longest)
        if self._scaled:
            products *= self._inverse_norms(rows)
        if self._config.distance == "SQUARED_L2_DISTANCE":
            # |m - q|² without |q|², which is the same for all.
            squares = (self._norms[rows] > 0) if self._config.unit_norm else self._norms[rows] ** 2
            products = 2 * products - squares
            greatest = 2 * greatest + float(1 if self._config.unit_norm else self._longest**2)
        slack = _ROUNDING * greatest
        return products, slack if isfinite(slack) else inf

    @property
    def _scaled(self) -> bool:
        return self._config.unit_norm or self._config.distance == "COSINE_DISTANCE"

    def _inverse_norms(self, rows: Slots) -> Floats:
        norms = self._norms[rows]
        return np.divide(np.float32(1), norms, out=np.zeros_like(norms), where=norms > 0)

    def _scores(self, rows: Slots, vector: Floats) -> Floats:
        """Return exact scores; a row has the same one in whatever company it is scored."""
        scores = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            scores[part] = self._few_scores(rows[part], vector)
        return scores

    def _few_scores(self, rows: Slots, vector: Floats) -> Floats:
        vectors = self._matrix.take(rows, axis=0)
        match self._config.distance:
            case "DOT_PRODUCT_DISTANCE" | "COSINE_DISTANCE":
                # A matrix product would sum a row's terms in an order that hangs on its place.
                products: Floats = np.vecdot(vectors, vector)
                return products * self._inverse_norms(rows) if self._scaled else products
            case measure:
                if self._config.unit_norm:
                    vectors *= self._inverse_norms(rows)[:, np.newaxis]
                vectors -= vector
                step = np.square if measure == "SQUARED_L2_DISTANCE" else np.abs
                total: Floats = step(vectors, out=vectors).sum(axis=1)
                return -total

    def _nearest(self, slots: Slots, scores: Floats, query: Query) -> list[tuple[float, int]]:
        """Return score and slot of those that the answer holds, in its order."""
        picks = np.arange(len(slots)) if query.per_crowd else highest(scores, query.count)
        keyed = zip((-scores[picks]).tolist(), slots[picks].tolist(), strict=True)
        ordered = sorted((less, self._ids[slot], slot) for less, slot in keyed)
        found = [(-less, slot) for less, _, slot in ordered]
        return self._within_crowds(found, query.per_crowd)[: query.count]

    def _within_crowds(
        self, ordered: list[tuple[float, int]], limit: int
    ) -> list[tuple[float, int]]:
        if not limit:
            return ordered
        seen: dict[str, int] = {}
        kept = []
        for score, slot in ordered:
            tag = self._crowds[slot]
            seen[tag] = seen.get(tag, 0) + 1
            if not tag or seen[tag] <= limit:
                kept.append((score, slot))
        return kept

    def _neighbors(self, nearest: list[tuple[float, int]]) -> list[Neighbor]:
        distances = np.array([score for score, _ in nearest], np.float32)
        if self._config.distance == "COSINE_DISTANCE":
            distances = np.float32(1) - distances
        elif self._config.distance != "DOT_PRODUCT_DISTANCE":
            distances = -distances
        return [
            Neighbor(self._ids[slot], self._crowds[slot], distance)
            for (_, slot), distance in zip(nearest, distances.tolist(), strict=True)
        ]


def _codes(config: Config) -> Codes | None:
    """Return what narrows down approximately, or None where a scan is as fast or the only way."""
    if not config.approximate or config.distance == "L1_DISTANCE":
        return None
    if not LEAST_DIMENSIONS <= config.dimensions <= MOST_DIMENSIONS:
        return None
    scaled = config.unit_norm or config.distance == "COSINE_DISTANCE"
    squared = config.distance == "SQUARED_L2_DISTANCE"
    return Codes(config.dimensions, scaled=scaled, squared=squared)
