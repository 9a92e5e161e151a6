"""Workers that meet the same new title at the same moment."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from shared.adapters.sql.ingest.store import IngestStore, Outcome, PageInput
from shared.catalog.values import ContentType, ExternalIdType
from tests.contracts.sql.conftest import RUN, URI, cause
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.catalog.item import CanonicalItem
    from tests.contracts.sql.conftest import Catalog

WORKERS = 20
IMDB, TMDB = ExternalIdType.IMDB, ExternalIdType.TMDB_MOVIE


def together(catalog: Catalog, pages: Sequence[Sequence[CanonicalItem]]) -> list[Outcome]:
    """Ingest one page per worker, all of them set off at once."""
    gate = Barrier(len(pages))

    def work(place: int) -> Outcome:
        page = PageInput(
            cause=cause(f"worker {place}"), run_id=RUN, raw_uri=URI, platform="netflix",
            region="US", items=pages[place],
        )  # fmt: skip
        store = IngestStore(catalog.engine, catalog.clock)
        gate.wait()
        return store.ingest_page(page)

    with ThreadPoolExecutor(len(pages)) as pool:
        return list(pool.map(work, range(len(pages))))


@pytest.mark.parametrize("ids", [{}, {IMDB: "tt0113277"}])
def test_one_new_title_met_by_twenty_workers_is_one_title(
    catalog: Catalog, ids: dict[ExternalIdType, str]
) -> None:
    pages = [[item(f"platform_{n}", str(n), external_ids=ids)] for n in range(WORKERS)]

    outcomes = together(catalog, pages)

    assert sum(len(found.created) for found in outcomes) == 1
    assert catalog.count("content") == 1
    assert catalog.count("platform_listing") == WORKERS
    assert len(catalog.announced("content.ingested")) == 1


def test_one_listing_met_by_twenty_workers_is_one_listing_with_one_offer(catalog: Catalog) -> None:
    outcomes = together(catalog, [[bare("netflix", "1")]] * WORKERS)

    assert [found.resolved for found in outcomes] == [1] * WORKERS
    assert (catalog.count("content"), catalog.count("platform_listing")) == (1, 1)
    assert catalog.count("availability") == 1


def test_workers_of_which_one_knows_no_type_make_one_title(catalog: Catalog) -> None:
    kinds = [ContentType.UNKNOWN if n % 2 else ContentType.MOVIE for n in range(8)]
    pages = [[item(f"platform_{n}", "1", content_type=kind)] for n, kind in enumerate(kinds)]

    together(catalog, pages)

    assert catalog.rows("SELECT content_type FROM content") == [("movie",)]


def test_workers_with_other_ids_of_one_film_make_one_title_that_holds_both(
    catalog: Catalog,
) -> None:
    ids = [{IMDB: "tt0113277"}, {TMDB: "949"}, {}]
    pages = [[item(f"platform_{n}", "1", external_ids=ids[n % 3])] for n in range(9)]

    together(catalog, pages)

    assert catalog.count("content") == 1
    found = catalog.rows("SELECT id_type, id_value FROM external_id ORDER BY 1")
    assert found == [("imdb", "tt0113277"), ("tmdb_movie", "949")]


def test_pages_of_many_titles_in_every_order_end_with_one_title_each(catalog: Catalog) -> None:
    chance = random.Random(3)
    names = [f"The {word} Requiem" for word in ("Amber", "Bitter", "Cobalt", "Dancing", "Elder")]
    pages = []
    for worker in range(12):
        page = [bare(f"platform_{worker}", name, name, genres=("Drama",)) for name in names]
        chance.shuffle(page)
        pages.append(page)

    together(catalog, pages)

    assert catalog.count("content") == len(names)
    assert catalog.count("platform_listing") == len(names) * len(pages)
