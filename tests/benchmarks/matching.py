"""How fast records find their titles among 60,000, and how fast a known listing is looked up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from shared.adapters.sql.ingest.lookups import look_up
from shared.adapters.sql.ingest.page import seen
from shared.adapters.sql.ingest.store import IngestStore
from shared.catalog.values import GENRES, ContentType
from shared.kernel.ids import CountingIds
from shared.matching.directory import Directory
from shared.matching.facts import facts_of
from shared.matching.resolve import resolve
from tests.benchmarks import ingestion_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from shared.catalog.item import CanonicalItem
    from tests.benchmarks.machine import Row

TITLES = 60_000
RECORDS = 10_000
LOOKUPS = 300
SEED = 5


@dataclass(frozen=True)
class _World:
    """Titles of words that can be spoken, and what other platforms say of them."""

    titles: list[CanonicalItem]
    records: list[CanonicalItem]


def _world() -> _World:
    chance = random.Random(SEED)
    words = ingestion_store._vocabulary(chance)
    sample = ingestion_store._items(people=2)[0]
    titles = [
        sample.model_copy(
            update={
                "platform_content_id": str(n),
                "title": " ".join(chance.choices(words, k=chance.randint(1, 4))).title(),
                "content_type": chance.choice((ContentType.MOVIE, ContentType.SERIES)),
                "release_year": chance.randint(1950, 2025),
                "runtime_minutes": chance.randint(20, 180),
                "genres": tuple(chance.sample(GENRES, 2)),
                "external_ids": {},
            }
        )
        for n in range(TITLES)
    ]
    return _World(titles, [_said_elsewhere(one, chance) for one in chance.sample(titles, RECORDS)])


def _said_elsewhere(one: CanonicalItem, chance: random.Random) -> CanonicalItem:
    """Return a title as another platform tells of it: a letter lost now and then, a year off."""
    at = chance.randrange(len(one.title))
    lost = chance.random() < 0.2 and len(one.title) > 1
    title = one.title[:at] + one.title[at + 1 :] if lost else one.title
    year = (one.release_year or 0) + (chance.random() < 0.1)
    changed = {"platform": "hulu", "title": title, "release_year": year, "overview": None}
    return one.model_copy(update=changed)


def _resolved_per_second() -> tuple[float, float]:
    """Return records a second among 60,000 titles, and the share that found theirs."""
    world, directory = _world(), Directory()
    made = CountingIds(0)
    for title in world.titles:
        directory.add(made.new(), facts_of(title))
    fresh = CountingIds(TITLES)
    begun = perf_counter()
    found = [resolve(one, directory, fresh).content_id.int for one in world.records]
    seconds = perf_counter() - begun
    right = sum(int(r.platform_content_id) == f for r, f in zip(world.records, found, strict=True))
    return RECORDS / seconds, right / RECORDS


def _looked_up(engine: Engine) -> tuple[list[float], list[float]]:
    """Return milliseconds of looking up a known listing, and what a new name may meet."""
    items = ingestion_store._items(people=2)
    store = IngestStore(engine)
    for page in ingestion_store._pages(items, "first"):
        store.ingest_page(page)
    chance = random.Random(SEED)
    known = [items[chance.randrange(len(items))] for _ in range(LOOKUPS)]
    new = [one.model_copy(update={"platform": "hulu", "external_ids": {}}) for one in known]
    return _timed(engine, known), _timed(engine, new)


def _timed(engine: Engine, items: Sequence[CanonicalItem]) -> list[float]:
    taken = []
    with engine.connect() as connection:
        for one in items:
            page = [seen(one)]
            begun = perf_counter()
            look_up(connection, page)
            taken.append((perf_counter() - begun) * 1000)
    return sorted(taken)


def run() -> list[Row]:
    """Measure."""
    rate, right = _resolved_per_second()
    with ingestion_store._server() as server, ingestion_store._database(server) as engine:
        known, new = _looked_up(engine)
    titles = f"{ingestion_store.ITEMS:,} titles stored"
    return [
        (
            f"resolve among {TITLES:,} titles in memory",
            f"{rate:,.0f} records/s",
            f"{right:.1%} found their title",
        ),
        ("a known listing, from SQL", _percentiles(known), titles),
        ("candidates of a new listing, from SQL", _percentiles(new), titles),
    ]


def _percentiles(taken: Sequence[float]) -> str:
    middle, late = taken[len(taken) // 2], taken[int(0.95 * len(taken))]
    return f"p50 {middle:.1f} ms, p95 {late:.1f} ms"
