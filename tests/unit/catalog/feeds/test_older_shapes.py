"""Streaming Availability in its older shapes: v2, v3 and the one before."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.catalog.feeds.answers import answer, by_listing, read, terms

PROVIDER = "streaming_availability"
V2 = answer("streaming_availability_v2/page.json")
V3 = answer("streaming_availability_v3/title.json")
OLDEST: dict[str, Any] = {
    "id": "70131314",
    "title": "Paper Kites",
    "showType": "movie",
    "year": 2010,
    "runtime": 148,
    "genres": ["action-adventure", "sci-fi"],
    "imdbId": "tt6000001",
    "tmdbId": 27205,
    "imdbRating": 8.8,
    "rating": "PG-13",
    "posterURLs": {"184": "https://img.example/184.jpg"},
    "backdropURLs": {"1280": "https://img.example/1280.jpg"},
    "streamingInfo": {
        "netflix": {
            "us": {
                "link": "https://www.netflix.com/title/70131314/",
                "addedOn": 1700000000,
                "leaving": 1767225600,
            }
        },
        "prime": {
            "us": [
                {"type": "subscription", "link": "https://www.amazon.com/dp/B000000001"},
                {
                    "type": "rent",
                    "price": "3.99",
                    "currency": "USD",
                    "link": "https://www.amazon.com/dp/B000000001",
                },
                {"price": "9.99", "currency": "USD", "rent": "4.99", "link": None},
            ]
        },
    },
}


def test_page_of_v2_keeps_everything_that_items_have() -> None:
    listed = by_listing(read(PROVIDER, V2))

    item = listed["netflix", "US"]
    assert item.model_dump(mode="json", exclude_defaults=True, exclude={"source"}) == {
        "platform": "netflix",
        "platform_content_id": "80000001",
        "region": "US",
        "title": "Heart of Glass",
        "original_title": "Glasherz",
        "titles": {"de": "Glasherz"},
        "overview": "A maker of lenses.",
        "content_type": "movie",
        "release_year": 2012,
        "runtime_minutes": 88,
        "genres": ["Drama", "Science Fiction"],
        "themes": ["biography"],
        "countries": ["DE"],
        "credits": [
            {"name": "Jo Berg", "role": "director"},
            {"name": "Ada Holm", "role": "actor", "order": 1},
        ],
        "external_ids": {"imdb": "tt8000001", "tmdb_movie": "80001"},
        "offers": [
            {
                "type": "subscription",
                "tier": "standard",
                "link": "https://www.netflix.com/title/80000001/",
                "available_from": "2020-09-16T19:17:27Z",
            }
        ],
        "images": [
            {"kind": "poster", "width": 92, "url": "https://img.example/w92/p.jpg"},
            {"kind": "poster", "width": 342, "url": "https://img.example/w342/p.jpg"},
            {"kind": "backdrop", "width": 300, "url": "https://img.example/w300/b.jpg"},
        ],
        "maturity": {"system": "age", "value": "12+"},
        "user_rating": 6.5,
        "vote_count": 1345,
    }
    assert listed["hulu", "US"].offers[0].expires_at == datetime(2022, 11, 14, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "kind", "ids"),
    [
        ({}, "movie", {"tmdb_movie": "80001"}),
        ({"firstAirYear": 2012, "episodes": 6}, "series", {"tmdb_tv": "80001"}),
        ({"showType": "series"}, "series", {"tmdb_tv": "80001"}),
    ],
)
def test_kind_is_told_by_fields_that_only_one_kind_has(
    given: dict[str, Any], kind: str, ids: dict[str, str]
) -> None:
    items = read(PROVIDER, {**V2["results"][0], **given}).items

    assert {item.content_type for item in items} == {kind}
    assert items[0].external_ids == {"imdb": "tt8000001", **ids}


def test_record_that_does_not_tell_its_kind_is_unknown_and_has_no_number_of_tmdb() -> None:
    record = {**V2["results"][0]}
    del record["runtime"]

    items = read(PROVIDER, record).items

    assert {(item.content_type, *item.external_ids) for item in items} == {("unknown", "imdb")}


@pytest.mark.parametrize(("age", "rating"), [(12, "12+"), (-1, None), (0, None), (None, None)])
def test_age_below_one_is_none(age: int | None, rating: str | None) -> None:
    (item, *_) = read(PROVIDER, {**V2["results"][0], "age": age}).items

    assert (item.maturity and item.maturity.value) == rating


def test_title_of_v3_has_its_offers_in_every_country() -> None:
    found = read(PROVIDER, V3)

    listed = by_listing(found)
    assert set(listed) == {("hbo_max", "US"), ("prime_video", "AT")}
    (rental,) = listed["prime_video", "AT"].offers
    assert (terms(rental), rental.quality, rental.audio) == (
        ("rental", None, 399, "EUR"),
        "uhd",
        ("de",),
    )
    (hbo,) = listed["hbo_max", "US"].offers
    assert (hbo.audio, hbo.subtitles) == (("en-US",), ("es-419",))
    assert (hbo.tier, hbo.video_link is not None) == ("ad-free", True)
    assert listed["hbo_max", "US"].platform_content_id == "urn:hbo:page:GAAAAAAAAAAAAAAAAAAAA"
    assert listed["hbo_max", "US"].external_ids == {"imdb": "tt8100001", "tmdb_movie": "81001"}
    assert [u.service for u in found.unconfigured] == ["lantern"]


def test_leaving_in_the_year_2513_is_no_date() -> None:
    (hbo,) = by_listing(read(PROVIDER, V3))["hbo_max", "US"].offers

    assert hbo.expires_at is None


def test_page_of_one_country_gives_that_countrys_items_only() -> None:
    found = read(PROVIDER, V3, region="AT")

    assert [(item.platform, item.region) for item in found.items] == [("prime_video", "AT")]


def test_oldest_shape_is_read_as_the_specification_has_it() -> None:
    netflix, prime, *_ = read(PROVIDER, OLDEST, region="US").items

    assert (netflix.genres, netflix.user_rating) == (
        ("Action", "Adventure", "Science Fiction"),
        8.8,
    )
    assert [(o.type, o.expires_at) for o in netflix.offers] == [
        ("subscription", datetime(2026, 1, 1, tzinfo=UTC))
    ]
    assert [(i.kind, i.width) for i in netflix.images] == [("poster", 184), ("backdrop", 1280)]
    assert netflix.maturity is not None
    assert netflix.maturity.value == "PG-13"
    assert [terms(offer)[0] for offer in prime.offers] == ["subscription", "rental"]


def test_every_element_of_a_list_is_an_offer_and_rental_and_price_are_two() -> None:
    items = read(PROVIDER, OLDEST, region="US").items

    prime = [terms(o) for i in items if i.platform == "prime_video" for o in i.offers]
    assert prime == [
        ("subscription", "standard", None, None),
        ("rental", None, 399, "USD"),
        ("purchase", None, 999, "USD"),
        ("rental", None, 499, "USD"),
    ]


def test_refusal_and_title_without_a_name_are_set_aside() -> None:
    body = {"message": "You are not subscribed to this API."}

    found = read(PROVIDER, body, {**OLDEST, "title": None}, region="US")

    assert [e.field for e in found.errors] == ["error", "title"]


def series(*seasons: dict[str, Any]) -> dict[str, Any]:
    """Return a series of v4 that Netflix has in the US, with these seasons."""
    return {
        "itemType": "show",
        "showType": "series",
        "id": "501",
        "imdbId": "tt7000001",
        "tmdbId": "tv/70001",
        "title": "Tide",
        "firstAirYear": 2014,
        "genres": [{"id": "drama", "name": "Drama"}],
        "streamingOptions": {"us": [netflix("70000001")]},
        "seasons": list(seasons),
    }


def netflix(number: str) -> dict[str, Any]:
    """Return an offer of Netflix."""
    link = f"https://www.netflix.com/title/{number}"
    return {"service": {"id": "netflix"}, "type": "subscription", "link": link}


def test_seasons_and_episodes_with_offers_are_parts_of_their_show() -> None:
    episode = {
        "itemType": "episode",
        "title": "Ebb",
        "airYear": 2015,
        "streamingOptions": {"us": [netflix("70000011")]},
    }
    season = {
        "itemType": "season",
        "title": "Season 1",
        "firstAirYear": 2014,
        "streamingOptions": {"us": [netflix("70000001")]},
        "episodes": [{"itemType": "episode", "title": "Flood", "streamingOptions": {}}, episode],
    }

    whole, first, second = read(PROVIDER, series(season), region="US").items

    assert [item.content_type for item in (whole, first, second)] == ["series", "season", "episode"]
    assert [item.external_ids for item in (first, second)] == [{}, {}]
    assert second.part_of is not None
    assert second.part_of.model_dump(mode="json") == {
        "title": "Tide",
        "external_ids": {"sa": "501", "imdb": "tt7000001", "tmdb_tv": "70001"},
        "season": 1,
        "episode": 2,
    }
    assert (second.title, second.release_year, second.genres) == ("Ebb", 2015, ("Drama",))


def test_part_whose_link_opens_the_whole_show_is_not_listed_as_the_show() -> None:
    seasons = [
        {"title": f"Season {n}", "streamingOptions": {"us": [netflix(number)]}}
        for n, number in enumerate(("70000001", "70000011", "70000011"), start=1)
    ]

    items = read(PROVIDER, series(*seasons), region="US").items

    assert [item.platform_content_id for item in items] == [
        "70000001",
        "sa:501/s1",
        "70000011",
        "sa:501/s3",
    ]


def test_seasons_of_v3_are_parts_as_well() -> None:
    offer = {"service": "netflix", "streamingType": "subscription", "link": None}
    season = {"type": "season", "title": "Season 1", "streamingInfo": {"us": [offer]}}
    record = {**V3["result"], "type": "series", "seasons": [season]}

    items = read(PROVIDER, record, region="US").items

    assert [(item.content_type, item.platform) for item in items] == [
        ("series", "hbo_max"),
        ("season", "netflix"),
    ]
    assert items[0].series is not None
    assert items[0].series.seasons == 1
