"""The titles that a process keeps in memory, read from the catalog's tables."""

from __future__ import annotations

import base64
from sys import intern
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters import connect
from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import array, statement, translated
from shared.search.resident.rows import OfferRow, TitleRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine

ALL = statement(__file__, "page", "title", "../search_prior")
SOME = statement(__file__, "some", "title", "../search_prior")
PAGE = 500
EDGES = 10
"""As many as a walk follows from a title (`shared.search.graph.walk`)."""


class SqlRows:
    """Titles with all that ranking needs of them.

    Args:
        model: Of the vectors that count; titles with another's have none.
        engine: Where they are, the process's own unless said.
        page: Titles of one statement.
    """

    def __init__(self, model: str, engine: Engine | None = None, *, page: int = PAGE) -> None:
        self._model, self._engine, self._page = model, engine, page

    def all(self) -> Iterator[list[TitleRow]]:
        """Yield every living title as of one moment, in the order of ids, page by page.

        Raises:
            UnavailableError: The database does not answer.
        """
        at_once = (self._engine or connect.engine()).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        after = str(UUID(int=0))
        with translated("titles of the snapshot"), at_once.connect() as connection:
            while True:
                given = {"after": after, "most": self._page, **self._bound()}
                found = connection.execute(ALL(), given).scalar_one()
                titles = [*map(_title, orjson.loads(found))]
                if not titles:
                    return
                yield titles
                after = titles[-1].id

    def some(self, ids: Sequence[str]) -> list[TitleRow]:
        """Return those of ``ids`` that live, in any order.

        Raises:
            UnavailableError: The database does not answer.
        """
        titles: list[TitleRow] = []
        for start in range(0, len(ids), self._page):
            given = {"ids": array(ids[start : start + self._page]), **self._bound()}
            (found,) = read(SOME(), given, what="titles that changed", engine=self._engine)
            titles += map(_title, orjson.loads(found.found))
        return titles

    def _bound(self) -> dict[str, Any]:
        return {"model": self._model, "edges": EDGES}


def _title(row: Mapping[str, Any]) -> TitleRow:
    """Return a title; what many say alike is kept once, a fifth of what a catalog takes."""
    return TitleRow(
        id=intern(row["id"]),
        title=row["title"],
        key=row["key"],
        keys=tuple(row["keys"]),
        content_type=row["content_type"],
        year=row["year"],
        runtime=row["runtime"],
        maturity=row["maturity"],
        quality=row["quality"],
        popularity=row["popularity"],
        prior=row["prior"],
        average_rating=row["average_rating"],
        genres=tuple(map(intern, row["genres"])),
        themes=tuple(map(intern, row["themes"])),
        people=tuple(map(intern, row["people"])),
        offers=tuple(_offer(*each) for each in row["offers"] or ()),
        words={intern(word): places for word, places in (row["words"] or {}).items()},
        vector=row["vector"] and base64.b64decode(row["vector"]),
        franchise=row["franchise"],
        called=row["called"],
        edges=tuple((intern(dst), weight) for dst, weight in row["edges"] or ()),
    )


def _offer(  # noqa: PLR0913, PLR0917 - as title.sql writes them
    platform: str,
    region: str,
    offer_type: str,
    audio: Sequence[str],
    since: float,
    starts: float | None,
    ends: float | None,
) -> OfferRow:
    named = (intern(platform), intern(region), intern(offer_type))
    return OfferRow(*named, tuple(audio), since, starts, ends)
