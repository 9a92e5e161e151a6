"""YouTube's answers as items: videos, results of searches, items of playlists."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.feeds.youtube import minutes_of
from tests.unit.catalog.feeds.answers import answer, by_listing, read

VIDEOS = answer("youtube_data_v3/videos.json")
VIDEO = VIDEOS["items"][0]


def video(**snippet: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a video without details that says these things."""
    given = {"title": "Night Trains", "channelTitle": "Slow Rails", **snippet}
    return {"kind": "youtube#video", "id": "aaaaaaaaaa1", "snippet": given}


def lasting(duration: str) -> dict[str, Any]:
    """Return a video of a length."""
    return {**video(), "contentDetails": {"duration": duration}}


def test_video_becomes_an_item_in_every_country_that_it_is_open_to() -> None:
    listed = by_listing(read("youtube", VIDEOS))

    assert set(listed) == {("youtube", "GB"), ("youtube", "DE")}
    item = listed["youtube", "GB"]
    assert (item.title, item.runtime_minutes) == ("Night Trains & Day Boats", 1564)
    assert (item.release_date, item.content_type) == (date(2021, 3, 4), "movie")
    assert (item.themes, item.genres) == (("travel & events", "trains", "boats"), ())
    assert [(i.kind, i.width) for i in item.images] == [("backdrop", 120), ("backdrop", 1280)]
    assert item.titles == {"en": "Night Trains & Day Boats"}
    assert item.maturity is not None
    assert item.maturity.value == "18+"
    assert item.user_rating is None
    assert item.popularity == pytest.approx(0.4545, abs=1e-4)
    assert [(c.name, c.role) for c in item.credits] == [("Slow Rails", "creator")]
    (offer,) = item.offers
    assert (offer.type, offer.tier, offer.quality, offer.audio) == ("free", None, "hd", ("en-GB",))
    assert offer.link == "https://www.youtube.com/watch?v=aaaaaaaaaa1"


def test_video_that_a_country_blocks_has_no_offer_there() -> None:
    details = {"duration": "PT5M", "regionRestriction": {"blocked": ["US"]}}
    record = {**VIDEO, "contentDetails": details}

    blocked, open_ = (read("youtube", record, region=code).items[0] for code in ("US", "GB"))

    assert (len(blocked.offers), len(open_.offers)) == (0, 1)


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [
        ("PT15M33S", 16),
        ("PT15M29S", 15),
        ("P1DT2H", 1560),
        ("P1W", 10080),
        ("PT29S", 1),
        ("PT0S", None),
        ("P0D", None),
    ],
)
def test_duration_with_days_and_hours_becomes_minutes(duration: str, minutes: int | None) -> None:
    assert minutes_of(duration) == minutes


@given(st.integers(0, 30), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_duration_written_out_is_read_back_to_the_minute(
    days: int, hours: int, minutes: int, seconds: int
) -> None:
    written = f"P{days}DT{hours}H{minutes}M{seconds}S"
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds

    read_back = minutes_of(written)
    if total < 30:
        assert read_back == (1 if total else None)
    else:
        assert abs((read_back or 0) * 60 - total) <= 30


@pytest.mark.parametrize(
    ("duration", "kind"),
    [("PT9M", "short"), ("PT10M", "episode"), ("PT60M", "episode"), ("PT61M", "movie")],
)
def test_length_is_a_hint_at_the_kind(duration: str, kind: str) -> None:
    (item,) = read("youtube", lasting(duration)).items

    assert item.content_type == kind


def test_video_without_a_length_is_of_unknown_kind() -> None:
    (item,) = read("youtube", video()).items

    assert item.content_type == "unknown"


@pytest.mark.parametrize(
    ("category", "genres", "themes"),
    [
        ("10", ("Music",), ()),
        ("17", ("Sports",), ()),
        ("1", (), ()),
        ("24", (), ()),
        ("22", (), ("people & blogs",)),
    ],
)
def test_category_is_a_genre_or_a_theme_and_entertainment_is_neither(
    category: str, genres: tuple[str, ...], themes: tuple[str, ...]
) -> None:
    (item,) = read("youtube", video(categoryId=category)).items

    assert (item.genres, item.themes) == (genres, themes)


def listed(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return an item of a playlist."""
    snippet = {
        "publishedAt": "2022-01-01T00:00:00Z",
        "title": "Night Trains",
        "channelTitle": "Somebody's List",
        "playlistId": "PLx",
        "resourceId": {"kind": "youtube#video", "videoId": "aaaaaaaaaa1"},
    }
    return {"kind": "youtube#playlistItem", "id": "UExz", "snippet": {**snippet, **more}}


def test_day_and_owner_of_a_list_are_not_the_videos() -> None:
    plain, detailed = (
        read("youtube", record).items[0]
        for record in (
            listed(),
            {
                **listed(videoOwnerChannelTitle="Slow Rails"),
                "contentDetails": {"videoPublishedAt": "2019-05-11T00:27:38.000Z"},
            },
        )
    )

    assert (plain.release_date, plain.credits) == (None, ())
    assert plain.offers[0].available_from is None
    assert (detailed.release_date, detailed.credits[0].name) == (date(2019, 5, 11), "Slow Rails")


@pytest.mark.parametrize("title", ["Private video", "Deleted video"])
def test_video_that_is_no_longer_public_is_set_aside(title: str) -> None:
    found = read("youtube", listed(title=title))

    assert (found.items, [e.field for e in found.errors]) == ((), ["snippet.title"])


def test_result_of_a_search_is_a_video_and_channels_are_set_aside_by_what_they_are() -> None:
    snippet = {"title": "It&#39;s Night", "publishedAt": "2020-02-06T19:00:04.000Z"}
    hit = {"id": {"kind": "youtube#video", "videoId": "aaaaaaaaaa1"}, "snippet": snippet}
    channel = {"id": {"kind": "youtube#channel", "channelId": "UCx"}, "snippet": snippet}

    found = read("youtube", {"kind": "youtube#searchListResponse", "items": [hit, channel]})

    assert [item.title for item in found.items] == ["It's Night"]
    assert [(e.part, e.message) for e in found.errors] == [("items[1]", "a channel is no video")]


@pytest.mark.parametrize(
    "kind", ["youtube#playlist", "youtube#videoCategory", "youtube#guideCategory"]
)
def test_answer_about_something_else_is_set_aside(kind: str) -> None:
    found = read("youtube", {"kind": kind, "id": "17", "snippet": {"title": "Sports"}})

    assert (found.items, [e.field for e in found.errors]) == ((), ["kind"])


def test_refusal_names_the_spent_quota() -> None:
    body = {
        "error": {
            "code": 403,
            "message": "The request cannot be completed.",
            "errors": [{"domain": "youtube.quota", "reason": "quotaExceeded"}],
        }
    }

    (error,) = read("youtube", body).errors

    assert error.message == (
        "the provider refuses (403 quotaExceeded): The request cannot be completed."
    )


@pytest.mark.parametrize("duration", ["15 minutes", "P", "PT", "PT1H2", "P1Y"])
def test_duration_that_is_none_is_an_error_by_field(duration: str) -> None:
    found = read("youtube", lasting(duration))

    expected = () if duration == "PT" else ("contentDetails.duration",)
    assert tuple(e.field for e in found.errors) == expected
