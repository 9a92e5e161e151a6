"""JustWatch's answers as items, in the shape of 2019 and in that of the GraphQL interface."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.catalog.feeds.answers import answer, read, terms

TITLE = answer("justwatch_rest_2019/title.json")


def test_title_of_2019_keeps_offers_people_scores_and_ids() -> None:
    found = read("justwatch", TITLE)

    (item,) = found.items
    assert (item.platform, item.region) == ("prime_video", "DE")
    assert item.platform_content_id == "B000SALT01"
    assert (item.original_title, item.runtime_minutes) == ("Salzstraße", 95)
    assert item.genres == ("Science Fiction", "Action", "Adventure")
    assert item.external_ids == {"imdb": "tt5000001", "tmdb_movie": "50001"}
    assert (item.user_rating, item.vote_count) == (7.4, 1200)
    assert [(c.name, c.role, c.character) for c in item.credits] == [
        ("Jo Berg", "director", None),
        ("Ada Holm", "actor", "Mika"),
    ]
    assert [image.url for image in item.images] == [
        "https://images.justwatch.com/poster/1/s592",
        "https://images.justwatch.com/backdrop/2/s1440",
    ]
    (offer,) = item.offers
    assert terms(offer) == ("rental", None, 299, "EUR")
    assert (offer.quality, offer.audio, offer.subtitles) == ("uhd", ("de", "en"), ("de",))
    assert offer.available_from == datetime(2019, 6, 1, tzinfo=UTC)
    assert [u.service for u in found.unconfigured] == ["77777"]


def test_title_that_no_platform_carries_stays_as_justwatchs_own_in_its_country() -> None:
    (item,) = read("justwatch", {**TITLE, "offers": []}).items

    assert (item.platform, item.platform_content_id, item.region) == (
        "justwatch",
        "movie/5001",
        "DE",
    )


def test_edge_of_new_titles_is_an_episode_with_its_offer() -> None:
    (item,) = read("justwatch", answer("justwatch_graphql/new.json")).items

    assert (item.platform, item.region, item.content_type) == ("disney_plus", "US", "episode")
    assert item.part_of is not None
    assert (item.part_of.title, item.part_of.season, item.part_of.episode) == ("Tide", 2, 3)
    assert item.genres == ("Mystery", "Thriller")
    assert [image.url for image in item.images] == [
        "https://images.justwatch.com/poster/3/s592/ferry.jpg"
    ]
    (offer,) = item.offers
    assert (terms(offer), offer.quality) == (("subscription", "standard", None, None), "uhd")
    assert offer.expires_at == datetime(2026, 12, 31, tzinfo=UTC)


def test_search_of_titles_keeps_ids_and_every_offer() -> None:
    package = {"packageId": 2, "clearName": "Apple TV", "shortName": "itu"}
    offer = {
        "monetizationType": "BUY",
        "presentationType": "HD",
        "retailPrice": "$9.99",
        "retailPriceValue": 9.99,
        "currency": "USD",
        "standardWebURL": "https://tv.apple.com/us/movie/x/umc.cmc.saltroad00000001",
        "package": package,
        "audioLanguages": ["en", "pt-BR"],
    }
    content = {
        "title": "Salt Road",
        "fullPath": "/us/movie/salt-road",
        "originalReleaseYear": 1999,
        "externalIds": {"imdbId": "tt5000001", "tmdbId": "50001"},
        "ageCertification": "R",
        "genres": [{"shortName": "drm"}, {"translation": "Reality TV"}],
    }
    node = {"id": "tm5001", "objectType": "MOVIE", "content": content, "offers": [offer]}

    (item,) = read("justwatch", {"data": {"popularTitles": {"edges": [{"node": node}]}}}).items

    assert (item.platform, item.platform_content_id) == (
        "apple_tv_plus",
        "umc.cmc.saltroad00000001",
    )
    assert terms(item.offers[0]) == ("purchase", None, 999, "USD")
    assert item.offers[0].audio == ("en", "pt-BR")
    assert (item.genres, item.release_year) == (("Drama", "Reality"), 1999)
    assert item.is_original is False


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"monetization_type": "cinema"}, "offers[0].monetizationType"),
        ({"currency": None}, "offers[0].retailPrice"),
        ({"retail_price": -1}, "offers[0].retailPrice"),
    ],
)
def test_offer_that_cannot_be_used_costs_itself_only(given: dict[str, Any], field: str) -> None:
    found = read("justwatch", {**TITLE, "offers": [{**TITLE["offers"][0], **given}]})

    assert [e.field for e in found.errors] == [field]
    assert [item.platform for item in found.items] == ["justwatch"]


@pytest.mark.parametrize(
    "record",
    [
        {"id": 1, "translation": "Action & Adventure", "short_name": "act"},
        {"id": 8, "technical_name": "netflix", "clear_name": "Netflix"},
        {"id": 1, "object_type": "person", "full_name": "Ada Holm"},
    ],
)
def test_genres_providers_and_people_are_no_titles(record: dict[str, Any]) -> None:
    found = read("justwatch", record)

    assert (found.items, [e.field for e in found.errors]) == ((), ["record"])


def test_refusal_of_the_graphql_interface_says_why() -> None:
    body = {
        "errors": [{"message": "Variable $country", "extensions": {"code": "BAD_USER_INPUT"}}],
        "data": None,
    }

    (error,) = read("justwatch", body).errors

    assert error.message == "the provider refuses (BAD_USER_INPUT): Variable $country"


def test_seasons_of_a_show_and_items_of_a_list_are_titles_of_their_own() -> None:
    season = {"id": 9, "object_type": "show_season", "title": "Season 2", "season_number": 2}
    show = {"id": 8, "object_type": "show", "title": "Tide", "max_season_number": 2}
    rating_only = {"id": 10, "title": "Season 3", "season_number": 3}

    found = read("justwatch", {**show, "seasons": [season, rating_only]}, {"items": [TITLE]})

    assert [(item.content_type, item.title) for item in found.items] == [
        ("series", "Tide"),
        ("season", "Season 2"),
        ("movie", "Salt Road"),
    ]
    assert found.items[1].part_of is not None
    assert found.items[1].part_of.season == 2
