"""What a season or an episode says of its place, and what speaks against two at one place."""

from __future__ import annotations

from typing import Any

import pytest

from shared.catalog.item import PartOf
from shared.catalog.values import ContentType
from shared.matching.counting import only_counts
from shared.matching.facts import Facts, facts_of
from shared.matching.merge import merge
from shared.matching.record import record_of
from shared.matching.series import objection, place_of
from tests.unit.matching.items import bare

IDS = {"imdb": "tt0903747", "tmdb_tv": "1396"}


def part(kind: ContentType = ContentType.EPISODE, **of: Any) -> Any:  # noqa: ANN401 - an item
    given = {"title": "Breaking Bad", "season": 1, "episode": 2, **of}
    return bare("netflix", "1", "Grilled", content_type=kind, part_of=PartOf(**given))


def facts(title: str, kind: ContentType = ContentType.EPISODE, year: int | None = 2008) -> Facts:
    return facts_of(bare("netflix", "1", title, content_type=kind, release_year=year))


def test_a_place_names_the_series_by_name_and_ids() -> None:
    place = place_of(part(external_ids=IDS))

    assert place is not None
    assert (place.season, place.episode, place.series_key) == (1, 2, "breaking bad")
    assert place.series_ids == ("imdb:tt0903747", "tmdb_tv:1396")


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        (ContentType.MOVIE, {}),
        (ContentType.EPISODE, {"episode": None}),
        (ContentType.SEASON, {}),
        (ContentType.EPISODE, {"season": None}),
        (ContentType.EPISODE, {"title": None}),
    ],
    ids=["no-part", "no-number", "number-of-a-season", "no-season", "no-series"],
)
def test_what_says_too_little_has_no_place(kind: ContentType, of: dict[str, Any]) -> None:
    assert place_of(part(kind, **of)) is None


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        (facts("Grilled"), facts("Grilled"), None),
        (facts("Grilled"), facts("Episode 2"), None),
        (facts("Chapter Two"), facts("Grilled"), None),
        (facts("Grilled"), facts("Cat's in the Bag"), "title"),
        (facts("Grilled"), facts("Grilled", year=2015), "year"),
        (facts("Grilled"), facts("Grilled", year=None), None),
        (facts("Season 2", ContentType.SEASON), facts("The Bad Years", ContentType.SEASON), None),
        (facts("Grilled"), facts("Grilled", ContentType.SEASON), "type"),
    ],
)
def test_names_and_years_speak_against_one_title_at_one_place(
    left: Facts, right: Facts, found: str | None
) -> None:
    assert objection(left, right) == objection(right, left) == found


@pytest.mark.parametrize(
    ("key", "counts"),
    [("episode 3", True), ("chapter one", True), ("pilot", False), ("se7en", False)],
)
def test_numbers_are_no_names(key: str, *, counts: bool) -> None:
    assert only_counts(key) is counts


@pytest.mark.parametrize(
    ("kind", "kept"), [(ContentType.EPISODE, "Grilled"), (ContentType.MOVIE, "Episode 2")]
)
def test_the_number_of_an_episode_does_not_replace_its_name(kind: ContentType, kept: str) -> None:
    named, numbered = (
        record_of(bare("netflix", "1", title, content_type=kind))
        for title in ("Grilled", "Episode 2")
    )

    assert merge(named, numbered, "streaming_availability").scalars["title"] == kept
    assert merge(numbered, named, "streaming_availability").scalars["title"] == "Grilled"
