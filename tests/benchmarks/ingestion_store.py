"""How fast pages of items are resolved and stored, beside the bare inserts of the same rows."""

from __future__ import annotations

import random
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import Engine, create_engine, text

from emulators.managed.postgres import Postgres, PostgresOptions
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.ingest.rows import child_rows, title_row
from shared.adapters.sql.ingest.store import IngestStore, PageInput
from shared.adapters.sql.ingest.write import WRITE_CHILDREN, WRITE_TITLES
from shared.adapters.sql.migrate import upgrade
from shared.adapters.sql.wire import send_at_once
from shared.catalog.item import CanonicalItem, Credit, Offer, Source
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import RawPage
from shared.catalog.values import (
    GENRES,
    ContentType,
    CreditRole,
    ExternalIdType,
    OfferType,
    Quality,
)
from shared.kernel import ids
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.matching.record import record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ITEMS = 5_000
PAGE = 100
BARE_PAGE = 1_000
WORKERS = 4
SEED = 7
AT = datetime(2026, 1, 1, tzinfo=UTC)


def _vocabulary(chance: random.Random) -> list[str]:
    """Return four thousand words that can be spoken."""
    parts = [c + v for c in "bcdfghklmnprstvz" for v in "aeiou"]
    return ["".join(chance.choices(parts, k=chance.randint(2, 4))) for _ in range(4_000)]


def _items(*, people: int) -> list[CanonicalItem]:
    """Return titles as an aggregator tells of them, each another one."""
    chance = random.Random(SEED)
    words = _vocabulary(chance)

    def spoken(least: int, most: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(least, most)))

    return [
        CanonicalItem(
            source=Source(provider="streaming_availability", fetched_at=AT, raw_uri=f"bench#{n}"),
            platform="netflix",
            platform_content_id=str(n),
            region="US",
            title=spoken(1, 4).title(),
            overview=spoken(20, 50),
            content_type=chance.choice((ContentType.MOVIE, ContentType.SERIES)),
            release_year=chance.randint(1950, 2025),
            runtime_minutes=chance.randint(20, 180),
            genres=tuple(chance.sample(GENRES, 3)),
            countries=("US",),
            credits=tuple(
                Credit(name=spoken(2, 2).title(), role=CreditRole.ACTOR, order=place)
                for place in range(people)
            ),
            external_ids={
                ExternalIdType.IMDB: f"tt{n:07d}",
                ExternalIdType.STREAMING_AVAILABILITY: str(n),
            },
            offers=(
                Offer(
                    type=OfferType.SUBSCRIPTION,
                    quality=Quality.HD,
                    link=f"https://www.netflix.com/title/{n}",
                ),
            ),
            user_rating=round(chance.uniform(2, 9), 1),
            vote_count=chance.randint(10, 900_000),
            popularity=round(chance.random(), 3),
        )
        for n in range(ITEMS)
    ]


@contextmanager
def _server() -> Iterator[Postgres]:
    """Yield a server that loses nothing it has acknowledged, as production's does not."""
    room = Path(tempfile.mkdtemp(prefix="mg-bench-pg-"))
    room.chmod(0o755)
    server = Postgres(PostgresOptions(data=room / "data", log=room / "postgres.log", durable=True))
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _database(server: Postgres) -> Iterator[Engine]:
    with server.database() as url:
        engine = create_engine(url, pool_size=WORKERS + 1)
        try:
            upgrade(engine)
            yield engine
        finally:
            engine.dispose()


def _pages(items: Sequence[CanonicalItem], name: str) -> list[PageInput]:
    return [
        PageInput(
            cause=Event(
                event_id=ids.named(name, str(start)),
                event_type="title.normalized",
                occurred_at=AT,
                correlation_id=name,
                data={},
            ),
            run_id=name,
            raw_uri=f"{name}/{start}",
            platform="netflix",
            region="US",
            items=items[start : start + PAGE],
        )
        for start in range(0, len(items), PAGE)
    ]


def _rate(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return ITEMS / (perf_counter() - begun)


def _bare(engine: Engine, items: Sequence[CanonicalItem]) -> float:
    """Insert the same rows without looking anything up: one JSON parameter a table."""
    made = ids.TimeOrderedIds(SystemClock())
    batches = []
    for start in range(0, len(items), BARE_PAGE):
        records = {made.new(): record_of(item) for item in items[start : start + BARE_PAGE]}
        rows = json_text([title_row(key, record) for key, record in records.items()])
        children = {name: json_text(found) for name, found in child_rows(records, AT).items()}
        batches.append((rows, children))

    def insert() -> None:
        for rows, children in batches:
            with engine.begin() as connection:
                send_at_once(connection)
                connection.execute(WRITE_TITLES(), {"rows": rows, "now": AT.isoformat()})
                connection.execute(WRITE_CHILDREN(), children)

    return _rate(insert)


def _measured(server: Postgres, what: str, *, people: int) -> list[tuple[str, str, str]]:
    items = _items(people=people)
    with _database(server) as engine:
        bare = _bare(engine, items)
    with _database(server) as engine:
        store = IngestStore(engine)
        first = _rate(lambda: [store.ingest_page(page) for page in _pages(items, "first")])
        again = _rate(lambda: [store.ingest_page(page) for page in _pages(items, "again")])
    with _database(server) as engine, ThreadPoolExecutor(WORKERS) as pool:
        store = IngestStore(engine)
        side = _rate(lambda: list(pool.map(store.ingest_page, _pages(items, "side"))))
    figure = f"{bare:,.0f} items/s inserted only"
    return [
        (f"resolve + persist, new titles, {what}, one process", f"{first:,.0f} items/s", figure),
        (f"the same with {WORKERS} pages at a time", f"{side:,.0f} items/s", figure),
        ("the same page again, nothing changed", f"{again:,.0f} items/s", figure),
    ]


def _raw_page(items: Sequence[CanonicalItem]) -> RawPage:
    """Return items as rows of a JustWatch export, the form they are normalized from."""
    rows = [
        {
            "id": f"tm{item.platform_content_id}",
            "title": item.title,
            "type": "MOVIE" if item.content_type is ContentType.MOVIE else "SHOW",
            "description": item.overview,
            "release_year": str(item.release_year),
            "runtime": str(item.runtime_minutes),
            "genres": str(list(item.genres)),
            "production_countries": "['US']",
            "imdb_id": item.external_ids[ExternalIdType.IMDB],
            "imdb_score": str(item.user_rating),
            "imdb_votes": str(item.vote_count),
        }
        for item in items
    ]
    return RawPage(
        provider="generic",
        platform="netflix",
        region="US",
        preset="justwatch",
        fetched_at=AT,
        records=rows,
    )


def _from_raw(server: Postgres) -> tuple[str, str, str]:
    """Measure the three steps of the target in a row, page by page, in one process."""
    items = _items(people=0)
    raw = [_raw_page(items[start : start + PAGE]) for start in range(0, ITEMS, PAGE)]
    with _database(server) as engine:
        store = IngestStore(engine)
        pages = _pages(items, "raw")

        def work() -> None:
            for page, records in zip(pages, raw, strict=True):
                normalized = normalize_page(records, page.raw_uri)
                store.ingest_page(replace(page, items=normalized.items))

        figure = f"{_rate(work):,.0f} items/s"
        with engine.connect() as connection:
            stored = connection.execute(text("SELECT count(*) FROM content")).scalar_one()
    what = f"normalize + resolve + persist, {stored:,} titles stored (target ≥ 1,500 items/s)"
    return what, figure, "the stages alone: below, and the table normalize"


def run() -> list[tuple[str, str, str]]:
    """Return (what, measured, bare operation) per line, on a server that syncs every commit."""
    with _server() as server:
        return [
            _from_raw(server),
            *_measured(server, "no credits", people=0),
            *_measured(server, "8 credits each", people=8),
        ]


if __name__ == "__main__":
    for line in run():
        print(" | ".join(line))  # noqa: T201 - a benchmark speaks
