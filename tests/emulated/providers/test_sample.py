"""The committed sample is what its README promises."""

import gzip
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from emulators.core.errors import EmulatorError
from emulators.providers.catalog import SAMPLE, Title, read_titles
from emulators.providers.platforms import COUNTRIES, SERVICES
from emulators.providers.sample.build import main

DATA = Path(__file__).parents[4] / "shared/data"
DAY = 86_400


@pytest.fixture(scope="module")
def titles() -> list[Title]:
    return list(read_titles(SAMPLE))


def test_a_thousand_titles_are_seven_hundred_movies_and_three_hundred_series(
    titles: list[Title],
) -> None:
    assert Counter(title.show_type for title in titles) == {"movie": 700, "series": 300}
    assert len({title.id for title in titles}) == len({title.imdb_id for title in titles}) == 1000
    assert all(title.sample and title.imdb_id for title in titles)
    assert all(title.tmdb_id for title in titles if title.show_type == "movie")
    assert all(title.seasons and title.last_year for title in titles if title.show_type != "movie")


def test_genres_decades_countries_and_languages_are_broad(titles: list[Title]) -> None:
    decades = Counter(title.year // 10 for title in titles)
    genres = Counter(genre for title in titles for genre in title.genres)

    assert all(decades[decade] >= 20 for decade in range(193, 203))
    assert sum(count >= 30 for count in genres.values()) >= 17
    assert len({country for title in titles for country in title.countries[:1]}) >= 25
    assert len({title.language for title in titles}) >= 15


def test_every_service_has_titles_in_every_country(titles: list[Title]) -> None:
    present = Counter(
        (country, offer.service)
        for title in titles
        for country, offers in title.offers.items()
        for offer in offers
        if offer.present(DAY / 2)
    )

    assert all(present[pair] >= 50 for pair in product(COUNTRIES, SERVICES))


def test_every_title_can_be_watched_in_the_united_states(titles: list[Title]) -> None:
    assert all(any(offer.present(0) for offer in title.offers["us"]) for title in titles)


def test_some_offers_end_within_each_window_of_notice(titles: list[Title]) -> None:
    ends = [
        (offer.ends or 0) / DAY
        for title in titles
        for offer in title.offers["us"]
        if offer.present(0)
    ]

    for low, high in ((0, 1), (1, 3), (3, 7)):
        assert any(low < days - 0.5 <= high for days in ends), (low, high)


def test_synopses_are_sentences_of_their_own(titles: list[Title]) -> None:
    overviews = [title.overview for title in titles]

    assert len(set(overviews)) == 1000
    assert min(map(len, overviews)) >= 60
    assert all(text[0].isupper() and text.endswith(".") for text in overviews)
    assert not [text for text in overviews if "{" in text or "  " in text]


def test_texts_have_no_letters_that_were_decoded_twice(titles: list[Title]) -> None:
    names = [n for t in titles for n in (t.title, t.original_title, *t.cast, *t.directors)]

    assert not [name for name in names if "Ã" in name or "\ufffd" in name]


def test_building_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    if not (DATA / "catalog").is_dir():
        pytest.skip(f"the development catalogues are not here: {DATA}")
    built = tmp_path / "titles.jsonl.gz"

    assert main([str(DATA), "--output", str(built)]) == 0

    # Compression may differ between versions of zlib; the lines may not.
    assert gzip.decompress(built.read_bytes()) == gzip.decompress(SAMPLE.read_bytes())


def test_without_the_data_the_builder_says_so_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built = tmp_path / "titles.jsonl.gz"

    assert main([str(tmp_path), "--output", str(built)]) == 0

    assert "has no development catalogues" in capsys.readouterr().err
    assert not built.exists()


def test_a_line_that_is_no_title_is_named_with_its_field(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": "1", "rating": 400}\n')

    with pytest.raises(EmulatorError, match=r"broken\.jsonl, line 1: show_type: Field required"):
        list(read_titles(broken))


def test_no_title_stands_in_the_sample_twice(titles: list[Title]) -> None:
    known = {(title.title.casefold(), title.year, title.show_type) for title in titles}

    assert len(known) == len(titles)
