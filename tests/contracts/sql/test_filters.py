"""Filters and facets, from SQL and from memory, against a scan by hand, over random filters."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from shared.adapters.sql.facets import SqlFacets
from shared.adapters.sql.resident.rows import SqlRows
from shared.adapters.sql.search import SqlDocuments, SqlTitles, WordRetriever
from shared.catalog.values import ContentType, OfferType
from shared.kernel.clock import FixedClock
from shared.search.facets import Facet, FacetValue, chosen, counted, widened
from shared.search.filters import Filters, GenreMatch, RatingBand
from shared.search.maturity import RatingLimit
from shared.search.ports import Asked
from shared.search.resident.catalog import Catalog
from shared.search.resident.part import Part
from shared.search.resident.serving import ResidentFacets, ResidentTitles, ResidentWords
from tests.fakes import catalog
from tests.fakes.filtered import (
    AUDIO,
    GENRES_USED,
    HIDDEN,
    OF_OFFER,
    OF_TITLE,
    PEOPLE,
    PLATFORMS,
    REGIONS,
    THEMES,
    TODAY,
    passes,
    titles,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres
    from shared.search.ports import Hit

HIDE = """UPDATE availability SET hidden_at = now() FROM content
WHERE content.id = content_id AND title = ANY (:titles)"""
DECADES = ("2020s", "2010s", "2000s", "1990s", "1980s", "Classic")
TITLES = titles()


def some(*values: Any) -> st.SearchStrategy[tuple[Any, ...]]:  # noqa: ANN401 - values of any field
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "genres": some(*GENRES_USED),
    "genre_match": st.sampled_from(GenreMatch),
    "blocked_genres": some(*GENRES_USED),
    "content_rating_limit": st.sampled_from(RatingLimit),
    "allow_unrated": st.just(value=True),
    "platforms": some(*PLATFORMS),
    "region": some(*REGIONS),
    "content_types": some(ContentType.MOVIE, ContentType.SERIES),
    "availability_types": some(*OfferType),
    "free_only": st.just(value=True),
    "year_from": st.integers(1960, 1999),
    "year_to": st.integers(1999, 2030),
    "years": some(*DECADES),
    "min_runtime": st.integers(50, 95),
    "max_runtime": st.integers(95, 150),
    "min_rating": st.integers(0, 7),
    "max_rating": st.integers(7, 10),
    "ratings": some(*RatingBand),
    "languages": some("fr", "es", *AUDIO),
    "keywords": some(*THEMES),
    "creators": some(*PEOPLE),
    "leaving_days": st.integers(1, 30),
    "added_days": st.integers(1, 45),
}


@st.composite
def asked(draw: st.DrawFn, most: int = 4) -> Filters:
    """Return filters of which at most so many ask for something."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=most, unique=True))
    return Filters(**{name: draw(VALUES[name]) for name in names})


class Store:
    """The titles in PostgreSQL, or kept in this process once they were read from there."""

    def __init__(self, engine: Engine, *, resident: bool) -> None:
        self.engine, clock = engine, FixedClock(TODAY)
        self._catalog = Catalog(()) if resident else None
        self.titles = ResidentTitles(self._current, SqlTitles(engine, clock), clock)
        self.words = ResidentWords(self._current, WordRetriever(engine, clock), clock)
        self.facets = ResidentFacets(self._current, SqlFacets(engine, clock), clock)
        self.renew()
        everything = self.titles.popular(Filters(), limit=1000)
        self.ids = [hit.content_id for hit in everything]
        self.names = {each.id: each.title for each in self.titles.candidates(self.ids, Filters())}
        assert len(self.ids) == len(TITLES)

    def _current(self) -> Catalog | None:
        return self._catalog

    def renew(self) -> None:
        """Read the titles again, where they are kept: half of them as a change of the others."""
        if self._catalog is None:
            return
        titles = [title for page in SqlRows("any@1", self.engine).all() for title in page]
        older = Catalog((Part.build(titles[: len(titles) * 2 // 3]),))
        newer = titles[len(titles) // 3 :]
        self._catalog = older.with_changes(newer, {title.id for title in newer})

    def popular(self, filters: Filters) -> set[str]:
        """Return the names of what an empty search lists."""
        return {self.names[h.content_id] for h in self.titles.popular(filters, limit=1000)}

    def judged(self, filters: Filters) -> set[str]:
        """Return the names of what the re-check of every retriever's hits lets through."""
        return {each.title for each in self.titles.candidates(self.ids, filters)}

    def shown(self, filters: Filters) -> set[str]:
        """Return the names of what is let through to be shown."""
        return {self.names[id_] for id_ in self.titles.cards(self.ids, filters)}


@pytest.fixture(scope="module")
def engine(postgres: Postgres, migrated: str) -> Iterator[Engine]:
    """A database with the titles, stored as the product does."""
    with postgres.database(migrated) as url:
        made = create_engine(url, isolation_level="AUTOCOMMIT")
        items = [item for items in TITLES.values() for item in items]
        catalog.ingest(made.execution_options(isolation_level="READ COMMITTED"), items)
        with made.connect() as connection:
            connection.execute(text(HIDE), {"titles": sorted(HIDDEN)})
        yield made
        made.dispose()


@pytest.fixture(scope="module", params=[False, True], ids=["sql", "resident"])
def store(engine: Engine, request: pytest.FixtureRequest) -> Store:
    """The titles, read from the database each time or kept in this process."""
    return Store(engine, resident=request.param)


SIX_AT_ONCE = [
    filters
    for items in TITLES.values()
    for item in items
    if item.genres and item.release_year
    for filters in [
        Filters(
            genres=item.genres[:1],
            platforms=(item.platform, "unheard_of"),
            region=(item.region,),
            year_from=item.release_year - 10,
            content_rating_limit=RatingLimit.R,
            free_only=True,
        )
    ]
    if passes(items, filters)
]
"""Each made from a title that it lets through."""


def scan(filters: Filters) -> set[str]:
    return {name for name, title in TITLES.items() if passes(title, filters)}


def test_every_filter_is_tried_and_judged_by_hand() -> None:
    untold = {"min_data_quality_score"}  # a record has no score before it is enriched
    assert (
        VALUES.keys() == OF_TITLE.keys() | OF_OFFER.keys() == Filters.model_fields.keys() - untold
    )


@given(filters=asked())
def test_filters_let_through_exactly_what_a_scan_does(store: Store, filters: Filters) -> None:
    expected = scan(filters)

    assert store.popular(filters) == expected
    assert store.judged(filters) == expected
    assert store.shown(filters) == expected


@pytest.mark.parametrize("match", GenreMatch)
def test_of_two_genres_either_is_enough_or_both_are_needed(store: Store, match: GenreMatch) -> None:
    pairs = [Filters(genres=two, genre_match=match) for two in combinations(GENRES_USED, 2)]
    found = [store.popular(filters) for filters in pairs]

    assert any(found)
    assert found == [scan(filters) for filters in pairs]


@pytest.mark.behavior("search:11:4")
def test_six_filters_at_once_find_what_a_scan_finds(store: Store) -> None:
    found = [store.popular(filters) for filters in SIX_AT_ONCE]

    assert all(found)
    assert found == [scan(filters) for filters in SIX_AT_ONCE]


@given(filters=asked(most=3))
def test_a_facets_counts_are_the_sizes_of_the_results_of_choosing_its_values(
    store: Store, filters: Filters
) -> None:
    found = store.facets.facets(None, filters)

    for facet in Facet:
        counted = {each.value: each.count for each in getattr(found, facet)}
        assert all(
            len(scan(chosen(filters, facet, value))) == count for value, count in counted.items()
        )
        possible = {"genres": GENRES_USED, "platforms": PLATFORMS, "years": DECADES}
        for value in possible.get(facet, RatingBand):
            assert value in counted or not scan(chosen(filters, facet, value))


@given(filters=asked(most=3))
def test_among_what_a_search_found_nothing_else_is_counted(store: Store, filters: Filters) -> None:
    found = [hit.content_id for hit in store.titles.popular(widened(filters), limit=1000)][:20]
    names = {store.names[id_] for id_ in found}

    years = store.facets.facets(found, filters).years

    assert years == [
        FacetValue(decade, count)
        for decade in DECADES
        if (count := len(names & scan(chosen(filters, Facet.YEARS, decade))))
    ]


@given(filters=asked(most=3))
def test_counts_among_what_words_find_are_the_sizes_of_searches(
    store: Store, filters: Filters
) -> None:
    def search(filters: Filters) -> Sequence[Hit]:
        return store.words.retrieve(Asked("seven", filters), limit=100)

    found = counted({"keyword": search(widened(filters))}, filters, depth=100, counts=store.facets)

    assert 0 < len(search(Filters())) < 100
    assert not found.is_estimate
    for facet in Facet:
        for each in getattr(found, facet):
            assert len(search(chosen(filters, facet, each.value))) == each.count


def test_a_records_quality_counts_from_none_upward(store: Store) -> None:
    def found(least: float) -> set[str]:
        return store.popular(Filters(min_data_quality_score=least))

    id_, name = store.ids[0], store.names[store.ids[0]]
    with store.engine.connect() as connection:
        SqlDocuments.keep_quality(connection, {UUID(id_): 0.6})
    store.renew()

    assert found(0) == set(TITLES)
    assert found(0.6) == {name}
    assert found(0.61) == set()
