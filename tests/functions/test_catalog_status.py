"""How far ingestion has come, asked over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from shared.adapters.sql.runs import Page, Part, Runs
from tests.fakes.edge import ask, load

if TYPE_CHECKING:
    from shared.adapters.connect import Addresses

PART = Part("run-7", "generic", "netflix", "US")


@pytest.fixture
def _one_page(connected: Addresses) -> None:
    assert connected.database_url
    Runs().start(PART)
    Runs().add_page(Page(PART, 1, "a.json.gz", 10), [])
    Runs().fetched(PART)


@pytest.mark.usefixtures("_one_page")
async def test_a_run_says_what_is_pending() -> None:
    main = await asyncio.to_thread(load, "catalog_status")

    answer = await ask(main.handle, "GET", "/api/v1/internal/ingestion/runs/run-7")

    assert answer.status == 200
    assert answer.json["state"] == "running"
    assert (answer.json["read"], answer.json["pending"]) == (10, 10)
    assert answer.json["by_stage"]["pages"] == 1


@pytest.mark.usefixtures("_one_page")
async def test_counts_over_everything_are_whole_numbers() -> None:
    main = await asyncio.to_thread(load, "catalog_status")

    answer = await ask(main.handle, "GET", "/api/v1/internal/ingestion/status")

    assert answer.status == 200
    assert answer.json["read"] == 10
    assert all(isinstance(value, int) for value in answer.json.values())


@pytest.mark.usefixtures("_one_page")
async def test_a_run_nobody_started_is_not_found() -> None:
    main = await asyncio.to_thread(load, "catalog_status")

    answer = await ask(main.handle, "GET", "/api/v1/internal/ingestion/runs/none")

    assert (answer.status, answer.json["type"]) == (404, "/problems/not-found")
