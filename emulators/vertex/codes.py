"""Compact codes of vectors: which rows of an index are probably the nearest, at a tenth of a scan.

Symbols: m a stored vector, q the query, d their length, u and v both turned by one fixed random
rotation. The rotation spreads any vector evenly: a coordinate of u is about normal with standard
deviation |u|/√d, so that a grid of equal steps Δ (Max, IRE Transactions 1960, table II) keeps most
of it: 2 bits for the stored, 3 bits for the query. Every bit stands for a sign ±1:

    c = 2 s₁ + s₀ ≈ u      t = 4 t₂ + 2 t₁ + t₀ ≈ v      c·t = Σ 2^(i+j) (d - 2 h_ij)

where h_ij counts the places in which s_i and t_j differ: one XOR and one population count for 64
coordinates. The product is estimated as (Gao and Long, SIGMOD 2024, section 3.2)

    m·q ≈ c·t · |u|²/(c·u) · |v|²/(t·v)

The first pass reads s₁ of all rows, the second s₀ of those that the first has left. Nothing is
learned from the data, so a row's code never changes while its vector does not, in whatever order
rows come and go.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Slots = NDArray[np.intp]
    Bytes = NDArray[np.uint8]
    Sums = NDArray[np.uint16]
    Words = NDArray[np.uint64]

LEAST_DIMENSIONS = 128
"""Shorter vectors are scanned as fast as their codes."""
MOST_DIMENSIONS = 3072
"""A sum of weighted differences, at most 21 d, has 16 bits."""

_STORED_BITS, _QUERY_BITS = 2, 3
_STEPS = {_STORED_BITS: 0.9957, _QUERY_BITS: 0.5860}
# (c·u)/(s₁·u) of normal coordinates: those beyond Δ, of weight e^(-Δ²/2), count three times.
_UPPER_SCALE = 1 + 2 * math.exp(-(_STEPS[_STORED_BITS] ** 2) / 2)
_LEFT_BY_FIRST_PASS = 6  # rows for each one wanted
_WORD_BYTES = 8
_WORDS_AT_ONCE = 3  # 3 · 64 differences fit a byte
_BLOCK = 16_384  # rows whose words and sums stay in the processor's own cache
_CHUNK = 1024
_ROUNDS, _SEED = 2, 384


class Codes:
    """One code a slot: 2 bits a coordinate and 4 bytes, 4 more where ``squared``.

    Args:
        dimensions: Length of the vectors, `LEAST_DIMENSIONS` to `MOST_DIMENSIONS`.
        scaled: Estimate the product of q with m/|m| in place of m.
        squared: Estimate 2 m·q - |m|² in place of the product, with m/|m| for m where ``scaled``.
    """

    def __init__(self, dimensions: int, *, scaled: bool, squared: bool) -> None:
        self._dimensions = dimensions
        self._scaled = scaled
        self._squared = squared
        words = -(-dimensions // (8 * _WORD_BYTES))
        # The first pass reads whole columns, the second some rows.
        self._upper: Words = np.zeros((words, 0), np.uint64)
        self._lower: Words = np.zeros((0, words), np.uint64)
        self._factors: Floats = np.zeros(0, np.float32)
        self._offsets: Floats = np.zeros(0, np.float32)
        self._behind: set[int] = set()

    def note(self, slot: int) -> None:
        """Take down that the vector of a slot is another one now."""
        self._behind.add(slot)

    @property
    def behind(self) -> int:
        """How many slots were noted since `catch_up`."""
        return len(self._behind)

    def catch_up(self, matrix: Floats) -> None:
        """Make the codes of all slots noted those of their rows in ``matrix``."""
        self._reserve(len(matrix))
        slots = np.fromiter(self._behind, np.intp, len(self._behind))
        self._behind.clear()
        for start in range(0, len(slots), _CHUNK):
            some = slots[start : start + _CHUNK]
            self._encode(some, matrix[some])

    def shortlist(self, vector: Floats, rows: Slots, high: int) -> Callable[[int], Slots]:
        """Return a function from a number to so many of ``rows``, those estimated highest.

        Rows that tie with the last one are returned too, so that their order decides nothing.

        Args:
            vector: Shape ``(dimensions,)``, float32.
            rows: Slots to choose from, ascending.
            high: All slots are below.
        """
        query = _Query(vector)
        upper = self._upper_sums(query, high)
        if len(rows) < high:
            upper = upper[rows]
        # Factors of scaled rows are nearly the same, and whole numbers are ordered much faster.
        first = ~upper if self._scaled else self._estimates(query, upper, rows, upper=True)

        def choose(count: int) -> Slots:
            kept = highest(first, count * _LEFT_BY_FIRST_PASS)
            slots = rows[kept]
            sums = self._lower_sums(query, slots)
            sums += 2 * upper[kept]
            return slots[highest(self._estimates(query, sums, slots), count)]

        return choose

    def _upper_sums(self, query: _Query, high: int) -> Sums:
        sums = np.empty(high, np.uint16)
        for start in range(0, high, _BLOCK):
            part = slice(start, min(start + _BLOCK, high))
            _differences(self._upper[:, part], query.planes, sums[part])
        return sums

    def _lower_sums(self, query: _Query, slots: Slots) -> Sums:
        sums = np.empty(len(slots), np.uint16)
        for start in range(0, len(slots), _BLOCK):
            part = slots[start : start + _BLOCK]
            columns = np.ascontiguousarray(self._lower.take(part, axis=0).T)
            _differences(columns, query.planes, sums[start : start + _BLOCK])
        return sums

    def _estimates(self, query: _Query, sums: Sums, slots: Slots, *, upper: bool = False) -> Floats:
        # The greatest product: levels 3, or 1 where the upper bit stands alone, and 7.
        most, scale = (7, _UPPER_SCALE) if upper else (21, 1.0)
        products = np.float32(most * self._dimensions) - np.float32(2) * sums
        products *= np.float32(scale * query.factor) * self._factors[slots]
        if self._squared:
            products += self._offsets[slots]
        return products

    def _reserve(self, size: int) -> None:
        more = size - len(self._factors)
        if more > 0:
            self._upper = np.pad(self._upper, ((0, 0), (0, more)))
            self._lower = np.pad(self._lower, ((0, more), (0, 0)))
            self._factors = np.pad(self._factors, (0, more))
            self._offsets = np.pad(self._offsets, (0, more if self._squared else 0))

    def _encode(self, slots: Slots, vectors: Floats) -> None:
        turned = _turned(vectors)
        cells = _cells(turned, _STORED_BITS)
        self._lower[slots], self._upper[:, slots] = _plane(cells, 0), _plane(cells, 1).T
        squares, products = _squares(turned, cells, _STORED_BITS)
        factors = _ratio(squares, products)
        if self._scaled:
            factors = _ratio(factors, np.sqrt(squares))
        self._factors[slots] = 2 * factors if self._squared else factors
        if self._squared:
            self._offsets[slots] = -np.sign(squares) if self._scaled else -squares


class _Query:
    """The code of a query: planes, shape ``(bits, words)``, and |v|²/(t·v)."""

    def __init__(self, vector: Floats) -> None:
        turned = _turned(vector[np.newaxis])
        cells = _cells(turned, _QUERY_BITS)
        self.planes: Words = np.stack([_plane(cells, bit)[0] for bit in range(_QUERY_BITS)])
        self.factor = float(_ratio(*_squares(turned, cells, _QUERY_BITS))[0])


def highest(scores: Floats | Sums, count: int, slack: float = 0.0) -> Slots:
    """Return the places of the ``count`` highest scores and of all within ``slack`` of the last."""
    if count >= len(scores):
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= (least - slack if slack else least))


def _differences(plane: Words, query: Words, sums: Sums) -> None:
    """Fill ``sums`` with Σ 2^j h_j of each row: one plane of the rows, planes j of the query."""
    shape = (len(query), len(sums))
    words, counts = np.empty(shape, np.uint64), np.empty(shape, np.uint8)
    few, weighted = np.empty(shape, np.uint8), np.empty(len(sums), np.uint16)
    sums[:] = 0
    for start in range(0, len(plane), _WORDS_AT_ONCE):
        few[:] = 0
        for k in range(start, min(start + _WORDS_AT_ONCE, len(plane))):
            np.bitwise_xor(plane[k], query[:, k, np.newaxis], out=words)
            np.bitwise_count(words, out=counts)
            np.add(few, counts, out=few)
        for j in range(len(query)):
            np.left_shift(few[j], np.uint16(j), out=weighted)
            np.add(sums, weighted, out=sums)


def _turned(vectors: Floats) -> Doubles:
    """Return the vectors under the rotation, in an order of coordinates that means nothing.

    Each of two rounds lays a vector out as a rectangle in a random order and turns its rows, then
    its columns, by one small rotation each: d√d steps in place of d². In double precision rounding
    moves no coordinate across a step, however many vectors are turned at once, so a vector has one
    code.
    """
    turned = vectors.astype(np.float64)
    for order, rows, columns in _rotation(vectors.shape[1]):
        wide = turned[:, order].reshape(-1, len(columns)) @ columns
        tall = wide.reshape(-1, len(rows), len(columns)).swapaxes(1, 2)
        turned = (tall.reshape(-1, len(rows)) @ rows).reshape(len(vectors), -1)
    return turned


@cache
def _rotation(dimensions: int) -> list[tuple[Slots, Doubles, Doubles]]:
    rng = np.random.default_rng(_SEED)
    short = max(n for n in range(1, math.isqrt(dimensions) + 1) if dimensions % n == 0)
    long = dimensions // short
    return [
        (rng.permutation(dimensions), _orthogonal(short, rng), _orthogonal(long, rng))
        for _ in range(_ROUNDS)
    ]


def _orthogonal(size: int, rng: np.random.Generator) -> Doubles:
    return np.linalg.qr(rng.standard_normal((size, size)))[0]


def _cells(turned: Doubles, bits: int) -> Bytes:
    """Return the step of the grid each coordinate is on, counted from 0."""
    half = 1 << (bits - 1)
    deviations = np.sqrt(np.square(turned).mean(axis=1, keepdims=True))
    steps = np.divide(
        turned, deviations * _STEPS[bits], out=np.zeros_like(turned), where=deviations > 0
    )
    cells: Bytes = (np.floor(steps).clip(-half, half - 1) + half).astype(np.uint8)
    return cells


def _squares(turned: Doubles, cells: Bytes, bits: int) -> tuple[Doubles, Doubles]:
    """Return the product of each vector with itself, and that with its code's odd numbers."""
    levels = 2.0 * cells - ((1 << bits) - 1)
    return np.vecdot(turned, turned), np.vecdot(turned, levels)


def _plane(cells: Bytes, bit: int) -> Words:
    """Return one bit of all cells, shape ``(rows, words)``; spare bits are 0."""
    packed = np.packbits(cells & np.uint8(1 << bit), axis=1)
    if spare := -packed.shape[1] % _WORD_BYTES:
        packed = np.pad(packed, ((0, 0), (0, spare)))
    return packed.view(np.uint64)


def _ratio(above: Doubles, below: Doubles) -> Doubles:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
