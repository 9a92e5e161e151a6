"""Titles whose vector is not the present model's: nothing else notices a change of model."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STALE = statement(__file__, "stale_vectors")
BATCH = 100
"""Most titles of one batch, since one event tells of at most so many."""


def stale_titles(model: str, *, most: int | None = None) -> Iterator[Sequence[UUID]]:
    """Yield the living titles whose vector is not of `model`, in batches by id, each title once.

    A batch is read when it is asked for, so what was embedded meanwhile is not among it.

    Args:
        model: The present one, ``id@version``.
        most: How many in all; None for every one.

    Raises:
        UnavailableError: The database does not answer.
    """
    after, left = UUID(int=0), most
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        bound = {"model": model, "after": str(after), "most": size}
        found = [row.id for row in read(STALE(), bound, what="stale vectors")]
        if not found:
            return
        yield found
        after, left = found[-1], None if left is None else left - len(found)
