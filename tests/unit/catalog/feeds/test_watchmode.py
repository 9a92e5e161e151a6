"""Watchmode's answers as items: details with sources, lists, episodes and refusals."""

from typing import Any

import pytest

from tests.unit.catalog.feeds.answers import answer, by_listing, read, terms

DETAILS = answer("watchmode/details.json")
SERIES_IDS = {"imdb": "tt7000001", "tmdb_tv": "70001"}


def test_details_become_an_item_for_each_platform_and_country() -> None:
    found = read("watchmode", DETAILS)

    listed = by_listing(found)
    assert {key: [terms(o) for o in item.offers] for key, item in listed.items()} == {
        ("netflix", "US"): [("subscription", "standard", None, None)],
        ("prime_video", "US"): [("purchase", None, 199, "USD")],
        ("prime_video", "GB"): [("rental", None, 349, "GBP")],
    }
    netflix = listed["netflix", "US"]
    assert (netflix.content_type, netflix.user_rating, netflix.runtime_minutes) == (
        "series",
        8.1,
        48,
    )
    assert netflix.external_ids == {"imdb": "tt7000001", "tmdb_tv": "70001"}
    assert netflix.maturity is not None
    assert netflix.maturity.value == "TV-14"
    assert netflix.platform_content_id == "70000001"
    assert listed["prime_video", "GB"].offers[0].quality == "uhd"


def test_length_of_a_series_is_what_each_platform_has_of_it() -> None:
    listed = by_listing(read("watchmode", DETAILS))

    lengths = {key: item.series.episodes for key, item in listed.items() if item.series}
    assert lengths == {("netflix", "US"): 40, ("prime_video", "US"): 38}


def test_placeholder_of_the_free_plan_is_no_link() -> None:
    source = {
        "source_id": 203,
        "name": "Netflix",
        "type": "sub",
        "region": "US",
        "ios_url": "Deeplinks available for paid plans only.",
        "android_url": "Deeplinks available for paid plans only.",
        "web_url": None,
    }

    (item,) = read("watchmode", {**DETAILS, "sources": [source]}).items

    assert (item.platform_content_id, item.offers[0].link) == ("watchmode:700001", None)


def test_service_without_a_platform_is_named_and_never_invented() -> None:
    found = read("watchmode", DETAILS)

    assert [(u.service, u.field) for u in found.unconfigured] == [("Lantern Play", "sources[3]")]
    assert found.errors == ()


def test_list_of_titles_gives_each_with_its_namespace() -> None:
    (item,) = read("watchmode", answer("watchmode/search.json")).items

    assert (item.platform, item.platform_content_id) == ("watchmode", "700002")
    assert item.external_ids == {"imdb": "tt7000002", "tmdb_movie": "70002"}


def test_episode_is_a_part_and_its_tmdb_number_is_none_of_a_series() -> None:
    episode = {
        "id": 5,
        "name": "Ebb",
        "season_number": 1,
        "episode_number": 2,
        "tmdb_id": 63,
        "imdb_id": "tt7000009",
        "release_date": "2014-02-10",
        "sources": [{"source_id": 393, "name": "Crave", "type": "sub", "region": "CA"}],
    }

    found = read("watchmode", {**DETAILS, "sources": [], "episodes": [episode]})

    item = by_listing(found)["crave", "CA"]
    assert (item.content_type, item.external_ids) == ("episode", {"imdb": "tt7000009"})
    assert item.part_of is not None
    assert (item.part_of.season, item.part_of.episode) == (1, 2)
    assert (item.part_of.title, item.part_of.external_ids) == (DETAILS["title"], SERIES_IDS)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "barter"}, "sources[0].type"),
        ({"region": "Atlantis"}, "sources[0].region"),
        ({"type": "buy", "price": 0.333}, "sources[0].price"),
        ({"type": "buy", "price": "cheap"}, "sources[0].price"),
    ],
)
def test_source_that_cannot_be_used_costs_itself_only(given: dict[str, Any], field: str) -> None:
    wrong = {**DETAILS["sources"][0], **given}

    found = read("watchmode", {**DETAILS, "sources": [wrong, DETAILS["sources"][1]]})

    assert [item.platform for item in found.items] == ["prime_video"]
    assert [e.field for e in found.errors] == [field]


def test_cable_subscription_is_a_tier_of_its_own() -> None:
    source = {**DETAILS["sources"][0], "type": "tve"}

    (item,) = read("watchmode", {**DETAILS, "sources": [source]}).items

    assert terms(item.offers[0]) == ("addon", "tv-everywhere", None, None)


def test_refusal_says_what_the_provider_says() -> None:
    (error,) = read("watchmode", answer("watchmode/refused.json")).errors

    assert error.message == "the provider refuses (402): Over plan quota on this API Key."
