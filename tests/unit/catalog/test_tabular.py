"""Rows of files as canonical items: one trap of the real files a test."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.catalog.item import CanonicalItem
from shared.catalog.mapping import parse_mapping, preset, presets
from shared.catalog.values import ContentType
from shared.kernel.errors import InvalidInputError, NotFoundError
from tests.unit.catalog.pages import RAW_URI, file_page, normalized

JUSTWATCH = {
    "id": "tm84618",
    "title": "Taxi Driver",
    "type": "MOVIE",
    "description": "A sleepless veteran drives through a city he despises.",
    "release_year": "1976",
    "age_certification": "R",
    "runtime": "114",
    "genres": "['drama', 'crime', 'european']",
    "production_countries": "['US']",
    "seasons": "",
    "imdb_id": "tt0075314",
    "imdb_score": "8.2",
    "imdb_votes": "808582.0",
    "tmdb_popularity": "40.965",
    "tmdb_score": "8.179",
}
NATIVE = {
    "show_id": "s1",
    "type": "Movie",
    "title": "Roma",
    "director": "Alfonso Cuarón",
    "cast": "Yalitza Aparicio, Marina de Tavira",
    "country": "Mexico, United States",
    "date_added": " December 14, 2018",
    "release_year": "2018",
    "rating": "R",
    "duration": "135 min",
    "listed_in": "Dramas, Independent Movies, International Movies",
    "description": "A year in a household of Mexico City.",
}
LISTING = {
    "title": "Ariel",
    "type": "movie",
    "genres": "Comedy, Crime, Romance",
    "releaseYear": "1988",
    "imdbId": "tt0094675",
    "imdbAverageRating": "7.4",
    "imdbNumVotes": "9061",
    "availableCountries": "",
}
TMDB = {
    "id": "281957",
    "imdb_id": "tt1663202",
    "popularity": "9.1107",
    "original_title": "The Revenant",
    "cast": "Leonardo DiCaprio|Tom Hardy",
    "director": "Alejandro GonzÃ¡lez IÃ±Ã¡rritu",
    "keywords": "winter|Bear",
    "overview": "A guide is left for dead &amp; walks.",
    "runtime": "156",
    "genres": "Western|Drama",
    "release_date": "12/25/15",
    "vote_count": "3929",
    "vote_average": "7.2",
    "release_year": "2015",
}
MOVIELENS = {
    "movieId": "11",
    "title": "American President;The (1995)",
    "genres": "Comedy|Drama|Romance",
    "imdbId": "tt0112346",
    "tmdbId": "9087",
}


def item(row: Mapping[str, Any], preset_name: str, **changes: Any) -> CanonicalItem:  # noqa: ANN401 - any cell
    """Return the one item of a row, changed as told."""
    found = normalized(file_page({**row, **changes}, preset=preset_name))
    assert found.errors == ()
    return found.items[0]


def test_row_of_an_aggregator_becomes_exactly_this_item() -> None:
    found = item(JUSTWATCH, "justwatch").model_dump(mode="json", exclude_defaults=True)

    assert found == {
        "source": {
            "provider": "generic",
            "fetched_at": "2026-06-10T12:00:00Z",
            "raw_uri": f"{RAW_URI}#0",
        },
        "platform": "netflix",
        "platform_content_id": "jw:tm84618",
        "region": "US",
        "title": "Taxi Driver",
        "overview": "A sleepless veteran drives through a city he despises.",
        "content_type": "movie",
        "release_year": 1976,
        "runtime_minutes": 114,
        "genres": ["Drama", "Crime"],
        "themes": ["european"],
        "countries": ["US"],
        "external_ids": {"imdb": "tt0075314"},
        "offers": [{"type": "subscription", "tier": "standard"}],
        "maturity": {"system": "MPA", "value": "R"},
        "user_rating": 8.2,
        "vote_count": 808582,
        "popularity": 0.5409,
    }


def test_aggregators_id_names_the_listing_and_is_no_external_id() -> None:
    found = item(JUSTWATCH, "justwatch")

    assert found.platform_content_id == "jw:tm84618"
    assert "tm84618" not in found.external_ids.values()
    assert found.offers[0].link is None


def test_seasons_written_as_a_float_are_seasons_of_a_series() -> None:
    found = item(JUSTWATCH, "justwatch", type="SHOW", seasons="3.0", runtime="51")

    assert (found.content_type, found.runtime_minutes) == (ContentType.SERIES, 51)
    assert found.series is not None
    assert found.series.seasons == 3


def test_empty_cells_are_nothing_and_not_zero() -> None:
    empty = dict.fromkeys(JUSTWATCH, "") | {"id": "tm1", "title": "Heat"}

    found = item(empty, "justwatch").model_dump(exclude_defaults=True, exclude={"source", "offers"})

    assert found == {
        "platform": "netflix",
        "platform_content_id": "jw:tm1",
        "region": "US",
        "title": "Heat",
        "content_type": "unknown",
    }


def test_platforms_own_wording_becomes_an_item() -> None:
    found = item(NATIVE, "platform_native")

    assert (found.runtime_minutes, found.countries) == (135, ("MX", "US"))
    assert [(c.name, c.role, c.order) for c in found.credits] == [
        ("Alfonso Cuarón", "director", 0),
        ("Yalitza Aparicio", "actor", 1),
        ("Marina de Tavira", "actor", 2),
    ]
    assert (found.genres, found.themes) == (
        ("Drama",),
        ("independent movies", "international movies"),
    )
    assert found.offers[0].available_from == datetime(2018, 12, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rating", "duration", "minutes", "seasons"),
    [("74 min", "", 74, None), ("2 Seasons", "", None, 2), ("90 min", "92 min", 92, None)],
)
def test_duration_in_the_ratings_column_is_put_right(
    rating: str, duration: str, minutes: int | None, seasons: int | None
) -> None:
    found = item(NATIVE, "platform_native", type="TV Show", rating=rating, duration=duration)

    assert found.maturity is None
    assert found.runtime_minutes == minutes
    assert (found.series.seasons if found.series else None) == seasons


def test_row_number_of_an_export_is_no_id_and_the_same_title_stays_the_same_listing() -> None:
    first, later, other = (
        item(NATIVE, "platform_native", show_id=show_id, title=title)
        for show_id, title in (("s1", "Roma"), ("s77", "ROMA"), ("s1", "Rome"))
    )

    assert first.platform_content_id.startswith("h:")
    assert first.platform_content_id == later.platform_content_id != other.platform_content_id


def test_list_whose_value_holds_its_separator_stays_whole() -> None:
    found = item(NATIVE, "platform_native", listed_in="Drama, Arts, Entertainment, and Culture")

    assert (found.genres, found.themes) == (("Drama",), ("arts, entertainment, and culture",))


def test_world_wide_listing_without_countries_is_an_offer() -> None:
    found = item(LISTING, "imdb_listing")

    assert found.platform_content_id == "imdb:tt0094675"
    assert [offer.type for offer in found.offers] == ["subscription"]


@pytest.mark.parametrize(("countries", "offers"), [("CA, US", 1), ("JP, KR", 0)])
def test_listing_that_names_countries_is_an_offer_in_those_only(
    countries: str, offers: int
) -> None:
    assert len(item(LISTING, "imdb_listing", availableCountries=countries).offers) == offers


def test_listing_without_an_id_is_named_by_title_year_and_type() -> None:
    assert item(LISTING, "imdb_listing", imdbId="").platform_content_id.startswith("h:")


def test_tmdb_row_is_read_with_its_century_its_lists_and_its_broken_text() -> None:
    found = normalized(file_page(TMDB, preset="tmdb", platform="")).items[0]

    assert (found.platform, found.platform_content_id, found.offers) == ("tmdb", "281957", ())
    assert found.release_date == date(2015, 12, 25)
    assert found.credits[0].name == "Alejandro González Iñárritu"
    assert found.overview == "A guide is left for dead & walks."
    assert (found.genres, found.themes) == (("Western", "Drama"), ("winter", "bear"))
    assert found.external_ids == {"imdb": "tt1663202", "tmdb_movie": "281957"}


def test_old_film_is_not_dated_a_century_late() -> None:
    assert item(TMDB, "tmdb", release_date="11/15/66", release_year="1966").release_date == date(
        1966, 11, 15
    )


def test_rating_of_nobody_is_no_rating() -> None:
    found = item(TMDB, "tmdb", vote_count="0", vote_average="0")

    assert (found.user_rating, found.vote_count) == (None, 0)


def test_movielens_title_is_turned_round_and_its_year_taken_out() -> None:
    found = normalized(file_page(MOVIELENS, preset="movielens", platform="")).items[0]

    assert (found.title, found.release_year, found.platform) == (
        "The American President",
        1995,
        "movielens",
    )
    assert found.external_ids == {"imdb": "tt0112346", "tmdb_movie": "9087"}


@pytest.mark.parametrize(
    ("row", "preset_name", "changes", "field"),
    [
        (JUSTWATCH, "justwatch", {"title": ""}, "title"),
        (JUSTWATCH, "justwatch", {"title": " \x01 "}, "title"),
        (JUSTWATCH, "justwatch", {"release_year": "soon"}, "release_year"),
        (JUSTWATCH, "justwatch", {"release_year": "19760"}, "release_year"),
        (JUSTWATCH, "justwatch", {"runtime": "-5"}, "runtime"),
        (JUSTWATCH, "justwatch", {"genres": "drama"}, "genres"),
        (JUSTWATCH, "justwatch", {"imdb_id": "0075314"}, "imdb_id"),
        (JUSTWATCH, "justwatch", {"imdb_score": "82"}, "imdb_score"),
        (JUSTWATCH, "justwatch", {"seasons": "1.5"}, "seasons"),
        (NATIVE, "platform_native", {"date_added": "someday"}, "date_added"),
        (NATIVE, "platform_native", {"duration": "long"}, "duration"),
        (TMDB, "tmdb", {"release_date": "13/45/15"}, "release_date"),
        (MOVIELENS, "movielens", {"genres": "000 Enemies (1939)", "title": "6"}, "genres"),
    ],
)
def test_row_that_cannot_be_used_is_set_aside_by_its_column(
    row: Mapping[str, str], preset_name: str, changes: Mapping[str, str], field: str
) -> None:
    found = normalized(file_page({**row, **changes}, row, preset=preset_name))

    assert [(e.index, e.field) for e in found.errors] == [(0, field)]
    assert len(found.items) == 1


def test_lines_nobody_could_read_are_set_aside_with_their_number() -> None:
    broken = {"unreadable": "tm1,He", "line": 7, "error": "has 2 columns, the header has 15"}

    found = normalized(file_page(broken, JUSTWATCH, "text"))  # type: ignore[arg-type]  # a bad record

    assert [(e.index, e.field, e.message) for e in found.errors] == [
        (0, "line 7", "has 2 columns, the header has 15"),
        (2, "record", "is no object but 'text'"),
    ]
    assert len(found.items) == 1


def test_users_mapping_reads_columns_of_any_name() -> None:
    mapping = {
        "columns": {
            "title": "Titel",
            "year": "Jahr",
            "user_rating": "Note",
            "price": "Preis",
            "currency": "Währung",
            "expires_at": "bis",
            "genres": {"column": "Genres", "split": "/"},
        },
        "rating_scale": 5,
        "day_first": True,
        "offer": "rental",
        "type": "movie",
    }
    row = {
        "Titel": "Lola rennt",
        "Jahr": 1998,
        "Note": 4.5,
        "Preis": "2.99",
        "Währung": "eur",
        "bis": "31/12/2026",
        "Genres": "Thriller/Action",
    }

    (found,) = normalized(file_page(row, preset="", mapping=mapping)).items

    (offer,) = found.offers
    assert (found.user_rating, found.genres) == (9.0, ("Thriller", "Action"))
    assert (offer.type, offer.price_minor, offer.currency, offer.tier) == (
        "rental",
        299,
        "EUR",
        None,
    )
    assert offer.expires_at == datetime(2026, 12, 31, tzinfo=UTC)


def test_mapping_with_faults_names_every_one() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_mapping({"columns": {"titel": "Titel"}, "offer": "gift"})

    assert {issue.field for issue in caught.value.issues} == {
        "columns.title",
        "columns.titel",
        "offer",
    }


def test_unknown_preset_is_told_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="imdb_listing, justwatch, movielens"):
        preset("letterboxd")


@pytest.mark.parametrize("name", presets())
def test_every_preset_reads_as_a_mapping(name: str) -> None:
    assert preset(name).column_names()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"provider": "letterboxd"}, "no normalizer"),
        ({"preset": ""}, "preset or a mapping"),
        ({"platform": ""}, "platform is not known"),
    ],
)
def test_page_that_cannot_be_used_at_all_is_refused(changes: dict[str, str], told: str) -> None:
    page = file_page(JUSTWATCH).model_copy(update=changes)

    with pytest.raises(InvalidInputError, match=told):
        normalized(page)
