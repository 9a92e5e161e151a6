"""Where providers have the pictures of a title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.adapters.sql.titles import ContentNotFoundError
from shared.catalog.hosting import Original

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from shared.catalog.values import ImageKind

ORIGINALS = statement(__file__, "originals")


class SqlOriginals:
    """`shared.catalog.hosting.Originals`, from ``image``; one statement a call."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine

    def of(self, content_id: UUID, kind: ImageKind) -> list[Original]:
        """Return a title's pictures of a kind; those of a merged title are of what it became.

        Raises:
            ContentNotFoundError: There is no such title.
        """
        given = {"id": content_id, "kind": kind.value}
        rows = read(ORIGINALS(), given, what="pictures", engine=self._engine)
        if not rows:
            raise ContentNotFoundError(f"there is no title {content_id}")
        return [Original(row.width, row.url) for row in rows if row.url is not None]
