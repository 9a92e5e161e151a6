"""Many workers at once leave what one would have left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from shared.adapters.sql.ingest.store import PageInput
from shared.catalog.values import ExternalIdType
from tests.contracts.sql.conftest import RUN, URI, cause
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.catalog.item import CanonicalItem
    from tests.contracts.sql.conftest import Catalog

WORKERS = 20


def at_once(catalog: Catalog, pages: Callable[[int], Sequence[CanonicalItem]]) -> None:
    """Ingest one page in each of twenty threads that start together."""
    barrier = Barrier(WORKERS)

    def work(number: int) -> int:
        page = PageInput(
            cause=cause(f"worker {number}"),
            run_id=RUN,
            raw_uri=URI,
            platform="netflix",
            region="US",
            items=pages(number),
        )
        barrier.wait()
        return catalog.store.ingest_page(page).resolved

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(work, range(WORKERS)))
    assert found == [len(pages(number)) for number in range(WORKERS)]


def test_twenty_workers_with_one_new_title_make_one_title(catalog: Catalog) -> None:
    ids = {ExternalIdType.IMDB: "tt0113277"}
    at_once(catalog, lambda n: [item("netflix", f"listing-{n}", external_ids=ids)])

    assert catalog.count("content") == 1
    assert catalog.count("platform_listing") == WORKERS
    assert len(catalog.announced("content.ingested")) == 1


def test_twenty_workers_with_the_same_listing_make_one_title(catalog: Catalog) -> None:
    at_once(catalog, lambda _n: [bare("netflix", "1")])

    assert (catalog.count("content"), catalog.count("platform_listing")) == (1, 1)
    assert catalog.count("availability") == 1


def test_pages_that_overlap_in_other_orders_neither_lock_up_nor_double(catalog: Catalog) -> None:
    def page(number: int) -> list[CanonicalItem]:
        order = range(30) if number % 2 else range(29, -1, -1)
        return [bare("netflix", f"{number}-{n}", f"Title number {n}") for n in order]

    at_once(catalog, page)

    assert catalog.count("content") == 30
    assert catalog.count("platform_listing") == 30 * WORKERS
