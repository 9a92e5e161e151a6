"""Walking the catalogue by cursor, and asking for parts of it."""

import pytest

from emulators.providers.catalog import SAMPLE, read_titles
from emulators.providers.platforms import COUNTRIES, SERVICES
from tests.emulated.providers.conftest import NOON, Providers

EPOCH = NOON - 12 * 3600


def listed(country: str, service: str) -> set[str]:
    """Return who has a present offer, read straight from the file."""
    return {
        title.id
        for title in read_titles(SAMPLE)
        for offer in title.shifted(EPOCH).offers.get(country, ())
        if offer.service == service and offer.present(NOON)
    }


@pytest.mark.parametrize("country", COUNTRIES)
async def test_walking_a_catalog_yields_each_of_its_titles_exactly_once(
    start: Providers, country: str
) -> None:
    provider = await start(catalog=SAMPLE)

    for service in SERVICES:
        pages = provider.walk("/shows/search/filters", country=country, catalogs=service)
        sizes, found = [], []
        async for page in pages:
            sizes.append(len(page["shows"]))
            found += [show["id"] for show in page["shows"]]

        assert sorted(found) == sorted(listed(country, service))
        assert len(found) > 50
        assert set(sizes[:-1]) == {20}


@pytest.mark.parametrize(
    ("order", "key", "descending"),
    [
        ("original_title", "originalTitle", False),
        ("release_date", "releaseYear", False),
        ("rating", "rating", True),
    ],
)
async def test_an_order_holds_across_pages(
    start: Providers, order: str, key: str, *, descending: bool
) -> None:
    provider = await start(catalog=SAMPLE)

    pages = provider.walk("/shows/search/filters", country="gb", show_type="movie", order_by=order)
    shows = [show async for page in pages for show in page["shows"]]

    values = [show[key] for show in shows]
    assert values == sorted(values, reverse=descending)
    assert len({show["id"] for show in shows}) == len(shows) > 400


async def test_a_walk_skips_nothing_when_a_title_leaves_between_two_pages(
    start: Providers,
) -> None:
    provider = await start(catalog=SAMPLE)
    query = {"country": "us", "catalogs": "netflix.subscription"}
    first = await provider.get("/shows/search/filters", **query)
    after = await provider.get("/shows/search/filters", **query, cursor=first["nextCursor"])

    entry = {"action": "remove", "country": "us", "service": "netflix", "type": "subscription"}
    changes = [{**entry, "show": show["id"]} for show in (first["shows"][3], after["shows"][0])]
    assert (await provider.send("POST", "/_mg/changes", {"changes": changes}))[0] == 200
    again = await provider.get("/shows/search/filters", **query, cursor=first["nextCursor"])

    assert [s["id"] for s in again["shows"]][:19] == [s["id"] for s in after["shows"]][1:]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"catalogs": "netflix"}, {"The Matrix", "Dark"}),
        ({"catalogs": "apple.rent,hbo"}, {"The Matrix", "Spirited Away"}),
        ({"catalogs": "prime.addon.hbomaxus"}, {"The Matrix"}),
        ({"catalogs": "prime.rent"}, set()),
        ({"show_type": "series"}, {"Dark"}),
        ({"genres": "scifi,crime"}, {"Dark"}),
        (
            {"genres": "scifi,family", "genres_relation": "or"},
            {"The Matrix", "Dark", "Spirited Away"},
        ),
        ({"show_original_language": "ja"}, {"Spirited Away"}),
        ({"year_min": "2000", "year_max": "2010"}, {"Spirited Away"}),
        ({"rating_min": "86"}, {"The Matrix", "Spirited Away"}),
        ({"keyword": "bath house"}, {"Spirited Away"}),
    ],
)
async def test_a_filter_keeps_what_matches(
    start: Providers, query: dict[str, str], titles: set[str]
) -> None:
    provider = await start()

    page = await provider.get("/shows/search/filters", country="us", **query)

    assert {show["title"] for show in page["shows"]} == titles


@pytest.mark.parametrize(
    ("path", "query", "status", "message"),
    [
        ("/shows/search/filters", {}, 400, "missing required parameter: country"),
        ("/shows/search/filters", {"country": "atlantis"}, 400, "invalid country: atlantis"),
        (
            "/shows/search/filters",
            {"country": "us", "catalogs": "blockbuster"},
            400,
            "invalid catalog: blockbuster",
        ),
        (
            "/shows/search/filters",
            {"country": "us", "catalogs": "netflix.addon.hbo"},
            400,
            "invalid catalog: netflix.addon.hbo",
        ),
        (
            "/shows/search/filters",
            {"country": "us", "order_by": "luck"},
            400,
            "invalid order_by: luck",
        ),
        (
            "/shows/search/filters",
            {"country": "us", "cursor": "nonsense"},
            400,
            "invalid cursor: nonsense",
        ),
        (
            "/shows/search/filters",
            {"country": "us", "year_min": "old"},
            400,
            "invalid year_min: old",
        ),
        (
            "/changes",
            {"country": "us", "change_type": "new", "item_type": "show", "cursor": "1:2"},
            400,
            "invalid cursor: 1:2",
        ),
        (
            "/changes",
            {"country": "us", "item_type": "show"},
            400,
            "missing required parameter: change_type",
        ),
        ("/shows/tt9999999", {}, 404, "Not Found"),
        ("/countries/xx", {}, 400, "invalid country: xx"),
        ("/nowhere", {}, 404, "GET /nowhere does not exist"),
    ],
)
async def test_a_wrong_question_is_told_what_is_wrong(
    start: Providers, path: str, query: dict[str, str], status: int, message: str
) -> None:
    provider = await start()

    answer = await provider.ask(path, query)

    assert answer[:2] == (status, {"message": message})


async def test_countries_list_their_services_and_genres_their_names(start: Providers) -> None:
    provider = await start()

    countries = await provider.get("/countries")
    germany = await provider.get("/countries/de")
    genres = await provider.get("/genres")

    assert set(countries) == {"us", "gb", "de"}
    assert countries["de"] == germany
    apple = next(s for s in countries["us"]["services"] if s["id"] == "apple")
    assert [kind for kind, there in apple["streamingOptionTypes"].items() if there] == ["rent"]
    assert {"id": "scifi", "name": "Science Fiction"} in genres
