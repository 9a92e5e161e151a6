"""Cosines, products and unit lengths, against plain arithmetic in double precision."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.vectors import cosine, dot, normalize

NUMBERS = st.floats(-(2.0**60), 2.0**60, width=32).filter(lambda x: x == 0 or abs(x) > 1e-18)
VECTORS = st.lists(NUMBERS, min_size=3, max_size=3)


def slow_cosine(v: list[float], w: list[float]) -> float:
    length = math.hypot(*v) * math.hypot(*w)
    return math.fsum(a * b for a, b in zip(v, w, strict=True)) / length if length else 0.0


@given(VECTORS, VECTORS)
def test_a_cosine_is_that_of_plain_arithmetic(v: list[float], w: list[float]) -> None:
    assert cosine(v, w) == pytest.approx(slow_cosine(v, w), abs=1e-5)


@given(st.lists(VECTORS, min_size=1, max_size=5))
def test_unit_length_is_one_and_points_the_same_way(vectors: list[list[float]]) -> None:
    unit = normalize(vectors)

    for row, given_row in zip(unit, vectors, strict=True):
        expected = 1.0 if any(given_row) else 0.0
        assert np.linalg.norm(row) == pytest.approx(expected, abs=1e-5)
        assert cosine(row, given_row) == pytest.approx(expected, abs=1e-5)


def test_zero_points_nowhere() -> None:
    assert normalize([0, 0]).tolist() == [0, 0]
    assert cosine([0, 0], [[0, 0], [1, 0]]).tolist() == [0, 0]


def test_each_argument_with_rows_has_its_axis() -> None:
    v, rows = [3.0, 4.0], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]

    assert dot(v, v).shape == ()
    assert dot(v, rows).tolist() == dot(rows, v).tolist() == [3, 4, 7]
    assert dot(rows, rows).shape == (3, 3)
    assert dot(v, rows).dtype == np.float32


@pytest.mark.parametrize(("left", "right"), [([1, 2], [1, 2, 3]), (1, [1]), ([[[1]]], [1])])
def test_what_has_no_product_is_refused(left: object, right: object) -> None:
    with pytest.raises(ValueError, match="vectors"):
        dot(left, right)  # type: ignore[arg-type]
