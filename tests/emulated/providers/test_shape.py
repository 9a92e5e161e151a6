"""Answers have the shape of a recorded answer of the real service."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulators.providers.catalog import SAMPLE
from tests.emulated.providers.conftest import Providers
from tests.emulated.providers.shapes import paths

SHAPE = json.loads(Path(__file__).with_name("recorded_shape.json").read_text())
ALWAYS, SOMETIMES = set(SHAPE["always"]), set(SHAPE["sometimes"])
RECORDING = (
    Path(__file__)
    .parents[4]
    .joinpath("shared/data/payloads/streaming_availability_v4/shows_search_in.json")
)
# The recording holds no option that ends or that belongs to an addon; the service documents both.
DOCUMENTED = ("streamingOptions.*[].addon.", "streamingOptions.*[].expiresOn:")


async def movies(start: Providers) -> list[Any]:
    provider = await start(catalog=SAMPLE)
    pages = provider.walk("/shows/search/filters", country="us", show_type="movie")
    return [page async for page in pages]


def undocumented(found: set[str]) -> set[str]:
    return {path for path in found if not any(part in path for part in DOCUMENTED)}


async def test_pages_have_exactly_the_key_paths_and_types_of_the_recording(
    start: Providers,
) -> None:
    found = set().union(*(set(paths(page)) for page in await movies(start)))

    assert undocumented(found) == ALWAYS | SOMETIMES


async def test_every_movie_has_what_every_recorded_movie_has(start: Providers) -> None:
    shows = [show for page in await movies(start) for show in page["shows"]]

    # A recorded option always had languages, which a title of ours may lack in one list.
    required = {path for path in ALWAYS if "streamingOptions" not in path}
    for show in shows:
        lists = {path for path in required if not show.get(path.split(".")[1].split("[")[0])}
        assert required - lists <= set(paths(show, "shows[]")), show["id"]
    assert all(show["streamingOptions"]["us"] for show in shows)


def test_the_committed_shape_is_that_of_the_recording() -> None:
    if not RECORDING.exists():
        pytest.skip(f"the recorded payload is not here: {RECORDING}")
    recorded = json.loads(RECORDING.read_text(encoding="utf-8"))

    assert set(paths(recorded)) == ALWAYS | SOMETIMES


async def test_a_series_has_air_years_and_counts_and_seasons_on_request(start: Providers) -> None:
    provider = await start()

    plain = await provider.get("/shows/tt5753856", country="us", series_granularity="show")
    seasons = await provider.get("/shows/3", country="us", series_granularity="season")
    episodes = await provider.get("/shows/3", country="us")

    assert (plain["firstAirYear"], plain["lastAirYear"]) == (2017, 2020)
    assert (plain["seasonCount"], plain["episodeCount"], plain["creators"]) == (3, 26, [])
    assert not {"releaseYear", "runtime", "directors", "seasons"} & set(plain)
    assert [s["firstAirYear"] for s in seasons["seasons"]] == [2017, 2018, 2019]
    assert [len(s["episodes"]) for s in episodes["seasons"]] == [9, 9, 8]


async def test_optional_keys_appear_only_where_they_apply(start: Providers) -> None:
    provider = await start()

    matrix = await provider.get("/shows/movie/603", country="us")
    spirited = await provider.get("/shows/movie%2F129", country="us")

    netflix, apple, prime = matrix["streamingOptions"]["us"]
    assert netflix["videoLink"] == "https://www.netflix.com/watch/20557937"
    assert netflix["audios"][1] == {"language": "spa", "region": "419"}
    assert netflix["subtitles"] == [{"closedCaptions": True, "locale": {"language": "eng"}}]
    assert apple["price"] == {"amount": "3.99", "currency": "USD", "formatted": "3.99 USD"}
    assert prime["addon"]["name"] == "Max"
    assert not {"price", "addon", "expiresOn"} & set(netflix)
    (hbo,) = spirited["streamingOptions"]["us"]
    assert hbo["expiresSoon"] is True
    assert hbo["expiresOn"] > hbo["availableSince"]
