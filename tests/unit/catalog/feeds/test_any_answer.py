"""Whatever a provider answers, a page is read to its end."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.drift import Tally
from shared.catalog.genres import MAX_GENRES, map_genres
from shared.catalog.normalize import PROVIDERS, listings
from shared.catalog.raw import RawPage
from shared.catalog.values import GENRES
from tests.unit.catalog.feeds.answers import PAYLOADS, read
from tests.unit.catalog.pages import NOON, RAW_URI

FEEDS = [provider for provider in PROVIDERS if provider != "generic"]
FILES = sorted(PAYLOADS.rglob("*.json"))
OWNERS = {
    "justwatch_rest_2019": "justwatch",
    "justwatch_graphql": "justwatch",
    "youtube_data_v3": "youtube",
    "streaming_availability_v2": "streaming_availability",
    "streaming_availability_v3": "streaming_availability",
}
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12)
_WORDS = """
id title name results items sources offers snippet node content data genres genre_ids
streamingInfo streamingOptions streamingAvailability country US us url platform type price
currency region release_date runtime imdb_id tmdb_id kind credits cast crew object_type
episodes season_number translations images posters year edges error errors
"""
NAMES = st.sampled_from(_WORDS.split())
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


def written(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value as a raw page holds it."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))


@pytest.mark.parametrize("provider", FEEDS)
@given(record=JSON)
def test_any_record_ends_as_items_or_errors(provider: str, record: object) -> None:
    try:
        given_record = written(record)
    except (TypeError, orjson.JSONEncodeError):  # beyond 64 bits: no parser of ours reads it
        return

    found = read(provider, given_record, {"unreadable": "x", "error": "cut off"})

    assert any(error.field.startswith("line") for error in found.errors)


def test_list_that_is_none_is_an_error_and_the_next_record_is_read() -> None:
    found = read("tmdb", {"id": 1, "season_number": 1, "episodes": False}, {"id": 2})

    places = [(error.index, error.field) for error in found.errors]
    assert (0, "episodes") in places
    assert places[-1] == (1, "record")


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
@given(data=st.data())
def test_answer_with_any_value_in_any_place_ends_as_items_or_errors(
    file: Any,  # noqa: ANN401 - a path
    data: st.DataObject,
) -> None:
    content = orjson.loads(file.read_bytes())
    record = content[0] if isinstance(content, list) else content
    place: Any = record
    for _ in range(data.draw(st.integers(0, 5))):
        steps = list(place) if isinstance(place, dict) else list(range(len(place)))
        inner = [step for step in steps if isinstance(place[step], dict | list) and place[step]]
        if not inner:
            break
        place = place[data.draw(st.sampled_from(inner))]
    steps = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[data.draw(st.sampled_from(steps))] = data.draw(PLAIN | st.just([7]) | st.just({"a": 1}))

    found = read(OWNERS.get(file.parent.name, file.parent.name), record)

    assert all(error.message for error in found.errors)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_items_have_genres_of_the_taxonomy_that_map_to_themselves(file: Any) -> None:  # noqa: ANN401 - a path
    content = orjson.loads(file.read_bytes())
    records = content if isinstance(content, list) else [content]

    found = read(OWNERS.get(file.parent.name, file.parent.name), *records)

    for item in found.items:
        assert set(item.genres) <= set(GENRES)
        assert len(item.genres) <= MAX_GENRES
        again = map_genres((*item.genres, *item.themes), platform=item.platform)
        assert again.genres[: len(item.genres)] == item.genres


def test_listings_of_a_page_are_its_items_and_errors_and_nothing_else() -> None:
    records = [orjson.loads((PAYLOADS / "watchmode" / "details.json").read_bytes())]
    page = RawPage(
        provider="watchmode", platform="all", region="ZZ", fetched_at=NOON, records=records
    )

    assert listings(page, RAW_URI) == Tally(3)


def test_page_of_one_platform_leaves_the_others_out() -> None:
    record = orjson.loads((PAYLOADS / "watchmode" / "details.json").read_bytes())

    found = read("watchmode", record, platform="netflix")

    assert [item.platform for item in found.items] == ["netflix"]
