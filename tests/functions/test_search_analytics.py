"""Searches published and kept, clicks, figures, trends and their hourly job, over a database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnavailableError
from shared.kernel.ids import TimeOrderedIds
from shared.kernel.principal import ANONYMOUS, Kind, Principal
from shared.runtime import lifecycle, metrics, search_events, search_keys
from shared.runtime.logging import request_id
from shared.search.analytics.clicks import ClickReceipt
from shared.search.analytics.events import PerformedSearch
from shared.search.analytics.report import SearchAnalytics
from shared.search.analytics.trending import TrendingQueries
from tests.contracts.sql.conftest import Catalog
from tests.fakes.edge import Answer, ask, load, pushed
from tests.fakes.searches import PEOPLE
from tests.fakes.surroundings import change
from tests.fakes.tokens import trusted
from tests.functions.conftest import SentEvents
from tests.unit.matching.items import item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from shared.kernel.events import Event

CLICKS = "/api/v1/search/clicks"
ANALYTICS = "/api/v1/admin/search/analytics"
TRENDING = "/api/v1/search/suggestions/trending"
REFERENCE = "projects/p/secrets/log-key/versions/1"
NOWHERE = "postgresql+pg8000://postgres@127.0.0.1:9/nothing"
IDS = TimeOrderedIds(SystemClock())
pytestmark = pytest.mark.usefixtures("noting")


@pytest.fixture
def noting(
    connected: connect.Addresses, sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Connect this process to a catalog with one film, and give it the key of pseudonyms."""
    assert connected.database_url
    for place in ("shared.adapters.secrets.secret", "shared.runtime.search_keys.secret"):
        monkeypatch.setattr(place, {REFERENCE: "k" * 32}.__getitem__)
    monkeypatch.setattr(search_events, "PubSubPublisher", sent)
    monkeypatch.setattr(lifecycle, "work", lifecycle.Work())
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_KEY": REFERENCE})
    Catalog(connect.engine()).take(item())
    forget()
    yield
    if (waiting := search_events.buffer()) is not None:
        asyncio.run(waiting.settle())  # its thread ends with it
    forget()


def forget() -> None:
    """Let this process find its key and its buffer anew."""
    for made in (search_events.buffer, search_keys.pseudonyms, search_keys.sealer):
        made.cache_clear()


def noted(typed: str = "heat", user: str = "") -> UUID:
    """Note a search as the function does, and return its id."""
    search_id = IDS.new()
    search_events.note(PerformedSearch(search_id, typed, user, result_count=3, latency_ms=12.5))
    return search_id


async def published(sent: SentEvents, *searches: tuple[str, str]) -> list[Event]:
    """Note searches, text and user, and return what the process published before it ended."""
    for typed, user in searches:
        noted(typed, user)
    await lifecycle.work.settled()
    return sent.events


async def delivered(events: Sequence[Event]) -> set[int]:
    """Hand events to the function that keeps them, and return its answers."""
    handle = load("search_record").handle
    return {(await ask(handle, "POST", "/", body=pushed(event))).status for event in events}


async def click(search_id: object, **changed: object) -> Answer:
    """Report a click on the film, or what `changed` makes of it."""
    body = {"search_id": str(search_id), "content_id": await film(), "position": 1, **changed}
    return await ask(load("search_clicks").handle, "POST", CLICKS, body=orjson.dumps(body))


async def film() -> str:
    ((found,),) = await rows("SELECT id FROM content")
    return str(found)


async def rows(sql: str) -> list[Any]:
    def read() -> list[Any]:
        with connect.reads().connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    return await asyncio.to_thread(read)


async def count(table: str) -> int:
    ((found,),) = await rows(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours
    return int(found)


async def figures(target: str = ANALYTICS) -> Answer:
    """Ask for figures as an administrator."""
    with pytest.MonkeyPatch.context() as patch, trusted(patch) as authority:
        token = {"authorization": f"Bearer {authority.admin()}"}
        return await ask(load("search_analytics").handle, "GET", target, headers=token)


@pytest.mark.behavior("search:11:14")
async def test_searches_and_clicks_become_figures_trends_and_nothing_personal(
    sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [*[("Heat", who) for who in PEOPLE], ("my neighbor jim", "jon")]
    told = await published(sent, *asked)
    assert await delivered(told) == {204}
    assert (await click(told[0].event_id)).status == 202

    answer = await figures()
    report = SearchAnalytics.model_validate_json(answer.body, strict=True)
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert (report.total_searches, report.unique_queries) == (7, 2)
    assert report.avg_ctr == round(1 / 7, 4)
    assert [(q.query, q.count) for q in report.top_queries] == [("heat", 6)]

    assert await asyncio.to_thread(load("search_rollup").handle, []) == 0
    assert orjson.loads(capsys.readouterr().out.splitlines()[-1])["counted"] >= 3
    trends = await ask(load("search_trending").handle, "GET", f"{TRENDING}?region=US")
    assert TrendingQueries.model_validate_json(trends.body).items[0].query == "heat"
    assert trends.headers["cache-control"] == "public, max-age=300"
    kept = str(await rows("SELECT e::text FROM search_event e"))
    said = str([event.model_dump_json() for event in told])
    assert not any(word in kept + said for word in ("jim", "heat", '"ann"'))


async def test_what_comes_again_is_kept_once_and_what_tells_no_search_is_set_aside(
    sent: SentEvents,
) -> None:
    told = await published(sent, *[("Heat", who) for who in PEOPLE])
    odd = told[0].model_copy(update={"event_id": IDS.new(), "data": {"result_count": -1}})

    assert await delivered([*told, *told, odd]) == {204}
    assert (await count("search_event"), await count("search_text")) == (6, 1)
    aside = "SELECT consumer, event_id::text FROM rejected_event"
    assert await rows(aside) == [("local", str(odd.event_id))]


async def test_a_text_sealed_with_a_key_of_before_is_counted_and_not_known(
    sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await published(sent, *[("Heat", who) for who in PEOPLE])
    monkeypatch.setattr(search_keys, "secret", {REFERENCE: "l" * 32}.__getitem__)
    search_keys.sealer.cache_clear()

    assert await delivered(told) == {204}
    assert (await count("search_event"), await count("search_text")) == (6, 0)


async def test_without_the_key_or_the_database_a_search_comes_again(
    sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await published(sent, ("Heat", "ann"))
    with monkeypatch.context() as patch:
        patch.setattr(search_keys, "secret", unreadable)
        search_keys.sealer.cache_clear()
        assert await delivered(told) == {503}
    with monkeypatch.context() as patch:
        change(patch, {"MEDIA_GATEWAY_DATABASE_URL": NOWHERE})
        assert await delivered(told) == {503}
    change(monkeypatch, {})

    assert await delivered(told) == {204}
    assert await count("search_event") == 1


async def test_a_search_belongs_to_its_request_up_to_who_keeps_it(sent: SentEvents) -> None:
    token = request_id.set("request-1")
    (event,) = await published(sent, ("Heat", ""))
    request_id.reset(token)

    assert event.correlation_id == "request-1"


@pytest.mark.behavior("search:11:14")
async def test_a_click_is_taken_once_and_its_replay_is_told_the_same() -> None:
    search_id = noted()
    first, again = await click(search_id), await click(search_id)
    other = await click(search_id, position=4)

    assert await count("search_click") == 1
    assert {first.status, again.status, other.status} == {202}
    assert first.body == again.body == other.body
    assert ClickReceipt.model_validate_json(first.body).status == "accepted"


async def test_a_click_on_a_search_or_a_title_that_nobody_knows_counts_nowhere(
    sent: SentEvents,
) -> None:
    (known,) = await published(sent, ("heat", ""))
    await delivered([known])
    unknown = await click(IDS.new())
    nothing = await click(known.event_id, content_id=str(IDS.new()))
    old = await click("019011aa-a800-7b31-8000-2f3c5a1d9e41")
    other = await click("7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11")
    never = await click("ffffffff-ffff-7b31-8000-2f3c5a1d9e41")

    assert {answer.status for answer in (unknown, nothing, old, other, never)} == {202}
    assert await count("search_click") == 1
    assert (await figures()).json["avg_ctr"] == 0


WRONG: list[tuple[str, object]] = [
    ("search_id", "1"),
    ("content_id", "dune"),
    ("position", 0),
    ("position", 1001),
    ("position", "1"),
    ("surprise", 1),
]


async def test_a_wrong_field_of_a_click_is_named() -> None:
    handle = load("search_clicks").handle
    good = {"search_id": str(IDS.new()), "content_id": str(IDS.new()), "position": 1}
    for field, value in WRONG:
        answer = await ask(handle, "POST", CLICKS, body=orjson.dumps({**good, field: value}))
        assert answer.status == 422, value
        assert [issue["field"] for issue in answer.json["errors"]] == [field]
    assert (await ask(handle, "POST", CLICKS, body=b"{")).status == 400
    assert await count("search_click") == 0


async def test_figures_are_for_administrators_and_of_known_periods() -> None:
    refused = await figures(f"{ANALYTICS}?period=2h&limit=0&x=1")
    assert refused.status == 422
    assert {i["field"] for i in refused.json["errors"]} == {"period", "limit", "x"}
    for period in ("1h", "24h", "7d", "30d"):
        assert (await figures(f"{ANALYTICS}?period={period}")).json["period"] == period
    nobody = await ask(load("search_analytics").handle, "GET", ANALYTICS)
    assert nobody.status == 401


async def test_an_empty_list_of_trends_is_an_answer_and_a_wrong_limit_is_named() -> None:
    handle = load("search_trending").handle
    assert (await ask(handle, "GET", TRENDING)).json == {"items": []}
    wrong = await ask(handle, "GET", f"{TRENDING}?limit=0&content_rating_limit=X&region=usa")
    assert wrong.status == 422
    named = {issue["field"] for issue in wrong.json["errors"]}
    assert named == {"limit", "content_rating_limit", "region"}


async def test_without_a_key_nothing_is_noted(
    sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_KEY": ""})
    assert await published(sent, ("heat", "ann")) == []


@pytest.mark.parametrize("broken", ["short", "gone"])
async def test_what_cannot_be_told_apart_safely_is_dropped_and_counted(
    sent: SentEvents, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    secret = unreadable if broken == "gone" else {REFERENCE: "short"}.__getitem__
    monkeypatch.setattr(search_keys, "secret", secret)
    before = dropped()

    assert await published(sent, ("heat", "ann")) == []
    assert dropped() == before + 1


async def test_what_no_topic_takes_before_the_process_ends_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nobody = SentEvents()
    monkeypatch.setattr(search_events, "PubSubPublisher", nobody)
    monkeypatch.setattr(nobody, "publish", refused)
    before = dropped()

    assert await published(nobody, ("heat", ""), ("ronin", "")) == []
    assert dropped() == before + 2


def unreadable(reference: str) -> str:
    raise UnavailableError(f"secret {reference} cannot be read")


def refused(*_given: object) -> None:
    raise UnavailableError("2 events were not published")


def dropped() -> float:
    """Return how many searches were given up so far."""
    lines = metrics.exposition().decode().splitlines()
    said = [line for line in lines if line.startswith('records_dropped_total{kind="search"}')]
    return float(said[0].rpartition(" ")[2]) if said else 0.0


def test_a_user_is_a_person_and_nobody_a_service_or_who_acts_as_a_user_is_one() -> None:
    user = Principal(Kind.USER, sub="u-1", pid="child")
    assert search_events.person(user) == "u-1"
    others = [ANONYMOUS, Principal(Kind.SERVICE, sub="s"), user._replace(actor="support")]
    assert [search_events.person(who) for who in others] == ["", "", ""]
