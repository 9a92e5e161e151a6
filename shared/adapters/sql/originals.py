"""Where providers have the pictures of a title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.adapters.sql.titles import ContentNotFoundError, within
from shared.catalog.hosting import Original
from shared.search.viewers import EVERYTHING

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from shared.catalog.values import ImageKind
    from shared.search.viewers import Sight

ORIGINALS = statement(__file__, "originals")


class SqlOriginals:
    """`shared.catalog.hosting.Originals`, from ``image``; one statement a call.

    Args:
        sight: Of which titles its viewer may see pictures.
        engine: Another one than this process's.
    """

    def __init__(self, sight: Sight = EVERYTHING, engine: Engine | None = None) -> None:
        self._sight, self._engine = sight, engine

    def of(self, content_id: UUID, kind: ImageKind) -> list[Original]:
        """Return a title's pictures of a kind; those of a merged title are of what it became.

        Raises:
            ContentNotFoundError: There is no such title, or none that may be seen.
        """
        given = {"id": content_id, "kind": kind.value, **within(self._sight)}
        rows = read(ORIGINALS(), given, what="pictures", engine=self._engine)
        if not rows:
            raise ContentNotFoundError(f"there is no title {content_id}")
        return [Original(row.width, row.url) for row in rows if row.url is not None]
