"""Runs and quotas over HTTP, asked by an administrator."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.providers.ledger import Watermarks
from shared.adapters.sql.errors import IngestError, IngestErrors
from shared.adapters.sql.runs import Page as RawPage
from shared.adapters.sql.runs import Part, Runs
from shared.catalog.life_runs import Quotas, Run, RunDetails
from shared.kernel.clock import FixedClock
from shared.kernel.pages import Cursors, Page
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import Authority, trusted
from tests.unit.matching.items import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS, QUOTA = "/api/v1/admin/ingestion/runs", "/api/v1/admin/ingestion/quota"
PROVIDER = "streaming_availability"


class Desk:
    """An administrator before the records of ingestion."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.clock = FixedClock(NOON)
        self.main = load("catalog_runs")
        keys = Cursors([b"k" * 32], self.clock)
        self.main.cursors = lambda: keys  # type: ignore[attr-defined]
        self.main.clock = self.clock  # type: ignore[attr-defined]

    async def get(self, target: str, *, token: str | None = None) -> Answer:
        """Return the answer to a GET."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        return await ask(self.main.handle, "GET", target, headers=headers)

    async def run(
        self, run_id: str, *, kind: str = "catalog", stored: int = 3, error: str = ""
    ) -> None:
        """Record a run of three records in one page."""
        await asyncio.to_thread(
            self._run, Part(run_id, PROVIDER, "netflix", "US", kind), stored, error
        )

    @staticmethod
    def _run(part: Part, stored: int, error: str) -> None:
        runs, raw = Runs(), f"{part.run_id}.json.gz"
        runs.start(part)
        runs.add_page(RawPage(part, 1, raw, 3), [])
        with connect.engine().begin() as connection:
            runs.count(connection, raw, normalized=3, resolved=stored, set_aside=0)
        runs.fetched(part, error=error or None)

    async def write(self, sql: str, **bound: object) -> None:
        """Change the database."""

        def written() -> None:
            with connect.engine().begin() as connection:
                connection.execute(text(sql), bound)

        await asyncio.to_thread(written)


@pytest.fixture
def desk(connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return an administrator before empty records, with an issuer of its own."""
    assert connected.database_url
    with trusted(monkeypatch) as authority:
        yield Desk(authority)


def ids(answer: Answer) -> list[str]:
    return [one["run_id"] for one in answer.json["data"]]


async def test_runs_are_listed_the_newest_first_page_by_page(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        await desk.run(name)
    await desk.run("feed", kind="changes")

    first = await desk.get(f"{RUNS}?per_page=2&kind=catalog")
    second = await desk.get(first.json["_links"]["next"])
    back = await desk.get(second.json["_links"]["prev"])

    assert first.status == 200, first.body
    Page[Run].model_validate(first.json)
    assert (ids(first), ids(second), ids(back)) == (["c", "b"], ["a"], ["c", "b"])
    assert ids(await desk.get(RUNS)) == ["feed", "c", "b", "a"]


@pytest.mark.parametrize(
    ("stored", "error", "status", "pending"),
    [(3, "", "done", 0), (1, "", "running", 2), (3, "the provider went away", "failed", 0)],
)
async def test_a_run_says_how_far_it_has_come(
    desk: Desk, stored: int, error: str, status: str, pending: int
) -> None:
    await desk.run("r", stored=stored, error=error)

    found = (await desk.get(f"{RUNS}/r")).json

    RunDetails.model_validate(found)
    assert (found["status"], found["pending"], found["stored"]) == (status, pending, stored)
    assert found["read"] == found["stored"] + found["set_aside"] + found["pending"]
    assert [part["error"] for part in found["by_part"]] == [error or None]


async def test_a_run_shows_its_feeds_watermark_and_what_was_set_aside(desk: Desk) -> None:
    await desk.run("r", kind="changes")
    part = Part("r", PROVIDER, "netflix", "US", "changes")
    await asyncio.to_thread(Watermarks(connect.engine()).keep, part, NOON)

    def set_aside() -> None:
        rows = [
            IngestError("r", "resolve", f"r.json.gz#{n}", "no title", "title") for n in range(25)
        ]
        with connect.engine().begin() as connection:
            IngestErrors.record(connection, rows)

    await asyncio.to_thread(set_aside)
    found = RunDetails.model_validate((await desk.get(f"{RUNS}/r")).json)

    assert found.by_part[0].watermark == NOON
    assert [error.raw_uri for error in found.errors] == [f"r.json.gz#{n}" for n in range(24, 4, -1)]


async def test_quotas_are_those_of_the_period_that_runs_now(desk: Desk) -> None:
    day = timedelta(days=1)
    periods = [("old", NOON - 2 * day, 90), ("now", NOON - 2 * day, 90), ("now", NOON, 800)]
    for key, start, used in periods:
        bound = {"key": key, "start": start, "end": start + day, "used": used}
        await desk.write(
            "INSERT INTO quota_ledger (provider, key_ref, period_start, period_end, used, allowed)"
            " VALUES ('watchmode', :key, :start, :end, :used, 1000)",
            **bound,
        )

    answer = await desk.get(QUOTA)

    Quotas.model_validate(answer.json)
    said = [(q["key_ref"], q["used"], q["limit"], q["share"]) for q in answer.json["items"]]
    assert said == [("now", 800, 1000, 0.8), ("old", 0, 1000, 0.0)]
    assert answer.json["items"][1]["resets_at"] is None


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"{RUNS}/nobody", 404),
        (f"{RUNS}?kind=A", 422),
        (f"{RUNS}?per_page=0", 422),
        (f"{RUNS}?cursor=x", 400),
        (f"{QUOTA}?x=1", 422),
    ],
)
async def test_what_cannot_be_answered_has_its_status(desk: Desk, target: str, status: int) -> None:
    assert (await desk.get(target)).status == status


@pytest.mark.parametrize("target", [RUNS, f"{RUNS}/r", QUOTA])
async def test_nobody_but_an_administrator_sees_them(desk: Desk, target: str) -> None:
    tokens: list[Any] = ["", desk.authority.token()]
    assert [(await desk.get(target, token=one)).status for one in tokens] == [401, 403]
