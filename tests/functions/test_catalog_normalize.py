"""catalog.fetched → title.normalized, over a real database and raw folder."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.runs import Page, Part, Runs
from shared.kernel import ids
from shared.kernel.events import Event
from tests.fakes.edge import ask, load, pushed
from tests.unit.catalog.pages import NOON, file_page, v4_page
from tests.unit.catalog.test_streaming_availability import option, show

if TYPE_CHECKING:
    from shared.catalog.raw import RawPage
    from tests.functions.conftest import SentEvents

URI = "generic/netflix-US/run/00001.json.gz"
GOOD = {"id": "tm1", "title": "Heat", "type": "MOVIE", "release_year": "1995"}
BAD = {**GOOD, "title": ""}
LOST = {"unreadable": "tm1,He", "line": 3, "error": "has 2 columns, the header has 15"}


def fetched(listings: int, **changes: Any) -> Event:  # noqa: ANN401 - JSON
    """Return the event that announces the page."""
    data = {
        "run_id": "run",
        "provider": "generic",
        "platform": "netflix",
        "region": "US",
        "page": 1,
        "raw_uri": URI,
        "count": listings,
    }
    return Event(
        event_id=ids.named("catalog.fetched", URI, str(changes)),
        event_type="catalog.fetched",
        occurred_at=NOON,
        correlation_id="run",
        data={**data, **changes},
    )


class Step:
    """The function, and what it leaves behind."""

    def __init__(self, sent: SentEvents) -> None:
        self.main = load("catalog_normalize")
        self.main.PubSubPublisher = sent  # type: ignore[attr-defined]
        self.sent = sent

    async def given(self, page: RawPage | None, count: int) -> None:
        """Keep a raw page and the row of it, as a fetch does."""
        await asyncio.to_thread(self._given, page, count)

    @staticmethod
    def _given(page: RawPage | None, count: int) -> None:
        if page is not None:
            RawFolder(connect.addresses().raw_dir).write(URI, page)
        part = Part("run", "generic", "netflix", "US")
        Runs(connect.engine()).start(part)
        Runs(connect.engine()).add_page(Page(part, 1, URI, count), [])

    async def takes(self, event: Event) -> int:
        """Deliver an event and return the status."""
        return (await ask(self.main.handle, "POST", "/", body=pushed(event))).status

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a statement finds."""
        return await asyncio.to_thread(self._rows, sql)

    @staticmethod
    def _rows(sql: str) -> list[tuple[Any, ...]]:
        with connect.reads().connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]


ERRORS = "SELECT stage, raw_uri, field, error FROM ingest_error ORDER BY raw_uri"
COUNTS = "SELECT read, normalized, set_aside FROM ingest_page"


@pytest.fixture
def step(connected: connect.Addresses, sent: SentEvents) -> Step:
    """The function over a database of this test."""
    assert connected.database_url
    return Step(sent)


async def test_page_of_a_hundred_with_one_bad_record_loses_nothing(step: Step) -> None:
    await step.given(file_page(*[GOOD] * 57, BAD, *[GOOD] * 41, LOST), 100)

    assert await step.takes(fetched(100)) == 204

    (event,) = step.sent.events
    assert (event.event_type, event.data["count"], len(event.data["items"])) == (
        "title.normalized",
        98,
        98,
    )
    assert event.data["items"][0]["source"]["raw_uri"] == f"{URI}#0"
    assert await step.rows(ERRORS) == [
        ("normalize", f"{URI}#57", "title", "is missing"),
        ("normalize", f"{URI}#99", "line 3", "has 2 columns, the header has 15"),
    ]
    assert await step.rows(COUNTS) == [(100, 98, 2)]


async def test_event_delivered_twice_changes_nothing(step: Step) -> None:
    await step.given(file_page(GOOD, BAD), 2)
    await step.takes(fetched(2))

    assert await step.takes(fetched(2)) == 204

    assert len(step.sent.events) == 1
    assert await step.rows(COUNTS) == [(2, 1, 1)]
    assert len(await step.rows(ERRORS)) == 1


async def test_genres_that_no_map_knows_are_counted_once_a_page(step: Step) -> None:
    strange = {**GOOD, "genres": "['drama', 'mumblecore']"}
    await step.given(file_page(strange, strange, GOOD), 3)

    for _ in range(2):
        await step.takes(fetched(3))

    assert await step.rows("SELECT platform, name, times FROM genre_miss") == [
        ("netflix", "mumblecore", 2)
    ]


async def test_page_of_nothing_usable_publishes_nothing(step: Step) -> None:
    await step.given(file_page(BAD, LOST), 2)

    assert await step.takes(fetched(2)) == 204

    assert step.sent.events == []
    assert await step.rows(COUNTS) == [(2, 0, 2)]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (None, "there is no raw page"),
        (file_page(GOOD, preset="nothing"), "there is no preset"),
        (file_page(GOOD, preset="", mapping={"columns": {}}), "mapping cannot be used"),
    ],
)
async def test_page_that_cannot_be_used_at_all_is_set_aside_whole(
    step: Step, page: RawPage | None, told: str
) -> None:
    await step.given(page, 7)

    assert await step.takes(fetched(7)) == 204

    ((_, pointer, field, error),) = await step.rows(ERRORS)
    assert (pointer, field, told in error) == (URI, "page", True)
    assert await step.rows(COUNTS) == [(7, 0, 7)]


async def test_more_items_than_an_event_carries_lie_beside_the_page(step: Step) -> None:
    shows = [show(option("netflix"), option("hulu"), id=str(n)) for n in range(60)]
    await step.given(v4_page(*shows), 120)

    assert await step.takes(fetched(120, provider="streaming_availability")) == 204

    (event,) = step.sent.events
    folder = RawFolder(connect.addresses().raw_dir)
    assert (event.data["count"], "items" in event.data) == (120, False)
    assert len(folder.read_json(event.data["items_uri"])["items"]) == 120


@pytest.mark.parametrize(
    "changes", [{"raw_uri": ""}, {"page": 0}, {"region": "USA"}, {"count": "many"}]
)
async def test_event_with_a_wrong_field_is_set_aside_and_acknowledged(
    step: Step, changes: dict[str, Any]
) -> None:
    assert await step.takes(fetched(1, **changes)) == 204

    ((reason,),) = await step.rows("SELECT reason FROM rejected_event")
    assert next(iter(changes)) in reason


async def test_pointer_out_of_the_raw_folder_is_never_followed(step: Step) -> None:
    await step.given(file_page(GOOD), 1)

    assert await step.takes(fetched(1, raw_uri="../../etc/passwd")) == 204

    ((_, _, _, error),) = await step.rows(ERRORS)
    assert "no path below the raw folder" in error


async def test_service_without_a_platform_is_kept_by_name_and_counts_as_no_failure(
    step: Step,
) -> None:
    netflix = option("netflix", link="https://www.netflix.com/title/20557937/")
    page = v4_page(show(netflix, option("zee5")), show(netflix, option("zee5")))
    await step.given(page, 2)

    assert await step.takes(fetched(2)) == 204

    assert await step.rows(COUNTS) == [(2, 2, 0)]
    assert await step.rows(ERRORS) == [
        (
            "platform",
            f"{URI}#0.zee5",
            "streamingOptions.us[1]",
            "service 'zee5' is none of our platforms: 2 ways to watch on this page",
        )
    ]
