"""TMDB, Watchmode and YouTube on the same server: shapes, quotas, errors, and what changes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from emulators.core.faults import Rule
from emulators.providers.allowances import Window
from emulators.providers.catalog import SAMPLE
from emulators.providers.youtube import CHANNEL, UPLOADS
from tests.emulated.providers.conftest import NOON, Provider, Providers, Query
from tests.emulated.providers.shapes import paths

RECORDED = Path(__file__).parents[4] / "shared/data/payloads"
HEADERS: Mapping[str, Mapping[str, str]] = {
    "/3": {"Authorization": "Bearer local-key"},
    "/v1": {"X-API-Key": "local-key"},
    "/youtube/v3": {"X-Goog-Api-Key": "local-key"},
}
MIDNIGHT = NOON + 12 * 3600
PACIFIC_MIDNIGHT = NOON + 19 * 3600


def prefix(path: str) -> str:
    """Return which service a path is of."""
    return next(begun for begun in HEADERS if path.startswith(begun + "/"))


async def ask(
    provider: Provider, path: str, query: Query | None = None
) -> tuple[int, Any, Mapping[str, str]]:
    """Return status, body and headers of a call with a key."""
    return await provider.ask(path, query, HEADERS[prefix(path)])


async def get(provider: Provider, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON
    """Return the body of a call that must succeed."""
    status, body, _ = await ask(provider, path, query)
    assert status == 200, body
    return body


def recorded(name: str) -> Any:  # noqa: ANN401 - any JSON
    """Return a recorded answer."""
    file = RECORDED / name
    if not file.exists():
        pytest.skip(f"the recorded payload is not here: {file}")
    return json.loads(file.read_text(encoding="utf-8"))


def strange(answer: object, recording: object) -> set[str]:
    """Return leaves of an answer that a recording has not, or has of another type.

    Nothing (null) is of every type, and so is a leaf of which the recording has nothing.
    """
    known: dict[str, set[str]] = {}
    for leaf in paths(recording):
        path, _, kind = leaf.rpartition(": ")
        known.setdefault(path, set()).add(kind)
    found = (leaf.rpartition(": ") for leaf in paths(answer))
    return {
        f"{path}: {kind}"
        for path, _, kind in found
        if path not in known or not ({kind, "NoneType"} & known[path] or kind == "NoneType")
    }


DETAILS = "/3/movie/603"
APPENDED = {"append_to_response": "external_ids,credits,release_dates,watch/providers"}


async def test_details_of_tmdb_have_the_fields_of_the_recording(start: Providers) -> None:
    provider = await start()
    parts = ("external_ids", "credits", "release_dates", "watch/providers")

    plain = await get(provider, DETAILS)
    whole = await get(provider, DETAILS, **APPENDED)

    assert set(whole) - set(plain) == set(parts)
    assert strange(plain, recorded("tmdb/movie-details.json")) == set()


@pytest.mark.parametrize(
    ("part", "file", "elsewhere"),
    [
        ("external_ids", "movie-external-ids", set()),
        # A date is told to the second, here without the fraction of the recording.
        ("release_dates", "movie-release-dates", set()),
    ],
)
async def test_parts_of_tmdb_have_the_fields_of_the_recording(
    start: Providers, part: str, file: str, elsewhere: set[str]
) -> None:
    provider = await start()

    whole = await get(provider, DETAILS, **APPENDED)

    assert strange(whole[part], recorded(f"tmdb/{file}.json")) == elsewhere


async def test_offers_of_tmdb_have_the_fields_of_the_recording(start: Providers) -> None:
    provider = await start()
    recording = recorded("tmdb/movie-watch-providers.json")["results"]

    found = (await get(provider, DETAILS, **APPENDED))["watch/providers"]["results"]

    assert set(found) == {"US", "GB"}
    fields = {key for country in recording.values() for key in country}
    one = set(recording["US"]["flatrate"][0])
    for country in found.values():
        assert set(country) <= fields
        terms = [entries for name, entries in country.items() if name != "link"]
        assert all(set(entry) == one for entries in terms for entry in entries)


async def test_lists_of_tmdb_have_the_fields_of_the_recordings(start: Providers) -> None:
    provider = await start()

    found = await get(provider, "/3/discover/movie")
    changed = await get(provider, "/3/movie/changes", start_date="2026-06-08")

    assert strange(found, recorded("tmdb/movie-popular.json")) == set()
    assert strange(changed, recorded("tmdb/movie-all-changes.json")) == set()


async def test_seasons_of_tmdb_have_the_fields_of_the_recording_and_say_whose_their_episodes_are(
    start: Providers,
) -> None:
    provider = await start()
    listed = (await get(provider, "/3/discover/tv"))["results"]
    number = listed[0]["id"]

    season = await get(provider, f"/3/tv/{number}/season/1")
    named = ",".join(f"season/{n}" for n in range(1, 21))
    whole = await get(provider, f"/3/tv/{number}", append_to_response=named)

    assert whole["season/1"] == season
    assert [one["season_number"] for one in whole["seasons"]] == [
        n for n in range(1, 21) if f"season/{n}" in whole
    ]
    assert sum(one["episode_count"] for one in whole["seasons"]) == whole["number_of_episodes"]
    assert {one["show_id"] for one in season["episodes"]} == {number}
    assert "show_id" not in season
    status, _, _ = await ask(provider, f"/3/tv/{number}/season/99")
    assert status == 404
    status, _, _ = await ask(
        provider, f"/3/tv/{number}", {"append_to_response": named + ",season/21"}
    )
    assert status == 400
    assert strange(season, recorded("tmdb/tv-season-details.json")) == set()


async def test_what_is_trending_is_the_most_popular_first(start: Providers) -> None:
    provider = await start()

    answer = await get(provider, "/3/trending/tv/day")

    popular = [one["popularity"] for one in answer["results"]]
    assert popular == sorted(popular, reverse=True)
    assert {one["media_type"] for one in answer["results"]} == {"tv"}


async def test_titles_of_watchmode_have_the_fields_of_the_recording(start: Providers) -> None:
    provider = await start()

    found = await get(
        provider, "/v1/title/3000003/details/", append_to_response="sources", regions="US"
    )

    recording = recorded("watchmode/title_details_with_sources.json")
    assert strange(found, recording) == set()
    assert set(found["sources"][0]) == set(recording["sources"][0])


async def test_videos_of_youtube_have_the_fields_of_the_recording(start: Providers) -> None:
    provider = await start()
    listed = await get(provider, "/youtube/v3/playlistItems", playlistId=UPLOADS, part="snippet")
    ids = ",".join(item["contentDetails"]["videoId"] for item in listed["items"])

    found = await get(provider, "/youtube/v3/videos", id=ids, part="snippet")

    recording = recorded("youtube_data_v3/videos/videos_info_single.json")
    assert strange(found, recording) == set()


async def test_uploads_are_those_of_the_channel_and_come_the_newest_first(
    start: Providers,
) -> None:
    provider = await start(catalog=SAMPLE)
    (channel,) = (await get(provider, "/youtube/v3/channels", id=CHANNEL, part="contentDetails"))[
        "items"
    ]
    playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]

    page = await get(provider, "/youtube/v3/playlistItems", playlistId=playlist, maxResults=50)

    dates = [item["contentDetails"]["videoPublishedAt"] for item in page["items"]]
    assert len(dates) == 50
    assert dates == sorted(dates, reverse=True)
    assert page["pageInfo"]["totalResults"] > 500


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/3/discover/movie", 401, ("status_message",)),
        ("/v1/list-titles/", 401, ("statusMessage",)),
        ("/youtube/v3/videos", 400, ("error", "message")),
    ],
)
async def test_unknown_key_is_refused_in_each_services_own_form(
    start: Providers, path: str, status: int, message: tuple[str, ...]
) -> None:
    provider = await start()
    stolen = {
        name: value.replace("local-key", "x") for name, value in HEADERS[prefix(path)].items()
    }

    for headers in ({}, stolen):
        found, body, _ = await provider.ask(path, {}, headers)
        for name in message:
            body = body[name]
        assert (found, "Invalid API key" in body) == (status, True)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/3/movie/1", {}, 404),
        ("/3/discover/movie", {"page": 501}, 400),
        ("/3/discover/movie", {"with_watch_providers": "8", "watch_region": "XX"}, 400),
        ("/3/movie/changes", {"start_date": "2026-05-01"}, 400),
        ("/3/movie/changes", {"start_date": "yesterday"}, 400),
        ("/v1/title/1/details/", {}, 404),
        ("/v1/list-titles/", {"regions": "US,DE"}, 400),
        ("/v1/list-titles/", {"limit": 251}, 400),
        ("/v1/changes/new_titles/", {"start_date": "June"}, 400),
        ("/youtube/v3/playlistItems", {"playlistId": "UUnobody"}, 404),
        ("/youtube/v3/playlistItems", {"playlistId": UPLOADS, "pageToken": "x"}, 400),
        ("/youtube/v3/videos", {}, 400),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    start: Providers, path: str, query: Query, status: int
) -> None:
    provider = await start()

    assert (await ask(provider, path, query))[0] == status


async def test_ten_seconds_of_tmdb_hold_forty_calls(start: Providers) -> None:
    provider = await start()
    provider.clock.advance(4)

    answers = [await ask(provider, DETAILS) for _ in range(41)]

    assert [status for status, _, _ in answers] == [200] * 40 + [429]
    assert answers[-1][2]["Retry-After"] == "6"
    assert answers[-1][1]["status_code"] == 25
    provider.clock.advance(6)
    assert (await ask(provider, DETAILS))[0] == 200


async def test_day_of_watchmode_survives_a_restart_and_ends_at_midnight(
    start: Providers, tmp_path: Path
) -> None:
    journal = tmp_path / "emulators.sqlite"
    few = {"watchmode": (Window(units=4),)}
    provider = await start(journal=journal, tariffs=few)
    for _ in range(2):
        await get(provider, "/v1/title/3000001/details/")
    await provider.send("POST", "/_mg/changes", CHANGE)  # commits what was counted
    await start.stop()

    again = await start(journal=journal, tariffs=few)
    status, _, headers = await ask(again, "/v1/list-titles/")

    assert (status, int(headers["Retry-After"])) == (429, MIDNIGHT - NOON)
    again.clock.advance(MIDNIGHT - NOON)
    assert (await ask(again, "/v1/list-titles/"))[0] == 200


async def test_day_of_youtube_ends_at_midnight_of_the_pacific_and_a_search_costs_a_hundred(
    start: Providers,
) -> None:
    provider = await start()
    for _ in range(100):
        await get(provider, "/youtube/v3/search", q="matrix")

    status, body, _ = await ask(provider, "/youtube/v3/channels", {"id": CHANNEL})

    assert (status, body["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")
    provider.clock.advance(PACIFIC_MIDNIGHT - NOON - 1)
    assert (await ask(provider, "/youtube/v3/channels", {"id": CHANNEL}))[0] == 403
    provider.clock.advance(1)
    assert (await ask(provider, "/youtube/v3/channels", {"id": CHANNEL}))[0] == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (DETAILS, "tmdb.details"),
        ("/v1/list-titles/", "watchmode.list_titles"),
        ("/youtube/v3/search", "youtube.search"),
    ],
)
async def test_injected_fault_comes_in_the_services_own_form_and_is_over(
    start: Providers, path: str, method: str
) -> None:
    provider = await start()
    provider.faults.add(Rule("error", "providers", method, remaining=1))

    failed = await ask(provider, path)

    assert failed[0] == 503
    assert "injected fault" in json.dumps(failed[1])
    assert (await ask(provider, path))[0] == 200


CHANGE = {
    "changes": [
        {
            "action": "remove",
            "show": "tt0133093",
            "country": "us",
            "service": "netflix",
            "type": "subscription",
        }
    ]
}


async def test_change_is_told_of_by_every_feed_and_seen_in_every_record(start: Providers) -> None:
    provider = await start()
    provider.clock.advance(60)
    since = {"start_date": "20260610070030", "regions": "US"}  # half a minute after noon, UTC
    feed = "/v1/changes/titles_sources_changed/"
    before = await get(provider, feed, **since)

    status, _ = await provider.send("POST", "/_mg/changes", CHANGE)

    assert (status, before["titles"]) == (200, [])
    assert (await get(provider, feed, **since))["titles"] == [3_000_001]
    assert (await get(provider, feed, **{**since, "regions": "GB"}))["titles"] == []
    changed = await get(provider, "/3/movie/changes", start_date="2026-06-10")
    assert {"id": 603, "adult": False} in changed["results"]
    offers = (await get(provider, DETAILS, **APPENDED))["watch/providers"]["results"]["US"]
    named = {
        entry["provider_name"]
        for terms in offers.values()
        if terms is not offers["link"]
        for entry in terms
    }
    assert "Netflix" not in named
    listed = await get(provider, "/v1/list-titles/", regions="US", source_ids="203")
    assert 3_000_001 not in [title["id"] for title in listed["titles"]]


async def test_title_without_a_number_of_tmdb_has_one_that_no_real_title_has(
    start: Providers,
) -> None:
    provider = await start()

    found = await get(provider, "/3/discover/tv")

    assert [entry["id"] for entry in found["results"]] == [900_000_003]
    dark = await get(provider, "/3/tv/900000003", append_to_response="content_ratings,external_ids")
    assert dark["external_ids"]["imdb_id"] == "tt5753856"
    assert dark["content_ratings"]["results"][0]["iso_3166_1"] == "US"
