"""TMDB's answers as items: titles, their parts, and answers that are none."""

from typing import Any

import pytest

from shared.catalog.feeds.tmdb_parts import MAX_CREDITS, MOST_IMAGES, image
from tests.unit.catalog.feeds.answers import answer, by_listing, read, terms

DETAILS = answer("tmdb/details.json")


def test_details_become_a_listing_of_tmdb_where_no_platform_is_known() -> None:
    (item,) = read("tmdb", DETAILS).items

    assert item.model_dump(mode="json", exclude_defaults=True, exclude={"source"}) == {
        "platform": "tmdb",
        "platform_content_id": "movie/90001",
        "region": "ZZ",
        "title": "The Lighthouse Hour",
        "original_title": "Le Phare",
        "overview": "A keeper and a storm.",
        "content_type": "movie",
        "release_year": 2011,
        "release_date": "2011-10-05",
        "runtime_minutes": 101,
        "genres": ["Drama", "Science Fiction"],
        "countries": ["FR"],
        "external_ids": {"imdb": "tt9000001", "tmdb_movie": "90001"},
        "images": [
            {"kind": "poster", "width": 500, "url": "https://image.tmdb.org/t/p/w500/p1.jpg"},
            {"kind": "backdrop", "width": 1280, "url": "https://image.tmdb.org/t/p/w1280/bd1.jpg"},
        ],
        "user_rating": 7.25,
        "vote_count": 812,
        "popularity": 0.5025,
    }


def test_answers_about_a_title_of_the_page_are_joined_to_it() -> None:
    found = read("tmdb", DETAILS, answer("tmdb/watch-providers.json"))

    listed = by_listing(found)
    assert set(listed) == {
        ("netflix", "US"),
        ("prime_video", "US"),
        ("apple_tv_plus", "US"),
        ("netflix", "DE"),
    }
    assert terms(listed["netflix", "DE"].offers[0]) == ("ads", "ads", None, None)
    assert terms(listed["prime_video", "US"].offers[0]) == ("addon", "starz", None, None)
    assert listed["apple_tv_plus", "US"].offers[0].type == "rental"
    assert listed["apple_tv_plus", "US"].is_original is False
    assert listed["netflix", "US"].platform_content_id == "tmdb:movie/90001"
    assert [(u.service, u.field) for u in found.unconfigured] == [
        ("Leuchtkino", "results.DE.buy[0]")
    ]


def test_page_of_one_country_gives_that_countrys_items_only() -> None:
    found = read("tmdb", DETAILS, answer("tmdb/watch-providers.json"), region="DE")

    assert [(item.platform, item.region) for item in found.items] == [("netflix", "DE")]


def test_each_country_has_its_own_certificate_the_cinemas_first() -> None:
    found = read("tmdb", DETAILS, answer("tmdb/release-dates.json"))

    ratings = {item.region: item.maturity for item in found.items}
    assert {code: rating and rating.value for code, rating in ratings.items()} == {
        "US": "PG-13",
        "GB": "12A",
    }


def test_appended_parts_say_the_same_as_answers_of_their_own() -> None:
    parts = {
        "watch/providers": {"results": answer("tmdb/watch-providers.json")["results"]},
        "release_dates": {"results": answer("tmdb/release-dates.json")["results"]},
    }
    own = answer("tmdb/watch-providers.json"), answer("tmdb/release-dates.json")

    appended, joined = read("tmdb", {**DETAILS, **parts}), read("tmdb", DETAILS, *own)

    assert appended.items == joined.items


def test_part_whose_title_is_not_on_the_page_is_set_aside() -> None:
    found = read("tmdb", answer("tmdb/watch-providers.json"))

    assert found.items == ()
    assert [(e.field, e.message) for e in found.errors] == [
        ("id", "speaks of movie 90001, which is not on this page")
    ]


def test_part_of_a_series_is_not_joined_to_the_movie_of_the_same_number() -> None:
    ratings = {"id": 90001, "results": [{"iso_3166_1": "US", "rating": "TV-MA", "descriptors": []}]}

    found = read("tmdb", DETAILS, ratings)

    assert [item.maturity for item in found.items] == [None]
    assert [e.field for e in found.errors] == ["id"]


def test_translations_and_other_titles_keep_their_language_or_country() -> None:
    words = {
        "id": 90001,
        "translations": [
            {"iso_639_1": "es", "iso_3166_1": "ES", "data": {"title": "La hora del faro"}},
            {"iso_639_1": "en", "iso_3166_1": "US", "data": {"title": ""}},
        ],
    }
    others = {
        "id": 90001,
        "titles": [
            {"iso_3166_1": "IL", "title": "Sha'at ha-migdalor", "type": "romanization"},
            {"iso_3166_1": "IL", "title": "The Hour", "type": ""},
        ],
    }

    (item,) = read("tmdb", DETAILS, words, others).items

    assert item.titles == {
        "es-ES": "La hora del faro",
        "und-IL": "Sha'at ha-migdalor",
        "und-IL-x-2": "The Hour",
    }


def test_ids_keywords_people_and_pictures_are_joined_within_bounds() -> None:
    ids = {"id": 90001, "imdb_id": "tt9000001", "wikidata_id": "Q1", "facebook_id": None}
    words = {"id": 90001, "keywords": [{"id": 1, "name": "Storm"}]}
    cast = [{"name": f"Actor {n}", "character": "Keeper"} for n in range(30)]
    crew = [{"name": "Jo Berg", "job": "Director"}, {"name": "Jo Berg", "job": "Editor"}]
    posters = [{"file_path": f"/{n}.jpg", "width": 1000 + n, "height": 1} for n in range(30)]

    (item,) = read(
        "tmdb",
        DETAILS,
        ids,
        words,
        {"id": 90001, "cast": cast, "crew": crew},
        {"id": 90001, "posters": posters, "backdrops": [], "logos": []},
    ).items

    assert item.themes == ("storm",)
    assert len(item.credits) == MAX_CREDITS
    assert (item.credits[0].name, item.credits[0].role) == ("Jo Berg", "director")
    assert item.credits[1].character == "Keeper"
    assert len(item.images) == 2 + MOST_IMAGES


SERIES: dict[str, Any] = {
    "id": 90001,
    "name": "Tide",
    "original_name": "Tide",
    "first_air_date": "2014-02-03",
    "genre_ids": [10765, 80],
    "vote_average": 0,
    "vote_count": 0,
    "overview": "",
    "number_of_seasons": 2,
    "number_of_episodes": 13,
    "status": "Ended",
    "episode_run_time": [50, 45],
    "created_by": [{"id": 1, "name": "Ada Holm"}],
}


def test_series_keeps_its_length_makers_and_namespace_and_nobodys_vote_is_no_zero() -> None:
    (item,) = read("tmdb", SERIES).items

    assert (item.content_type, item.external_ids) == ("series", {"tmdb_tv": "90001"})
    assert item.series is not None
    assert (item.series.seasons, item.series.episodes, item.series.status) == (2, 13, "Ended")
    assert (item.runtime_minutes, item.user_rating, item.release_year) == (50, None, 2014)
    assert item.genres == ("Science Fiction", "Fantasy", "Crime")
    assert [(c.name, c.role) for c in item.credits] == [("Ada Holm", "creator")]


def test_seasons_and_episodes_are_of_the_genres_of_their_series() -> None:
    episode = {"id": 78, "name": "One", "season_number": 1, "episode_number": 1}
    season = {"id": 77, "name": "Season 1", "season_number": 1, "episodes": [episode]}
    genres = [{"id": 27, "name": "Horror"}, {"id": 18, "name": "Drama"}]

    found = read("tmdb", {**season, "show_id": 90001, "genres": genres}).items

    assert [item.genres for item in found] == [("Horror", "Drama")] * 2
    assert [item.genres for item in read("tmdb", season).items] == [()] * 2


def test_season_and_its_episodes_are_parts_and_their_numbers_are_no_ids_of_series() -> None:
    episode = {
        "id": 501,
        "name": "Ebb",
        "season_number": 1,
        "episode_number": 2,
        "show_id": 90001,
        "air_date": "2014-02-10",
        "runtime": 47,
        "crew": [{"name": "Jo Berg", "job": "Director", "department": "Directing"}],
        "guest_stars": [{"name": "Ada Holm", "character": "Pilot"}],
    }
    season = {"id": 77, "name": "Season 1", "season_number": 1, "episodes": [episode]}

    first, second = read("tmdb", {**season, "air_date": "2014-02-03"}).items

    assert (first.content_type, first.platform_content_id) == ("season", "season/77")
    assert first.part_of is not None
    assert (first.part_of.season, first.part_of.episode) == (1, None)
    assert (second.content_type, second.external_ids) == ("episode", {})
    assert second.part_of is not None
    assert second.part_of.model_dump(mode="json") == {
        "title": None,
        "external_ids": {"tmdb_tv": "90001"},
        "season": 1,
        "episode": 2,
    }
    assert [(c.name, c.role) for c in second.credits] == [
        ("Jo Berg", "director"),
        ("Ada Holm", "actor"),
    ]


def test_page_of_a_search_gives_every_title_and_sets_people_aside() -> None:
    person = {"id": 3, "name": "Ada Holm", "media_type": "person", "known_for_department": "Acting"}
    movie = {"id": 4, "title": "Ebb", "release_date": "", "genre_ids": [], "vote_average": 6.0}

    found = read("tmdb", {"page": 1, "results": [SERIES, person, {**movie, "vote_count": 3}]})

    assert [(i.platform_content_id, i.release_date) for i in found.items][1] == ("movie/4", None)
    assert [(e.field, e.part) for e in found.errors] == [("record", "results[1]")]


@pytest.mark.parametrize(
    "record",
    [
        {"genres": [{"id": 18, "name": "Drama"}]},
        {"certifications": {"US": [{"certification": "R", "meaning": "…", "order": 4}]}},
        {"department": "Editing", "jobs": ["Editor"]},
        {"page": 1, "results": [{"id": 7, "adult": False}]},
        {"page": 1, "results": [{"provider_id": 8, "provider_name": "Netflix"}]},
    ],
)
def test_list_of_something_else_is_named_by_its_fields(record: dict[str, Any]) -> None:
    found = read("tmdb", record)

    assert (found.items, [e.field for e in found.errors]) == ((), ["record"])


@pytest.mark.parametrize(
    "record",
    [
        {"id": 287, "name": "Ada Holm", "known_for_department": "Acting", "imdb_id": "nm0000001"},
        {"id": 287, "imdb_id": "nm0000001", "wikidata_id": "Q1", "facebook_id": None},
    ],
)
def test_person_is_no_title_and_no_part_of_one(record: dict[str, Any]) -> None:
    found = read("tmdb", record, {**DETAILS, "id": 287})

    assert [(e.index, e.field) for e in found.errors] == [(0, "record")]
    assert [item.external_ids for item in found.items] == [
        {"imdb": "tt9000001", "tmdb_movie": "287"}
    ]


def test_credits_of_a_person_are_the_titles_they_name() -> None:
    credit = {"id": 4, "title": "Ebb", "release_date": "2001-01-01", "character": "Pilot"}

    found = read("tmdb", {"id": 287, "cast": [credit], "crew": []})

    assert [(item.platform_content_id, item.title) for item in found.items] == [("movie/4", "Ebb")]


def test_refusal_says_what_the_provider_says() -> None:
    (error,) = read("tmdb", answer("tmdb/refused.json")).errors

    assert error.field == "error"
    assert error.message == "the provider refuses (7): Invalid API key: it is not one of ours."


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"release_date": "soon"}, "release_date"),
        ({"imdb_id": "9000001"}, "imdb_id"),
        ({"runtime": "long"}, "runtime"),
        ({"vote_average": "good"}, "vote_average"),
        ({"vote_average": 70}, "user_rating"),
        ({"genres": 5}, "genres"),
        ({"production_countries": "France"}, "production_countries"),
    ],
)
def test_title_that_cannot_be_used_is_set_aside_by_field(given: dict[str, Any], field: str) -> None:
    found = read("tmdb", {**DETAILS, **given})

    assert (found.items, [e.field for e in found.errors]) == ((), [field])


@pytest.mark.parametrize("width", [None, 0, -1, "780"])
def test_a_picture_without_a_width_that_can_be_is_taken_in_a_common_one(width: object) -> None:
    found = image("poster", "/heat.jpg", width)

    assert found == {
        "kind": "poster",
        "width": 500,
        "url": "https://image.tmdb.org/t/p/w500/heat.jpg",
    }
