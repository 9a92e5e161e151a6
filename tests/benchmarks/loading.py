"""Puts made-up titles into a cloud's PostgreSQL and vector index, past the pipeline."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import create_engine, text

from shared.adapters import connect
from shared.adapters.sql import ingest
from shared.adapters.sql.search import SqlDocuments
from shared.adapters.sql.statement import statement
from shared.adapters.vector_search import VertexVectorIndex
from shared.kernel.clock import SystemClock
from shared.kernel.text import title_key, words
from shared.search.document import datapoint, embedding_text, text_hash
from shared.search.indexing import NewVector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.search.ports import Vector
    from tests.benchmarks.titles import MadeTitle

WRITE_TITLES = statement(ingest.__file__, "write_titles")
WRITE_NAMES = text("""
  INSERT INTO content_title (content_id, locale, title, title_key)
  SELECT id, 'main', title, title_key
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, title text, title_key text)
""")
WRITE_GENRES = text("""
  INSERT INTO content_genre (content_id, value, ord)
  SELECT r.id, g.value, g.ord
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, genres jsonb)
  CROSS JOIN LATERAL jsonb_array_elements_text(r.genres) WITH ORDINALITY AS g (value, ord)
""")
WRITE_OFFERS = text("""
  INSERT INTO availability
    (content_id, platform, region, offer_type, platform_content_id, first_seen, last_seen, source)
  SELECT r.id, split_part(o, ':', 1), split_part(o, ':', 2), 'subscription', r.id,
    CAST(:now AS timestamptz), CAST(:now AS timestamptz), 'made'
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, offers jsonb)
  CROSS JOIN LATERAL jsonb_array_elements_text(r.offers) AS o
""")


def load_titles(made: Sequence[MadeTitle], vectors: Vector, model: str) -> None:
    """Store titles with their vectors, and make them points of the index."""
    rows = orjson.dumps([_row(title) for title in made]).decode()
    bound = {"rows": rows, "now": SystemClock().now()}
    new = {
        title.document.id: NewVector(text_hash(embedding_text(title.document)), vector)
        for title, vector in zip(made, vectors, strict=True)
    }
    with connect.engine().begin() as connection:
        for write in (WRITE_TITLES(), WRITE_NAMES, WRITE_GENRES, WRITE_OFFERS):
            connection.execute(write, _named_in(write.text, bound))
        SqlDocuments().keep_vectors(connection, model, new)
        _keep_quality(connection, made)
    points = [datapoint(t.document, new[t.document.id].vector, model) for t in made]
    VertexVectorIndex().upsert(points)


def analyze() -> None:
    """Let PostgreSQL clean up and count what was loaded, as autovacuum does in its own time."""
    # Not one of the product's engines: these wait ten seconds for an answer, too short for this.
    engine = create_engine(connect.addresses().database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _named_in(sql: str, bound: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in bound.items() if f":{name}" in sql}


def _keep_quality(connection: Connection, made: Sequence[MadeTitle]) -> None:
    SqlDocuments.keep_quality(connection, {t.document.id: t.document.quality for t in made})


def _row(made: MadeTitle) -> dict[str, Any]:
    document = made.document
    return {
        "id": str(document.id),
        "content_type": document.content_type,
        "title": document.title,
        "title_key": title_key(document.title),
        "overview": document.overview,
        "release_year": document.release_year,
        "runtime_minutes": made.runtime,
        "countries": ["US"],
        "popularity_score": made.popularity,
        "average_rating": document.average_rating,
        "is_original": False,
        "sample": False,
        "words_a": " ".join(words(document.title)),
        "words_b": " ".join(words(" ".join(made.people))),
        "words_c": " ".join(words(" ".join(document.genres))),
        "words_d": " ".join(words(document.overview or "")),
        "hash": hashlib.sha256(document.id.bytes).hexdigest()[:32],
        "genres": list(document.genres),
        "offers": list(document.offers),
    }
