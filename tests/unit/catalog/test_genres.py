"""Genre names of every platform, brought into the taxonomy."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog import genres
from shared.catalog.genres import MAX_GENRES, counting_misses, map_genres
from shared.catalog.platforms import platforms
from shared.catalog.values import GENRES

DATA = orjson.loads((Path(genres.__file__).parent / "data" / "genres.json").read_bytes())
NAMES = [
    (platform, name)
    for platform in [None, *DATA["platforms"]]
    for name in [*DATA["common"], *DATA["platforms"].get(platform, {}), *GENRES]
]


@pytest.mark.parametrize(
    ("platform", "name", "expected"),
    [
        (None, "action-adventure", ("Action", "Adventure")),
        (None, "Action & Adventure", ("Action", "Adventure")),
        (None, "sci-fi", ("Science Fiction",)),
        (None, "scifi", ("Science Fiction",)),
        (None, "Sci-Fi & Fantasy", ("Science Fiction", "Fantasy")),
        (None, "documentation", ("Documentary",)),
        (None, "Kids' TV", ("Family",)),
        (None, "TV Dramas", ("Drama",)),
        (None, "Anime Features", ("Animation",)),
        (None, "War & Politics", ("War",)),
        (None, "sport", ("Sports",)),
        ("netflix", "suspense", ("Thriller",)),
        ("netflix", "5763", ("Drama",)),
        ("tmdb", "10765", ("Science Fiction", "Fantasy")),
        ("youtube", "17", ("Sports",)),
        ("hbo_max", "true crime", ("Crime", "Documentary")),
        ("paramount_plus", "nickelodeon", ("Family", "Animation")),
        ("peacock", "premier league", ("Sports",)),
        ("apple_tv_plus", "masterclass", ("Documentary",)),
    ],
)
def test_known_name_becomes_its_genres(
    platform: str | None, name: str, expected: tuple[str, ...]
) -> None:
    assert map_genres([name], platform=platform).genres == expected


@pytest.mark.parametrize("platform", [None, "disney_plus", "hbo_max"])
def test_superhero_means_the_same_everywhere(platform: str | None) -> None:
    found = map_genres(["Superhero"], platform=platform)

    assert (found.genres, found.themes) == (("Action",), ("superhero",))


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("netflix", "Netflix Original"),
        ("hbo_max", "HBO Originals"),
        ("hulu", "FX original"),
        ("youtube", "24"),
        (None, "(no genres listed)"),
        (None, "TV Shows"),
    ],
)
def test_name_that_says_nothing_of_genre_is_dropped(platform: str | None, name: str) -> None:
    found = map_genres([name], platform=platform)

    assert (found.genres, found.themes) == ((), ())


@pytest.mark.parametrize("platform", [None, *DATA["platforms"]])
def test_every_name_in_the_data_stays_inside_the_taxonomy(platform: str | None) -> None:
    named = [name for owner, name in NAMES if owner == platform]

    found = {genre for name in named for genre in map_genres([name], platform=platform).genres}

    assert set(GENRES) >= found > {"Action", "Drama"}


@pytest.mark.parametrize("name", ["Documentry", "Thriler", "Animaton", "Horrror"])
def test_misspelled_name_is_recognized(name: str) -> None:
    assert len(map_genres([name]).genres) == 1


@pytest.mark.parametrize("name", ["european", "Noir", "wart", "Variety", "Biography", "Newts"])
def test_unknown_name_becomes_a_theme_not_a_likely_genre(name: str) -> None:
    found = map_genres([name])

    assert (found.genres, found.themes) == ((), (name.lower(),))


def test_order_is_the_sources_and_five_are_kept() -> None:
    found = map_genres(["War", "Drama", "War", "History", "Romance", "Comedy", "Action"])

    assert found.genres == ("War", "Drama", "History", "Romance", "Comedy")


names = st.one_of(st.sampled_from([name for _, name in NAMES]), st.text(max_size=30))


@given(st.lists(names, max_size=8), st.sampled_from([None, *platforms()]))
def test_mapping_what_was_mapped_changes_nothing(given_names: list[str], platform: str) -> None:
    once = map_genres(given_names, platform=platform)

    twice = map_genres(once.genres, platform=platform)

    assert twice.genres == once.genres
    assert twice.themes == ()
    assert len(once.genres) <= MAX_GENRES


def test_names_that_no_map_knows_are_counted_by_platform_each_time_they_are_read() -> None:
    with counting_misses() as found:
        for _ in range(2):
            map_genres(("Sci-Fi", "Superhero", "Mumblecore", "mumblecore", "TV"), platform="hulu")
        map_genres(("Mumblecore",))

    assert found == {("hulu", "mumblecore"): 2, ("", "mumblecore"): 1}
    map_genres(("Giallo",))
    assert ("", "giallo") not in found
