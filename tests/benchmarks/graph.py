"""What the graph costs: its edges at night, a walk and the telling apart of results by day.

The titles are made up: their vectors mix three of 2,000 directions, half of them have a director of
some ten titles, all have three of many actors, of whom a few play everywhere (Zipf), and themes by
the same law. They say nothing about whether neighbors are good; docs/graph.md does.
"""

from __future__ import annotations

import base64
import shutil
import tempfile
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import numpy as np
import orjson
import pytest
from sqlalchemy import text

from emulators.managed.postgres import Postgres, PostgresOptions
from shared.adapters import connect
from shared.adapters.sql.graph.reads import SqlEdges, SqlTraits
from shared.adapters.sql.graph.store import SqlGraph, nodes
from shared.adapters.sql.migrate import upgrade
from shared.adapters.sql.resident.rows import SqlRows
from shared.kernel.vectors import normalize
from shared.search.diversity import diversified
from shared.search.graph.build import Builder
from shared.search.graph.walk import GraphRetriever, reached
from shared.search.ports import Asked, Candidate, Seed
from shared.search.ranking import Ranked
from shared.search.resident.catalog import Catalog
from shared.search.resident.part import Part
from tests.benchmarks.machine import Row, percentiles
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.random import Generator

Made = TypeVar("Made")
TITLES = 10_000
BATCH = 2000
DIMENSION = 384
DIRECTIONS = 2000
CALLS = 200
SEEDS = 18
"""As many as a search has: named ones, the best by words, and a viewer's own."""
WIDE = 100
"""Seeds from which a walk reaches as many titles as it may, some 1,000."""
TARGET = " (target ≤ 20 ms)"
SHOWN = 50
SEED = 7
MODEL = "made@1"
WRITE = (
    """
    INSERT INTO content
      (id, content_type, title, title_key, content_hash, checked_at, created_at, updated_at)
    SELECT r.id, 'movie', r.title, r.title, '', now(), now(), now()
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, title text)
    """,
    """
    INSERT INTO credit (content_id, ord, person_name, person_key, role)
    SELECT r.id, p.ord, p.value, p.value, CASE WHEN p.ord > 1 THEN 'actor' ELSE 'director' END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, people jsonb)
    CROSS JOIN LATERAL jsonb_array_elements_text(r.people) WITH ORDINALITY AS p (value, ord)
    """,
    """
    INSERT INTO content_theme (content_id, value, ord)
    SELECT DISTINCT ON (r.id, t.value) r.id, t.value, t.ord
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, themes jsonb)
    CROSS JOIN LATERAL jsonb_array_elements_text(r.themes) WITH ORDINALITY AS t (value, ord)
    """,
    """
    INSERT INTO content_genre (content_id, value, ord)
    SELECT r.id, r.genre, 0 FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, genre text)
    """,
    """
    INSERT INTO content_embedding (content_id, model, text_hash, vector, updated_at)
    SELECT r.id, 'made@1', '', decode(r.vector, 'base64'), now()
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, vector text)
    """,
)


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    rng = np.random.default_rng(SEED)
    with _catalog():
        ids = _load(rng)
        rows = _night()
        with connect.reads().connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
            one = text("SELECT 1")
            bare = percentiles(_timed(lambda: connection.execute(one).scalar_one()))
        return [*rows, *_walks(ids, rng, bare), *_results(ids, rng, bare)]


@contextmanager
def _catalog() -> Iterator[None]:
    """Let this process work on a database of its own, in a server that loses nothing."""
    room = Path(tempfile.mkdtemp(prefix="mg-bench-pg-"))
    room.chmod(0o755)
    server = Postgres(PostgresOptions(data=room / "data", log=room / "postgres.log", durable=True))
    try:
        server.start()
        with (
            server.database() as url,
            pytest.MonkeyPatch.context() as patch,
            surroundings(url, room, patch),
        ):
            upgrade(connect.engine())
            yield
    finally:
        server.stop()
        shutil.rmtree(room, ignore_errors=True)


def _load(rng: Generator) -> list[str]:
    directions = normalize(rng.normal(size=(DIRECTIONS, DIMENSION)))
    made = [_title(rng, directions) for _ in range(TITLES)]
    for start in range(0, TITLES, BATCH):
        rows = orjson.dumps(made[start : start + BATCH]).decode()
        with connect.engine().begin() as connection:
            for write in WRITE:
                connection.execute(text(write), {"rows": rows})
    return [title["id"] for title in made]


def _title(rng: Generator, directions: np.typing.NDArray[np.float32]) -> dict[str, Any]:
    shares = rng.dirichlet((1.0, 1.0, 1.0)).astype(np.float32)
    vector = normalize(shares @ directions[rng.integers(0, DIRECTIONS, 3)])
    actors = [f"a{number % TITLES}" for number in rng.zipf(1.3, 3)]
    director = f"d{rng.integers(TITLES // 10)}"
    return {
        "id": str(UUID(bytes=rng.bytes(16), version=4)),
        "title": f"n{rng.integers(TITLES * 10)}",
        "people": [director, *actors],
        "themes": [f"t{number % TITLES}" for number in rng.zipf(1.3, 6)],
        "genre": f"g{rng.integers(20)}",
        "vector": base64.b64encode(vector.astype("<f4").tobytes()).decode(),
    }


def _night() -> list[Row]:
    """Measure the job's steps, and a second run in which nothing changed."""
    found, reading = _took(lambda: list(nodes(MODEL)))
    builder, counting = _took(lambda: Builder(found))
    blocks, joining = _took(lambda: list(builder.blocks()))
    written, writing = _took(lambda: sum(map(SqlGraph().keep, blocks)))
    _, again = _took(lambda: sum(map(SqlGraph().keep, blocks)))
    bare, _ = _took(lambda: _products(builder))
    return [
        (
            f"{written:,} edges of {TITLES:,} titles: read, build, write",
            f"{reading:.1f}, {counting + joining:.1f}, {writing:.1f} s",
            f"all dot products alone: {bare:.1f} s",
        ),
        ("writing them again, nothing changed", f"{again:.1f} s", f"first time: {writing:.1f} s"),
    ]


def _products(builder: Builder) -> float:
    began = perf_counter()
    for start in range(0, TITLES, 500):
        _ = builder._vectors[start : start + 500] @ builder._vectors.T
    return perf_counter() - began


def _walks(ids: Sequence[str], rng: Generator, bare: str) -> list[Row]:
    catalog = Catalog((Part.build([*chain.from_iterable(SqlRows(MODEL).all())]),))
    rows = [
        row
        for seeds in (1, SEEDS, WIDE)
        for row in _walked(catalog, [_seeds(ids, rng, seeds) for _ in range(CALLS)], bare)
    ]
    return [(f"walk from {what}", ours, theirs) for what, ours, theirs in rows]


def _seeds(ids: Sequence[str], rng: Generator, number: int) -> tuple[Seed, ...]:
    return tuple(Seed(ids[at]) for at in rng.choice(TITLES, number, replace=False))


def _walked(catalog: Catalog, asked: Sequence[tuple[Seed, ...]], bare: str) -> list[Row]:
    """Return the rows of walks from memory, as a search takes them, and from SQL."""
    sql, memory = GraphRetriever(SqlEdges()), GraphRetriever(catalog)
    steps = sql._around(asked[0])
    edges, titles = len(steps.dsts), len(reached(asked[0], steps).ids)
    twice = [*asked, *asked]
    from_sql = percentiles(_timed(partial(_walk, sql, iter(twice))))
    from_memory = percentiles(_timed(partial(_walk, memory, iter(twice)), thread_time))
    alone = percentiles(_timed(lambda: reached(asked[0], steps), thread_time))
    what = f"{len(asked[0])} seed(s) along {edges:,} edges to {titles:,} titles{TARGET}"
    return [
        (
            f"{what}, from memory, processor time",
            from_memory,
            f"scores of its paths alone: {alone}",
        ),
        (f"{what}, from SQL", from_sql, f"SELECT 1: {bare}"),
    ]


def _walk(retriever: GraphRetriever, turn: Iterator[tuple[Seed, ...]]) -> object:
    return retriever.retrieve(Asked("", seeds=next(turn)), limit=SHOWN)


def _results(ids: Sequence[str], rng: Generator, bare: str) -> list[Row]:
    found = [
        Ranked(_candidate(id_), 1 - n / 100, {}, exact=False) for n, id_ in enumerate(ids[:SHOWN])
    ]
    traits = SqlTraits().traits(ids[:SHOWN])
    shown = iter([[ids[at] for at in rng.integers(0, TITLES, SHOWN)] for _ in range(2 * CALLS)])
    reads = _timed(lambda: SqlTraits().traits(next(shown)))
    telling = _timed(lambda: diversified(found, traits))
    return [
        (f"traits of {SHOWN} titles, vectors included", percentiles(reads), f"SELECT 1: {bare}"),
        (
            f"{SHOWN} results told apart (target < 1 ms)",
            percentiles(telling),
            f"their cosines alone: {percentiles(_timed(lambda: _cosines(traits)))}",
        ),
    ]


def _candidate(id_: str) -> Candidate:
    return Candidate(id_, "", 2000, frozenset(), 0.5, 0.5, None)


def _cosines(traits: Any) -> object:  # noqa: ANN401 - traits by id
    rows = np.array([each.vector for each in traits.values()])
    return rows @ rows.T


def _took(
    work: Callable[[], Made], clock: Callable[[], float] = perf_counter
) -> tuple[Made, float]:
    began = clock()
    made = work()
    return made, clock() - began


def _timed(call: Callable[[], object], clock: Callable[[], float] = perf_counter) -> list[float]:
    """Return the seconds of each call, after a tenth as many that warm up."""
    for _ in range(CALLS // 10):
        call()
    return [_took(call, clock)[1] for _ in range(CALLS)]
