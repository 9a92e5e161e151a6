"""The shortest journey names the step that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from terraform.pipeline import smoke
from terraform.pipeline.smoke import Door, SmokeError, insisted, main, walked
from tests.emulated.pipeline.cloud import TITLE, Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def door(address: str) -> Door:
    """Return the door of the small cloud."""
    return Door(f"{address}/door")


def test_journey_goes_from_words_to_offers(cloud: Cloud, door: Door) -> None:
    assert walked(door) == TITLE["title"]
    assert [path.split(" ")[1] for path in cloud.walked] == [
        "health/live",
        "api/v1/search",
        "api/v1/content/0197",
        "api/v1/content/0197/availability",
        "api/v1/search/autocomplete",
        "api/v1/search/suggestions/trending",
        "api/v1/content/0197/links",
        "api/v1/content/expiring",
        ".well-known/jwks.json",
    ]


def test_door_without_titles_fails_unless_it_may_be_empty(cloud: Cloud, door: Door) -> None:
    cloud.titles = False

    with pytest.raises(SmokeError, match="search: nothing is found by 'space adventure'"):
        walked(door)
    assert walked(door, filled=False) == ""


def test_step_that_fails_is_named_with_its_answer(cloud: Cloud, door: Door) -> None:
    cloud.broken.add("anyone")

    with pytest.raises(SmokeError, match="health: 500"):
        walked(door)


def test_door_that_is_shut_fails() -> None:
    with pytest.raises(SmokeError, match="health"):
        walked(Door("http://127.0.0.1:9"))


def test_page_of_another_title_is_a_contradiction(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: Iterator[object] = iter([{}, {"results": [{"content": TITLE}]}, {"title": "Ronin"}])
    monkeypatch.setattr(Door, "get", lambda *_args, **_asked: next(answers))

    with pytest.raises(SmokeError, match="title page: 'Ronin' is not what was found, 'Heat'"):
        walked(door)


def test_walk_is_tried_again_but_not_for_ever() -> None:
    tried: list[int] = []
    pauses: list[float] = []

    def walk() -> str:
        tried.append(1)
        raise SmokeError("health: 503")

    with pytest.raises(SmokeError, match="503"):
        insisted(walk, tries=3, pause=pauses.append)
    assert len(tried) == 3
    assert pauses == [smoke.PAUSE_SECONDS] * 2


def test_command_ends_well_only_if_the_walk_does(
    cloud: Cloud, door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([door.url, "--tries", "1"]) == 0
    assert "found Heat" in capsys.readouterr().out

    cloud.broken.add("anyone")
    assert main([door.url, "--tries", "1"]) == 1
    assert "health: 500" in capsys.readouterr().err
