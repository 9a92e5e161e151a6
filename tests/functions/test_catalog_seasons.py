"""Seasons and episodes of a series over a real database."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.gateway.vary import TAGS_HEADER
from tests.contracts.sql.test_series_links import PILOT, Shelf, series
from tests.fakes.edge import Answer, ask, load


@pytest.fixture
def path(connected: connect.Addresses) -> str:
    """Return the path of a series with one episode."""
    assert connected.database_url
    Shelf(connect.engine()).bring(series(), PILOT)
    with connect.reads().connect() as connection:
        found = connection.execute(text("SELECT id FROM content WHERE content_type = 'series'"))
        return f"/api/v1/content/tv/{found.scalar_one()}/seasons"


def get(target: str) -> Answer:
    """Ask the function."""
    return asyncio.run(ask(load("catalog_seasons").handle, "GET", target))


def test_a_season_and_an_episode_answer_by_their_numbers(path: str) -> None:
    season, episode = get(f"{path}/1?region=US"), get(f"{path}/1/episodes/1")

    assert (season.status, season.json["series_title"]) == (200, "Breaking Bad")
    assert [one["platforms"] for one in season.json["episodes"]] == [["netflix"]]
    assert (episode.status, episode.json["title"]) == (200, "Pilot")
    assert season.headers[TAGS_HEADER].split(",") == [
        season.json["series_id"],
        episode.json["id"],
    ]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/2", 404),
        ("/1/episodes/9", 404),
        ("/-1", 422),
        ("/one", 422),
        ("/1?content_rating_limit=PG", 404),
    ],
)
def test_what_is_not_there_or_not_permitted_has_no_page(
    path: str, target: str, status: int
) -> None:
    assert get(path + target).status == status
