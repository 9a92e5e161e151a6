"""OTT-details' answers as items, whichever shape availability has."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.catalog.feeds.answers import answer, by_listing, read, terms

KITES, BARE = answer("ott_details/page.json")
NETFLIX = "https://www.netflix.com/title/60000002"


def test_terms_follow_from_the_service_where_the_source_gives_none() -> None:
    found = read("ott_details", KITES)

    listed = by_listing(found)
    assert {key[0]: [terms(o)[:2] for o in item.offers] for key, item in listed.items()} == {
        "prime_video": [("purchase", None), ("addon", "showtime")],
        "youtube": [("purchase", None)],
        "tubi": [("ads", "standard")],
        "apple_tv_plus": [("purchase", None)],
    }
    assert [u.service for u in found.unconfigured] == ["lanternplay"]
    assert found.errors == ()


def test_title_keeps_its_fields_and_the_day_it_was_seen_on_each_platform() -> None:
    listed = by_listing(read("ott_details", KITES))

    prime = listed["prime_video", "US"]
    assert (prime.runtime_minutes, prime.release_year, prime.user_rating) == (84, 2018, 6.4)
    assert (prime.genres, prime.themes) == (("Science Fiction",), ("biography",))
    assert [(i.kind, i.width) for i in prime.images] == [("poster", 182)]
    assert prime.updated_at == datetime(2022, 1, 3, tzinfo=UTC)
    assert listed["tubi", "US"].updated_at == datetime(2021, 5, 6, tzinfo=UTC)
    assert listed["youtube", "US"].updated_at is None


def test_id_with_what_another_catalog_appends_is_read_and_its_link_mended() -> None:
    item = by_listing(read("ott_details", KITES))["youtube", "US"]

    assert item.platform_content_id == "kitesKITES1"
    assert item.offers[0].link == "https://www.youtube.com/watch?v=kitesKITES1"


@pytest.mark.parametrize(
    "availability",
    [
        NETFLIX,
        {"country": NETFLIX},
        {"country": {"US": NETFLIX}},
        {"country": {"US": [NETFLIX]}},
        {"country": {"US": {"netflix": NETFLIX}}},
        {"country": {"US": {"url": NETFLIX, "platform": "netflix"}}},
        {"country": {"US": [{"url": NETFLIX, "platform": "netflix"}]}},
        {"country": {"US": [{"url": NETFLIX, "platform": None}]}},
    ],
)
def test_bare_link_says_as_much_as_an_object(availability: object) -> None:
    (item,) = read("ott_details", {**BARE, "streamingAvailability": availability}).items

    assert (item.platform, item.region) == ("netflix", "US")
    assert item.platform_content_id == "60000002"
    assert (terms(item.offers[0])[0], item.offers[0].link) == ("subscription", NETFLIX)


def test_bare_link_to_nobody_we_know_is_set_aside_by_its_host() -> None:
    record = {**BARE, "streamingAvailability": "https://www.lantern.example/1"}

    found = read("ott_details", record)

    assert [u.service for u in found.unconfigured] == ["www.lantern.example"]
    assert [item.platform for item in found.items] == ["ott_details"]


@pytest.mark.parametrize("url", [None, 7, ""])
def test_entry_without_a_link_is_an_error_by_field(url: object) -> None:
    given = {"country": {"US": [{"url": url, "platform": "netflix"}]}}

    found = read("ott_details", {**BARE, "streamingAvailability": given})

    assert [e.field for e in found.errors] == ["streamingAvailability.country.US[0].url"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"runtime": "a while"}, "runtime"),
        ({"imdbid": "6000002"}, "imdbid"),
        ({"released": 12}, "released"),
        ({"imdbrating": "good"}, "imdbrating"),
        ({"genre": "Drama"}, "genre"),
    ],
)
def test_title_that_cannot_be_used_is_set_aside_by_field(given: dict[str, Any], field: str) -> None:
    found = read("ott_details", {**BARE, **given})

    assert (found.items, [e.field for e in found.errors]) == ((), [field])


@pytest.mark.parametrize(
    ("url", "width"),
    [
        ("https://img.example/a._V1_UX182_CR0,0,182,268_AL_.jpg", 182),
        ("https://img.example/a._V1_UY268_CR110,0,190,268_AL_.jpg", 190),
        ("https://img.example/a._V1_SX300.jpg", 300),
        ("https://img.example/a._V1_.jpg", 182),
    ],
)
def test_width_of_a_poster_is_what_its_address_asks_for(url: str, width: int) -> None:
    (item,) = read("ott_details", {**BARE, "imageurl": [url]}).items

    assert [image.width for image in item.images] == [width]


def test_provider_of_a_list_and_refusal_are_no_titles() -> None:
    entry = {"label": "Netflix", "value": "netflix", "short": "nfx"}

    found = read("ott_details", entry, {"message": "You have exceeded the MONTHLY quota"})

    assert [e.field for e in found.errors] == ["record", "error"]
    assert found.errors[1].message == "the provider refuses: You have exceeded the MONTHLY quota"
