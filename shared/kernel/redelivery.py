"""When what failed is delivered again, until a person has to look at it (spec/ingestion §4.3)."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

AFTER = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""Since it became a dead letter for the first time."""
KEPT = timedelta(days=90)
"""Longer than Pub/Sub keeps anything."""


def pauses(after: Sequence[timedelta] = AFTER) -> tuple[timedelta, ...]:
    """Return how long to wait after each failure: 1, then 5, then 18 hours.

    Args:
        after: Ascending, of the first failure.
    """
    return tuple(later - earlier for earlier, later in pairwise((timedelta(), *after)))
