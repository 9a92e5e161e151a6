"""The same titles in PostgreSQL and in arrays: filters, order, figures and counts are the same."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from sqlalchemy import Engine, create_engine, text

from shared.adapters.sql.facets import SqlFacets
from shared.adapters.sql.search import SqlTitles
from shared.catalog.values import OfferType
from shared.kernel import ids
from shared.kernel.clock import FixedClock
from shared.search.facets import in_order
from shared.search.filters import Filters
from shared.search.ports import Hit
from shared.search.resident.facts import Facts
from shared.search.resident.rows import OfferRow, TitleRow
from shared.search.suggest.entries import title_popularity
from tests.unit.search.resident.judge import NOW, TODAY
from tests.unit.search.resident.made import (
    DAYS,
    GENRES,
    PEOPLE,
    PLATFORMS,
    RATINGS,
    REGIONS,
    SPOKEN,
    THEMES,
    asked,
    moment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulators.managed.postgres import Postgres
    from shared.search.ports import Candidate

COUNT = 300
INSERTS = (
    """INSERT INTO content (id, content_type, title, title_key, release_year, runtime_minutes,
         maturity_rank, quality_score, popularity_score, average_rating, content_hash, checked_at,
         created_at, updated_at)
       SELECT id, content_type, title, key, year, runtime, maturity, quality, popularity,
         average_rating, '', now(), now(), now()
       FROM json_to_recordset(:rows) AS t (id uuid, content_type text, title text, key text,
         year smallint, runtime smallint, maturity smallint, quality real, popularity real,
         average_rating real)""",
    """INSERT INTO content_genre (content_id, value, ord)
       SELECT t.id, g.value, g.ord FROM json_to_recordset(:rows) AS t (id uuid, genres json),
         json_array_elements_text(t.genres) WITH ORDINALITY AS g (value, ord)""",
    """INSERT INTO content_theme (content_id, value, ord)
       SELECT t.id, initcap(g.value), g.ord
       FROM json_to_recordset(:rows) AS t (id uuid, themes json),
         json_array_elements_text(t.themes) WITH ORDINALITY AS g (value, ord)""",
    """INSERT INTO credit (content_id, ord, person_name, person_key, role)
       SELECT t.id, g.ord, g.value, g.value, 'actor'
       FROM json_to_recordset(:rows) AS t (id uuid, people json),
         json_array_elements_text(t.people) WITH ORDINALITY AS g (value, ord)""",
    """INSERT INTO availability (content_id, platform, region, offer_type, tier,
         platform_content_id, audio, available_from, first_seen, last_seen, expires_at, source)
       SELECT t.id, o.platform, o.region, o.offer_type, g.ord, '',
         ARRAY(SELECT json_array_elements_text(o.audio)), to_timestamp(o.starts),
         to_timestamp(o.since), now(), to_timestamp(o.ends), 'test'
       FROM json_to_recordset(:rows) AS t (id uuid, offers json),
         json_array_elements(t.offers) WITH ORDINALITY AS g (value, ord),
         json_to_record(g.value) AS o (platform text, region text, offer_type text, audio json,
           since float, starts float, ends float)""",
)


def made(count: int, seed: int = 5) -> list[TitleRow]:
    """Return titles of few values, so that filters meet many."""
    random = Random(seed)
    return [_title(random, number) for number in range(count)]


def _title(random: Random, number: int) -> TitleRow:
    popularity = random.choice([0, 0.1, 0.5, round(random.random(), 4)])
    return TitleRow(
        id=str(ids.named(f"title {number}")),
        title=f"Film {number}",
        key=f"film {number}",
        content_type=random.choice(["movie", "series", "special"]),
        year=random.choice([None, 1925, 1979, 1980, 1989, 1990, 2020, 2029]),
        runtime=random.choice([None, 60, 90, 95, 140]),
        maturity=random.choice([None, 0, 1, 2, 3, 4]),
        quality=random.choice([0, 0.3, 0.6, 0.123456, 1]),
        popularity=popularity,
        prior=_single(title_popularity(float(np.float32(popularity)), None)),
        average_rating=random.choice([None, *RATINGS]),
        genres=_some(random, *GENRES, "Telenovela"),
        themes=_some(random, *THEMES),
        people=_some(random, *PEOPLE),
        offers=tuple(_offer(random) for _ in range(random.randint(0, 4))),
    )


def _single(number: float) -> float:
    """Return a number as PostgreSQL writes it in single precision."""
    return float(str(np.float32(number)))


def _some(random: Random, *values: str) -> tuple[str, ...]:
    return tuple(random.sample(values, random.randint(0, 2)))


def _offer(random: Random) -> OfferRow:
    def any_moment() -> float:
        return moment(random.choice(DAYS), random.randint(-1, 1))

    starts = random.choice([None, any_moment()])
    return OfferRow(
        platform=random.choice(PLATFORMS),
        region=random.choice(REGIONS),
        offer_type=str(random.choice([*OfferType])),
        audio=_some(random, *SPOKEN),
        since=any_moment() if starts is None else starts,
        starts=starts,
        ends=random.choice([None, any_moment()]),
    )


TITLES = made(COUNT)
FACTS = Facts.from_arrays(Facts.build(TITLES).arrays())
IDS = [title.id for title in TITLES]
EVERYONE = np.ones(COUNT, np.bool_)


@pytest.fixture(scope="module")
def store(postgres: Postgres, migrated: str) -> Iterator[Engine]:
    """The titles in tables."""
    rows = orjson.dumps([{**asdict(title), "words": {}} for title in TITLES]).decode()
    with postgres.database(migrated) as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for insert in INSERTS:
                connection.execute(text(insert), {"rows": rows})
        yield engine
        engine.dispose()


def comparable(candidates: Sequence[Candidate]) -> dict[str, dict[str, Any]]:
    """Return candidates by id, whose order is none."""
    return {each.id: asdict(each) for each in candidates}


@given(filters=asked())
def test_the_same_titles_pass_and_say_the_same_of_themselves(
    store: Engine, filters: Filters
) -> None:
    rows = np.flatnonzero(FACTS.passing(filters, NOW)).astype(np.int32)

    found = FACTS.candidates(rows, IDS, filters, NOW)

    expected = SqlTitles(store, FixedClock(TODAY)).candidates(IDS, filters)
    assert comparable(found) == comparable(expected)


@given(filters=asked())
def test_the_most_popular_stand_in_the_same_order(store: Engine, filters: Filters) -> None:
    rows = FACTS.popular(filters, NOW, limit=50, alive=EVERYONE)

    expected = SqlTitles(store, FixedClock(TODAY)).popular(filters, limit=50)
    assert [Hit(IDS[row]) for row in rows] == expected


@given(filters=asked())
def test_the_same_is_counted_of_all_titles(store: Engine, filters: Filters) -> None:
    found = in_order([FACTS.counts(filters, NOW, EVERYONE, None)])

    assert found == SqlFacets(store, FixedClock(TODAY)).facets(None, filters)


@given(filters=asked())
def test_the_same_is_counted_of_some_titles(store: Engine, filters: Filters) -> None:
    rows = np.arange(0, COUNT, 7, dtype=np.int32)

    found = in_order([FACTS.counts(filters, NOW, EVERYONE, rows)])

    assert found == SqlFacets(store, FixedClock(TODAY)).facets(IDS[::7], filters)


def test_the_titles_differ_enough_to_be_told_apart(store: Engine) -> None:
    titles = SqlTitles(store, FixedClock(TODAY))

    passed = [len(titles.candidates(IDS, filters)) for filters in SINGLE]

    assert all(0 < count < COUNT for count in passed)


SINGLE = (
    Filters(genres=("Drama",)),
    Filters(blocked_genres=("Drama",)),
    Filters.model_validate({"content_rating_limit": "PG"}),
    Filters(platforms=("netflix",)),
    Filters(languages=("fr",)),
    Filters(leaving_days=3),
    Filters(added_days=3),
    Filters(keywords=("KÜSTE",)),
    Filters(creators=("Agnès Varda",)),
    Filters(years=("Classic",)),
    Filters(min_rating=4.9999),
    Filters(min_data_quality_score=0.123456),
)
