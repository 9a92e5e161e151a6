"""How far ingestion has come, asked over HTTP."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql.runs import Page, Part, Runs
from tests.fakes.edge import ask, load

PART = Part("run-7", "generic", "netflix", "US")


@pytest.fixture
def _one_page(connected: connect.Addresses) -> None:
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


TOLD = """
INSERT INTO outbox (event_id, topic, payload, created_at, next_at)
VALUES (:id, :topic, '{}', now() - make_interval(mins => :minutes), now())
"""
DONE = "INSERT INTO processed_event VALUES ('catalog-enrich', :id, now())"
REFUSED = "INSERT INTO rejected_event (consumer, event_id, reason, payload, created_at) VALUES "
REFUSED += "('catalog-enrich', CAST(:id AS uuid)::text, 'unreadable', '', now())"


def told(minutes: int, *, topic: str = "content.updated", then: str = "") -> None:
    """Tell of a change so many minutes ago; `then` says what became of it."""
    given = {"id": UUID(int=minutes), "topic": topic, "minutes": minutes}
    with connect.engine().begin() as connection:
        connection.execute(text(TOLD), given)
        if then:
            connection.execute(text(then), {"id": UUID(int=minutes)})


@pytest.mark.usefixtures("_one_page")
async def test_oldest_change_that_nobody_has_embedded_says_how_far_behind_search_is() -> None:
    main = await asyncio.to_thread(load, "catalog_status")

    async def age() -> int:
        answer = await ask(main.handle, "GET", "/api/v1/internal/ingestion/status")
        return int(answer.json["oldest_change_seconds"])

    told(90, then=DONE)
    told(80, then=REFUSED)
    told(70, topic="availability.changed")
    told(8 * 24 * 60)
    assert await age() == 0
    told(5)
    told(3)
    assert 5 * 60 <= await age() < 6 * 60


@pytest.mark.usefixtures("_one_page")
async def test_a_run_nobody_started_is_not_found() -> None:
    main = await asyncio.to_thread(load, "catalog_status")

    answer = await ask(main.handle, "GET", "/api/v1/internal/ingestion/runs/none")

    assert (answer.status, answer.json["type"]) == (404, "/problems/not-found")
