"""All titles there are, the dead ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVERY = statement(__file__, "every_title")
BATCH = 100
"""Titles of one batch: as many as one event tells of, and one call to the index asks about."""


def every_title() -> Iterator[Sequence[UUID]]:
    """Yield the ids of all titles in batches, in their order.

    A batch is read when it is asked for; who comes in behind it meanwhile is met, too.

    Raises:
        UnavailableError: The database does not answer.
    """
    after = UUID(int=0)
    while found := [
        row.id for row in read(EVERY(), {"after": str(after), "most": BATCH}, what="titles")
    ]:
        yield found
        after = found[-1]
