"""The vectors of one index in one matrix, and exact search over them.

Symbols: M the matrix, one row a slot; q the query; s the score of a row, more is nearer.

    distance measure       s                       distance returned
    DOT_PRODUCT_DISTANCE   M·q                     s, greatest first
    COSINE_DISTANCE        M·q / (|m| |q|)         1 - s, least first
    SQUARED_L2_DISTANCE    2 M·q - |m|²            |m - q|², least first
    L1_DISTANCE            - Σ |m - q|             - s, least first

With unit norm asked of the index, m and q are scaled to length 1 first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from sys import intern
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from emulators.vertex.datapoint import Datapoint, pack, pack_traits, unpack, unpack_traits
from emulators.vertex.restricts import Eligibility

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


@dataclass(frozen=True, slots=True)
class Config:
    """How an index measures.

    Attributes:
        dimensions: Length of every vector.
        distance: The distance measure.
        unit_norm: Whether vectors are scaled to length 1 before they are measured.
        streaming: Whether datapoints may be upserted and removed.
    """

    dimensions: int
    distance: Distance
    unit_norm: bool
    streaming: bool


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A datapoint found, with its distance in the sign convention of the measure."""

    id: str
    crowding: str
    distance: float


class VectorTable:
    """Datapoints by id, searchable by vector. Slots of removed datapoints are used again."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._matrix: Floats = np.zeros((_FIRST_CAPACITY, config.dimensions), np.float32)
        self._norms: Floats = np.zeros(_FIRST_CAPACITY, np.float32)
        self._ids: list[str] = []
        self._crowds: list[str] = []
        self._traits: list[bytes] = []
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._eligibility = Eligibility()

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
        """Return the nearest eligible datapoints, nearest first; equal scores in order of id."""
        vector = query.datapoint.vector
        if self._config.unit_norm or self._config.distance == "COSINE_DISTANCE":
            vector = vector / (np.sqrt(vector @ vector) or np.float32(1))
        rows = self._eligibility.slots(query.datapoint.traits, len(self._ids))
        scores = self._scores(rows, vector)
        best = self._crowded(rows, scores, query)
        slots, found = rows[best], scores[best]
        distances = self._distances(slots, found, vector)
        return [
            Neighbor(self._ids[slot], self._crowds[slot], distance)
            for slot, distance in zip(slots.tolist(), distances.tolist(), strict=True)
        ]

    def _fill(self, point: Datapoint, traits: bytes, slot: int | None) -> None:
        if slot is None:
            slot = self._slots[point.id] = self._take_slot()
        vector = point.vector
        self._matrix[slot] = vector
        self._norms[slot] = sqrt(vector @ vector)
        self._ids[slot] = point.id
        self._crowds[slot] = intern(point.traits.crowding)
        self._traits[slot] = traits
        self._eligibility.add(slot, point.traits)

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
        self._norms = np.concatenate([self._norms, np.zeros(size - known, np.float32)])

    def _scores(self, rows: Slots, vector: Floats) -> Floats:
        if self._config.distance == "L1_DISTANCE":
            return self._l1_scores(rows, vector)
        high = len(self._ids)
        if len(rows) < _GATHER_SHARE * high:
            products = self._matrix[rows] @ vector
        else:
            products = (self._matrix[:high] @ vector)[rows]
        if self._scaled:
            products *= self._inverse_norms(rows)
        if self._config.distance == "SQUARED_L2_DISTANCE":
            squares = 1.0 if self._config.unit_norm else self._norms[rows] ** 2
            products = 2 * products - squares
        return products

    @property
    def _scaled(self) -> bool:
        return self._config.unit_norm or self._config.distance == "COSINE_DISTANCE"

    def _inverse_norms(self, rows: Slots) -> Floats:
        norms = self._norms[rows]
        return np.divide(np.float32(1), norms, out=np.zeros_like(norms), where=norms > 0)

    def _vectors(self, rows: Slots) -> Floats:
        vectors = self._matrix[rows]
        if self._config.unit_norm:
            vectors *= self._inverse_norms(rows)[:, np.newaxis]
        return vectors

    def _l1_scores(self, rows: Slots, vector: Floats) -> Floats:
        scores = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            scores[start : start + _CHUNK] = -np.abs(self._vectors(part) - vector).sum(axis=1)
        return scores

    def _distances(self, slots: Slots, scores: Floats, vector: Floats) -> Floats:
        match self._config.distance:
            case "DOT_PRODUCT_DISTANCE":
                return scores
            case "COSINE_DISTANCE":
                return np.float32(1) - scores
            case "SQUARED_L2_DISTANCE":
                # The expanded form loses digits near zero, so what is returned is measured anew.
                squares: Floats = np.square(self._vectors(slots) - vector).sum(axis=1)
                return squares
            case "L1_DISTANCE":
                return -scores

    def _crowded(self, rows: Slots, scores: Floats, query: Query) -> Slots:
        window = query.count
        while True:
            ordered = self._best(rows, scores, window)
            kept = self._within_crowds(rows, ordered, query.per_crowd)
            if len(kept) >= query.count or window >= len(rows):
                return np.array(kept[: query.count], np.intp)
            window *= 4

    def _best(self, rows: Slots, scores: Floats, count: int) -> list[int]:
        picks: Slots = np.arange(len(rows))
        if count < len(rows):
            # All that tie with the last one stay in, so that ids alone decide between them.
            least = np.partition(scores, len(scores) - count)[len(scores) - count]
            picks = np.flatnonzero(scores >= least)
        keyed = zip((-scores[picks]).tolist(), rows[picks].tolist(), picks.tolist(), strict=True)
        ordered = sorted((score, self._ids[slot], pick) for score, slot, pick in keyed)
        return [pick for _, _, pick in ordered][:count]

    def _within_crowds(self, rows: Slots, ordered: list[int], limit: int) -> list[int]:
        if not limit:
            return ordered
        seen: dict[str, int] = {}
        kept = []
        for pick in ordered:
            tag = self._crowds[rows[pick]]
            seen[tag] = seen.get(tag, 0) + 1
            if not tag or seen[tag] <= limit:
                kept.append(pick)
        return kept
