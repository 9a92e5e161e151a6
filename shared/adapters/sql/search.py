"""Search's side of the catalogue: words, every hard filter, and vectors."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.sql.filtering import CANDIDATES, CARDS, POPULAR, WORDS, bound
from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import array, statement, translated
from shared.catalog.hosting import shown
from shared.catalog.values import OfferType
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.text import title_key
from shared.search.indexing import FLOATS, to_entry
from shared.search.ports import Candidate, Card, Hit
from shared.search.words import (
    FEW_MATCHES,
    all_words,
    any_in_titles,
    any_word,
    each_word,
    in_titles,
    some_words,
    telling_words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.search.filters import Filters
    from shared.search.indexing import Entry, NewVector
    from shared.search.ports import Asked

MATCH_CAP = 500
"""Most matches of one leg that are ranked; beyond it full-text search has no early stop."""
OFFER_TYPES = {str(kind): kind for kind in OfferType}


class SqlTitles:
    """`shared.search.ports.Titles` in table ``content``; one statement a call."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """Return those of ``ids`` that exist and pass every hard filter, in any order."""
        if not ids:
            return []
        given = {"ids": array(ids), **bound(filters, self._clock.now())}
        (found,) = read(CANDIDATES(), given, what="titles", engine=self._engine)
        return [_candidate(row) for row in orjson.loads(found.found)]

    def cards(self, ids: Sequence[str], filters: Filters) -> Mapping[str, Card]:
        """Return what there is to show of those of ``ids`` that pass every hard filter now."""
        if not ids:
            return {}
        given = {"ids": array(ids), **bound(filters, self._clock.now())}
        (found,) = read(CARDS(), given, what="titles", engine=self._engine)
        return {row["id"]: _card(row) for row in orjson.loads(found.found)}

    def popular(self, filters: Filters, *, limit: int) -> Sequence[Hit]:
        """Return the most popular titles that pass every hard filter, best first."""
        given = {"limit": limit, **bound(filters, self._clock.now())}
        rows = read(POPULAR(), given, what="titles", engine=self._engine)
        return [Hit(str(row.id)) for row in rows]


class WordRetriever:
    """`shared.search.ports.Retriever` by full text in ``content.search_tsv``."""

    name = "keyword"

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return titles that have the words, exact titles first, at most ``limit``."""
        words = telling_words(asked.text)
        if not words:
            return []
        given = {
            "key": title_key(asked.text),
            "title_words": in_titles(words),
            "all_words": all_words(words),
            "some_words": some_words(words),
            "any_in_titles": any_in_titles(words),
            "any_word": any_word(words),
            "each_word": each_word(words),
            "cap": MATCH_CAP,
            "few": FEW_MATCHES,
            "limit": limit,
            **bound(asked.filters, self._clock.now()),
        }
        (found,) = read(WORDS(), given, what="words", engine=self._engine)
        return [
            Hit(id_, exact=exact, phrase=phrase, complete=complete)
            for id_, exact, phrase, complete in orjson.loads(found.found)
        ]


def _with_vector(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with its vector as bytes instead of base64."""
    written = row["vector"]
    return row | {"vector": None if written is None else base64.b64decode(written)}


@lru_cache(1024)
def _offer_types(written: str) -> frozenset[OfferType]:
    """Return the kinds in a list with commas; few lists occur, and most titles share them."""
    return frozenset(OFFER_TYPES[kind] for kind in written.split(",") if kind)


def _candidate(row: dict[str, Any]) -> Candidate:
    return Candidate(
        id=row["id"],
        title=row["title"],
        release_year=row["release_year"],
        offer_types=_offer_types(row["offer_types"] or ""),
        popularity=row["popularity"],
        quality=row["quality"],
        average_rating=row["average_rating"],
        prior=row["prior"],
    )


def _card(row: dict[str, Any]) -> Card:
    return Card(
        overview=row["overview"],
        content_type=row["content_type"],
        genres=tuple(row["genres"] or ()),
        platforms=tuple(row["platforms"] or ()),
        maturity_rank=row["maturity_rank"],
        images=tuple(shown(row["id"], row["images"] or ())),
    )


DOCUMENTS = statement(__file__, "search_documents")
KEEP_VECTORS = statement(__file__, "search_keep_vectors")
KEEP_QUALITY = statement(__file__, "search_keep_quality")


class SqlDocuments:
    """Titles as retrieval sees them, and their vectors."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def read(self, connection: Connection, ids: Sequence[UUID]) -> list[Entry]:
        """Return what there is about those of ``ids`` that exist."""
        given = {"ids": orjson.dumps(ids).decode(), "now": self._clock.now()}
        with translated("documents"):
            found = connection.execute(DOCUMENTS(), given).scalar_one()
        return [to_entry(_with_vector(row)) for row in orjson.loads(found)]

    def keep_vectors(
        self, connection: Connection, model: str, vectors: Mapping[UUID, NewVector]
    ) -> None:
        """Keep vectors by title; their titles count as embedded, not as changed."""
        rows = [
            {
                "content_id": id_,
                "text_hash": new.text_hash,
                "vector": base64.b64encode(new.vector.astype(FLOATS).tobytes()).decode(),
            }
            for id_, new in vectors.items()
        ]
        given = {"rows": orjson.dumps(rows).decode(), "model": model, "now": self._clock.now()}
        with translated("vectors"):
            connection.execute(KEEP_VECTORS(), given)

    @staticmethod
    def keep_quality(connection: Connection, scores: Mapping[UUID, float]) -> None:
        """Keep quality scores by title, 0 to 1; only what changed is written."""
        rows = [{"content_id": id_, "quality": score} for id_, score in scores.items()]
        with translated("quality"):
            connection.execute(KEEP_QUALITY(), {"rows": orjson.dumps(rows).decode()})
