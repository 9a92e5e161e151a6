"""Whether the vector index says of a title what SQL says (spec/discovery §10: drift check)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from shared.search.document import datapoint

if TYPE_CHECKING:
    from shared.search.indexing import Entry
    from shared.search.ports import Datapoint

NEAR = 1e-5
"""Numbers of a vector may differ by what writing and reading them costs."""
QUALITY = "quality"


class Drift(StrEnum):
    """What is wrong with a point."""

    MISSING = "missing"
    DEAD = "dead"
    DIFFERENT = "different"


def drift(entry: Entry | None, found: Datapoint | None, model: str) -> Drift | None:
    """Return what is wrong with a title's point, None where nothing is.

    A title whose vector is still to be made by ``model`` is not judged. A quality that has sunk in
    SQL since the point was written is no fault: the point lets more through, and SQL judges again.

    Args:
        entry: What SQL says of the title; None where it is gone.
        found: What the index says; None where it has no such point.
        model: The present one.
    """
    if entry is None or not entry.alive:
        return None if found is None else Drift.DEAD
    if entry.vector is None or entry.vector_model != model:
        return None
    if found is None:
        return Drift.MISSING
    wanted = datapoint(entry.document, entry.vector, model)
    return None if _says_the_same(wanted, found) else Drift.DIFFERENT


def _says_the_same(wanted: Datapoint, found: Datapoint) -> bool:
    return (
        _tokens(wanted) == _tokens(found)
        and _exact(wanted) == _exact(found)
        and wanted.numbers[QUALITY] <= found.numbers.get(QUALITY, -1)
        and wanted.vector.shape == found.vector.shape
        and bool(np.allclose(wanted.vector, found.vector, rtol=0, atol=NEAR))
    )


def _tokens(point: Datapoint) -> dict[str, set[str]]:
    return {name: set(tokens) for name, tokens in point.restricts.items() if tokens}


def _exact(point: Datapoint) -> dict[str, int]:
    return {name: value for name, value in point.numbers.items() if name != QUALITY}
