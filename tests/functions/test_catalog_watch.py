"""What falls behind although nothing fails is told of, each hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.catalog.quality import WEIGHTS
from shared.catalog.quality_report import QualityReport
from shared.catalog.watch import completeness
from shared.kernel.clock import FixedClock
from shared.runtime.logging import set_up_logging
from tests.fakes import catalog
from tests.fakes.edge import ask, load

if TYPE_CHECKING:
    from types import ModuleType

NOW = catalog.NOW
TOLD = {"catalog.stale", "review.backlog", "completeness.dropped"}
RUN = """
INSERT INTO ingest_run (run_id, provider, platform, region, kind, started_at, fetched_at, error)
VALUES (:run, 'streaming_availability', 'netflix', :region, :kind, :at, :at, :error)
"""
REVIEWS = """
INSERT INTO review_item (
  id, reason, platform, platform_content_id, region, raw_uri, content_id, candidate_id, score,
  features, created_at
)
SELECT
  gen_random_uuid(), 'alike', 'netflix', CAST(n AS text), 'US', 'x', gen_random_uuid(),
  gen_random_uuid(), .85, '{}', now()
FROM generate_series(1, :count) AS n
"""


@pytest.fixture
def watch(connected: connect.Addresses) -> ModuleType:
    """The function over an empty database."""
    assert connected.database_url
    set_up_logging()  # before records are caught: it is done once, and sets the handlers
    main = load("catalog_watch")
    main.clock = FixedClock(NOW)  # type: ignore[attr-defined]
    return main


def write(sql: str, **given: Any) -> None:  # noqa: ANN401 - any column
    with connect.engine().begin() as connection:
        connection.execute(text(sql), given)


def fetched(kind: str, region: str, *hours: float, error: str | None = None) -> None:
    """Note fetches of Netflix so many hours ago."""
    for age in hours:
        at = NOW - timedelta(hours=age)
        write(RUN, run=f"{kind}-{age}", region=region, kind=kind, at=at, error=error)


def reported(hours: float, lacking: int) -> None:
    """Keep a report on a hundred titles, of which so many lack everything."""
    report = QualityReport(
        made_at=NOW - timedelta(hours=hours),
        total=100,
        average=0.5,
        fifths=(0, 0, 100, 0, 0),
        threshold=0.6,
        low=0,
        missing=dict.fromkeys(WEIGHTS, lacking),
    )
    assert completeness(report) == pytest.approx(1 - lacking / 100)
    given = {"at": report.made_at, "report": report.model_dump_json()}
    write("INSERT INTO quality_report VALUES (:at, CAST(:report AS jsonb))", **given)


async def told(watch: ModuleType, caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Let the schedule call; return what was said of what is behind."""
    headers = {"x-cloudscheduler": "true"}
    assert (await ask(watch.handle, "POST", "/", body=b"{}", headers=headers)).status == 204
    return [vars(one) for one in caplog.records if one.message in TOLD]


async def test_a_place_that_missed_two_turns_is_told_of(
    watch: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    fetched("availability", "US", 2.9, 4, 5)
    fetched("availability", "GB", 3.1, 4, 5)
    fetched("changes", "US", 12.9, 20, 30)
    fetched("changes", "GB", 14, 20, 30)

    found = await told(watch, caplog)

    said = [(one["kind"], one["region"], one["hours"]) for one in found]
    assert said == [("changes", "GB", 14.0), ("availability", "GB", 3.1)]


async def test_a_fetch_that_failed_or_brings_the_whole_catalog_keeps_no_feed_fresh(
    watch: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    fetched("availability", "US", 10, 11, 12)
    fetched("availability", "US", 0.5, error="the provider is down")
    fetched("catalog", "US", 0.1)

    assert [one["hours"] for one in await told(watch, caplog)] == [10.0]


async def test_what_nobody_follows_is_not_missed(
    watch: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    fetched("availability", "FR", 10)
    fetched("changes", "FR", *(24 * day for day in (15, 16, 17)))

    assert await told(watch, caplog) == []


@pytest.mark.parametrize(("count", "expected"), [(500, []), (501, [501])])
async def test_reviews_that_pile_up_are_told_of(
    watch: ModuleType, caplog: pytest.LogCaptureFixture, count: int, expected: list[int]
) -> None:
    write(REVIEWS, count=count)

    assert [one["pending"] for one in await told(watch, caplog)] == expected


@pytest.mark.parametrize(
    ("age", "before", "now", "expected"),
    [(0.5, 10, 16, [0.06]), (0.5, 10, 15, []), (0.5, 16, 10, []), (2, 10, 50, [])],
)
async def test_a_new_report_on_poorer_records_is_told_of_once(
    watch: ModuleType,
    caplog: pytest.LogCaptureFixture,
    age: float,
    before: int,
    now: int,
    expected: list[float],
) -> None:
    reported(168, before)
    reported(age, now)

    assert [one["by"] for one in await told(watch, caplog)] == expected
