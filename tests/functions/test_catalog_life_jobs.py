"""The jobs of expiry and reconciliation, and the list of what leaves, over a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.sql.ingest.store import IngestStore
from shared.adapters.sql.runs import Page, Part, Runs
from shared.catalog.expiry_answers import Expiring
from shared.kernel.clock import FixedClock
from tests.contracts.sql.conftest import Catalog
from tests.fakes.edge import ask, load
from tests.unit.matching.items import NOON, bare, stream

if TYPE_CHECKING:
    from types import ModuleType

    from tests.functions.conftest import SentEvents

PATH = "/api/v1/content/expiring"


@pytest.fixture
def catalog(connected: connect.Addresses) -> Catalog:
    """Return a catalog with one film that ends in twelve hours and one that does not."""
    assert connected.database_url
    made = Catalog(connect.engine())
    ends = stream(expires_at=NOON + timedelta(hours=12))
    made.take(bare("netflix", "1", offers=(ends,)), bare("netflix", "2", "Ronin"))
    return made


def loaded(folder: str, sent: SentEvents, clock: FixedClock) -> ModuleType:
    main = load(folder)
    main.PubSubPublisher = sent  # type: ignore[attr-defined]
    main.clock = clock  # type: ignore[attr-defined]
    return main


def run(
    main: ModuleType, capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0
) -> Any:  # noqa: ANN401 - a summary, or what it complained of
    assert main.handle(list(arguments)) == status
    printed = capsys.readouterr()
    return printed.err if status else orjson.loads(printed.out.splitlines()[-1])


def test_notices_are_published_once(
    catalog: Catalog, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    main = loaded("catalog_notify", sent, catalog.clock)

    assert run(main, capsys) == {"notices": 1, "forgotten": 0}
    assert run(main, capsys) == {"notices": 0, "forgotten": 0}

    (event,) = sent.events
    assert (event.event_type, event.data["notification_window"]) == ("content.expiring", "1d")


def test_windows_can_be_chosen(
    catalog: Catalog, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    main = loaded("catalog_notify", sent, catalog.clock)

    run(main, capsys, "--window", "14", "--window", "2")

    assert [event.data["notification_window"] for event in sent.events] == ["2d"]
    assert "window" in run(main, capsys, "--window", "0", status=2)


def test_offers_end_with_their_time(
    catalog: Catalog, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    main = loaded("catalog_expire", sent, catalog.clock)
    assert run(main, capsys) == {"ended": 0, "shown": 0, "hidden": 0}
    catalog.clock.advance(timedelta(days=1))

    assert run(main, capsys) == {"ended": 1, "shown": 0, "hidden": 0}

    assert [event.event_type for event in sent.events] == ["availability.changed"]


@pytest.mark.parametrize(("share", "status"), [("100", 0), ("20", 1)])
def test_a_full_run_ends_what_it_lacks_or_is_refused(
    catalog: Catalog, sent: SentEvents, capsys: pytest.CaptureFixture[str], share: str, status: int
) -> None:
    part = Part("full", "streaming_availability", "netflix", "US")
    raw, runs = "full.json.gz", Runs(catalog.engine)
    runs.start(part)
    runs.add_page(Page(part, 1, raw, 1), [])
    later = FixedClock(NOON + timedelta(days=9000))
    catalog.store = IngestStore(catalog.engine, later)
    catalog.take(bare("netflix", "2", "Ronin", fetched_at=later.now()), uri=raw)
    runs.fetched(part)
    main = loaded("catalog_reconcile", sent, later)
    asked = ("--run-id", "full", "--platform", "netflix", "--region", "US")

    said = run(main, capsys, *asked, "--most-percent", share, status=status)

    if status:
        assert "1 of 2 offers would end, more than 20%; nothing was ended" in said
    else:
        assert said == {"live": 2, "ended": 1}
    assert len(sent.events) == 1 - status


def test_a_run_nobody_knows_is_a_failure(
    catalog: Catalog, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    main = loaded("catalog_reconcile", sent, catalog.clock)
    asked = ("--run-id", "x", "--platform", "netflix", "--region", "US")

    assert "has no part" in run(main, capsys, *asked, status=1)


async def test_what_leaves_is_listed(catalog: Catalog) -> None:
    main = load("catalog_expiring")
    main.expiry._clock = catalog.clock

    answer = await ask(main.handle, "GET", f"{PATH}?region=US&platform=netflix")

    assert answer.status == 200, answer.body
    Expiring.model_validate_json(answer.body)
    assert [item["title"] for item in answer.json["items"]] == ["Heat"]
    assert (answer.json["total"], answer.json["window_days"]) == (1, 7)
    await asyncio.to_thread(connect.reads().dispose)


UNFIT = (
    "days=0",
    "days=91",
    "days=x",
    "limit=0",
    "limit=1001",
    "region=USA",
    "platform=N!",
    "page=1",
)


@pytest.mark.usefixtures("connected")
async def test_a_parameter_out_of_bounds_is_named() -> None:
    handle = load("catalog_expiring").handle
    for asked in UNFIT:
        answer = await ask(handle, "GET", f"{PATH}?{asked}")

        named = [issue["field"] for issue in answer.json["errors"]]
        assert (answer.status, named) == (422, [asked.partition("=")[0]])


@pytest.mark.usefixtures("connected")
async def test_bounds_themselves_are_acceptable() -> None:
    handle = load("catalog_expiring").handle
    for asked in ("days=1&limit=1", "days=90&limit=1000"):
        answer = await ask(handle, "GET", f"{PATH}?{asked}")
        assert (answer.status, answer.json["items"]) == (200, [])
