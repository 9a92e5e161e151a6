"""The change feed follows the clock and what was changed by hand."""

from pathlib import Path
from typing import Any

from emulators.providers.catalog import SAMPLE
from tests.emulated.providers.conftest import NOON, Providers

DAY = 86_400


def told(changes: list[Any]) -> list[tuple[str, str, str]]:
    return [(c["showId"], c["service"]["id"], c["streamingOptionType"]) for c in changes]


async def test_each_feed_tells_what_the_catalogue_file_says_of_its_days(start: Providers) -> None:
    provider = await start()

    assert told(await provider.changes("new")) == [("3", "netflix", "subscription")]
    assert told(await provider.changes("removed")) == [("3", "hulu", "subscription")]
    assert told(await provider.changes("expiring")) == [("2", "hbo", "subscription")]
    assert told(await provider.changes("upcoming")) == [("2", "netflix", "subscription")]


async def test_offers_start_end_and_change_price_as_time_passes(start: Providers) -> None:
    provider = await start()

    provider.clock.advance(6 * DAY)

    matrix = await provider.get("/shows/1", country="us")
    spirited = await provider.get("/shows/2", country="us")
    assert matrix["streamingOptions"]["us"][1]["price"]["amount"] == "2.99"
    assert [o["service"]["id"] for o in spirited["streamingOptions"]["us"]] == ["netflix"]
    assert told(await provider.changes("updated", **{"from": NOON})) == [
        ("1", "apple", "rent"),
        ("2", "hbo", "subscription"),
        ("2", "netflix", "subscription"),
    ]


async def test_an_added_priced_and_removed_offer_is_told_once_each_in_order(
    start: Providers,
) -> None:
    provider = await start()
    link = "https://www.youtube.com/watch?v=vKQi3bBA1y8"
    offer = {"service": "youtube", "type": "rent"}

    await provider.change("add", **offer, link=link, price="3.99")
    provider.clock.advance(60)
    await provider.change("update", **offer, price="1.99")
    provider.clock.advance(60)
    await provider.change("remove", **offer)

    updated = await provider.changes("updated", catalogs="youtube")
    assert [c["timestamp"] for c in updated] == [NOON, NOON + 60, NOON + 120]
    assert {(c["changeType"], c["link"]) for c in updated} == {("updated", link)}
    assert told(await provider.changes("new", catalogs="youtube")) == [("1", "youtube", "rent")]
    assert told(await provider.changes("removed", catalogs="youtube.rent")) == [
        ("1", "youtube", "rent")
    ]


async def test_a_page_of_changes_carries_the_shows_as_they_are_now(start: Providers) -> None:
    provider = await start()
    await provider.change("update", service="apple", type="rent", price="0.99")

    page = await provider.get(
        "/changes", country="us", change_type="updated", item_type="show", **{"from": NOON}
    )

    (change,) = page["changes"]
    options = page["shows"][change["showId"]]["streamingOptions"]["us"]
    assert next(o["price"]["amount"] for o in options if o["service"]["id"] == "apple") == "0.99"
    assert page["hasMore"] is False
    assert "nextCursor" not in page


async def test_walking_the_feed_yields_each_change_once_in_order_both_ways(
    start: Providers,
) -> None:
    provider = await start(catalog=SAMPLE)

    forward = await provider.changes("updated")
    backward = await provider.changes("updated", order_direction="desc")

    stamps = [change["timestamp"] for change in forward]
    assert len(forward) > 100
    assert stamps == sorted(stamps)
    assert forward == backward[::-1]
    assert len({(stamp, *one) for stamp, one in zip(stamps, told(forward), strict=True)}) == len(
        forward
    )


async def test_a_window_is_inclusive_and_reaches_no_further_than_31_days(start: Providers) -> None:
    provider = await start()
    midnight = NOON - 12 * 3600
    added = {"from": midnight - 3 * DAY, "to": midnight - 3 * DAY}

    assert len(await provider.changes("new", **added)) == 1
    assert await provider.changes("new", **{"from": midnight - 3 * DAY + 1}) == []
    fixed = {"country": "us", "change_type": "new", "item_type": "show"}
    status, body, _ = await provider.ask("/changes", {**fixed, "from": NOON - 32 * DAY})
    assert (status, body) == (
        400,
        {"message": f"invalid from: {NOON - 32 * DAY} is not within 31 days"},
    )


async def test_seasons_and_episodes_have_no_changes_of_their_own(start: Providers) -> None:
    provider = await start()

    page = await provider.get("/changes", country="us", change_type="new", item_type="episode")

    assert page == {"changes": [], "shows": {}, "hasMore": False}


async def test_a_restart_keeps_changes_new_shows_and_the_days_of_the_catalogue(
    start: Providers, tmp_path: Path
) -> None:
    journal = tmp_path / "emulators.sqlite"
    first = await start(journal=journal)
    await first.change("update", service="apple", type="rent", price="0.99")
    heat = {
        "id": "9", "imdb_id": "tt0113277", "tmdb_id": "movie/949", "show_type": "movie",
        "title": "Heat", "original_title": "Heat", "year": 1995, "genres": ["crime"],
        "overview": "A thief and a detective respect each other.", "rating": 83,
        "offers": {"us": [{"service": "hulu", "type": "subscription", "starts": 0,
                           "link": "https://www.hulu.com/watch/9"}]},
    }  # fmt: skip
    assert await first.send("PUT", "/_mg/shows", heat) == (200, {"id": "9"})
    first.clock.advance(2 * DAY)
    before = await first.get("/shows/search/filters", country="us")
    await start.stop()

    second = await start(journal=journal, at=NOON + 2 * DAY)

    assert await second.get("/shows/search/filters", country="us") == before
    assert (await second.get("/shows/movie/949"))["title"] == "Heat"
    assert [c["timestamp"] for c in await second.changes("updated", catalogs="apple")] == [NOON]


async def test_a_request_with_one_wrong_change_changes_nothing(start: Providers) -> None:
    provider = await start()
    good = {"action": "remove", "show": "1", "country": "us", "service": "netflix",
            "type": "subscription"}  # fmt: skip
    before = await provider.get("/shows/1")

    gone = await provider.send("POST", "/_mg/changes", {"changes": [good, good]})
    vague = await provider.send("POST", "/_mg/changes", {"changes": [{**good, "price": "free"}]})
    twice = await provider.send("POST", "/_mg/changes", {"changes": [{**good, "action": "add"}]})

    assert gone == (404, {"message": "changes.1: 1 has no such offer in us"})
    assert vague[0] == 400
    assert vague[1]["message"].startswith("changes.0.price: ")
    assert twice[0] == 409
    assert await provider.get("/shows/1") == before


async def test_an_end_can_be_set_moved_and_taken_away(start: Providers) -> None:
    provider = await start()
    offer = {"service": "netflix", "type": "subscription"}

    await provider.change("update", **offer, expires_on=NOON + DAY)
    soon = await provider.changes("expiring", catalogs="netflix")
    await provider.change("update", **offer, expires_on=None)

    assert [c["timestamp"] for c in soon] == [NOON + DAY]
    assert await provider.changes("expiring", catalogs="netflix") == []
