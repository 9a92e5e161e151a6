"""Services without a platform are kept by name and count as no failure."""

from shared.adapters.providers.normalizing import UNCONFIGURED, FetchedPage, _unconfigured
from tests.unit.catalog.feeds.answers import answer, read
from tests.unit.catalog.pages import RAW_URI

PAGE = FetchedPage(
    run_id="r1",
    provider="watchmode",
    platform="all",
    region="ZZ",
    page=1,
    raw_uri=RAW_URI,
    count=3,
)


def test_each_service_is_one_row_that_says_how_often_the_page_has_it() -> None:
    details = answer("watchmode/details.json")
    found = read("watchmode", details, details)

    (row,) = _unconfigured(PAGE, found)

    assert (row.stage, row.raw_uri, row.field) == (
        UNCONFIGURED,
        f"{RAW_URI}#0.Lantern Play",
        "sources[3]",
    )
    assert row.error == (
        "service 'Lantern Play' is none of our platforms: 2 ways to watch on this page"
    )
    assert found.errors == ()
