"""Vector maths, once: dot products, unit length, cosines.

    v, w    a vector, shape ``(d,)``
    V, W    vectors as rows, shape ``(n, d)``

Everything is float32. A vector of length zero points nowhere: it stays zero when it is normalized,
and its cosine with anything is 0, so it never comes out as near.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def dot(left: npt.ArrayLike, right: npt.ArrayLike) -> Vectors:
    """Return the dot products of rows with rows.

    Args:
        left: Shape ``(d,)`` or ``(n, d)``.
        right: Shape ``(d,)`` or ``(m, d)``.

    Returns:
        Shape ``()``, ``(n,)``, ``(m,)`` or ``(n, m)``, an axis for each argument that had rows.

    Raises:
        ValueError: The vectors have different lengths, or an argument has other axes.
    """
    first, second = _rows(left), _rows(right)
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(f"vectors of {first.shape[-1]} and {second.shape[-1]} have no product")
    return np.asarray(first @ second.T, dtype=np.float32)


def normalize(vectors: npt.ArrayLike) -> Vectors:
    """Return every vector at unit length; zero stays zero.

    Args:
        vectors: Shape ``(d,)`` or ``(n, d)``, finite.

    Returns:
        The same shape, a new array.
    """
    given = _rows(vectors)
    # By the largest entry first: the squares of what is very long or short leave float32's range.
    largest = np.max(np.abs(given), axis=-1, keepdims=True, initial=0.0)
    scaled = np.divide(given, largest, out=np.zeros_like(given), where=largest > 0)
    length = np.linalg.norm(scaled, axis=-1, keepdims=True)
    unit: Vectors = np.divide(scaled, length, out=np.zeros_like(given), where=length > 0)
    return unit


def cosine(left: npt.ArrayLike, right: npt.ArrayLike) -> Vectors:
    """Return the cosines of the angles between rows and rows, within -1 and 1; shapes as `dot`."""
    return np.clip(dot(normalize(left), normalize(right)), -1, 1)


def _rows(given: npt.ArrayLike) -> Vectors:
    found: npt.NDArray[Any] = np.asarray(given, dtype=np.float32)
    if found.ndim not in {1, 2}:
        raise ValueError(f"vectors have one axis or two, not {found.ndim}")
    return found
