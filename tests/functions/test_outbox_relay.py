"""The relay, each minute: what waits goes out, and how long it waited is said first."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.outbox import Outbox, oldest_waiting
from shared.kernel import ids
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event
from shared.runtime import metrics
from shared.runtime.logging import set_up_logging
from tests.fakes import catalog
from tests.fakes.edge import ask, load
from tests.fakes.webhooks import rows

if TYPE_CHECKING:
    from types import ModuleType

    from tests.functions.conftest import SentEvents

OLD = """
WITH published AS (
  UPDATE outbox
  SET created_at = now() - interval '400 days', published_at = now() - interval '400 days'
  WHERE published_at IS NOT NULL
)
INSERT INTO processed_event
SELECT consumer, gen_random_uuid(), CAST(:now AS timestamptz) - CAST(age AS interval)
FROM (VALUES ('a', '126 days'), ('b', '124 days')) AS given (consumer, age)
"""
LATER = "UPDATE outbox SET next_at = now() + interval '1 day' WHERE published_at IS NULL"
TURN = {"x-cloudscheduler": "true", "x-cloudscheduler-scheduletime": "2026-01-01T12:01:00Z"}
AGE = (
    "UPDATE outbox SET created_at = created_at - CAST(:age AS interval) WHERE published_at IS NULL"
)


@pytest.fixture
def relay(connected: connect.Addresses, sent: SentEvents) -> ModuleType:
    """The relay over an empty outbox."""
    assert connected.database_url
    set_up_logging()  # before records are caught: it is done once, and sets the handlers
    main = load("outbox_relay")
    main.publisher = lambda: sent  # type: ignore[attr-defined]
    return main


def wait(name: str, age: str) -> None:
    """Leave an event in the outbox as a crash did some time ago."""
    event = Event(
        event_id=ids.named(name),
        event_type="content.updated",
        occurred_at=catalog.NOW,
        correlation_id="test",
        data={"content_ids": []},
    )
    with connect.engine().begin() as connection:
        Outbox.add(connection, [event])
        connection.execute(text(AGE), {"age": age})


async def turn(relay: ModuleType) -> int:
    return (await ask(relay.handle, "POST", "/", body=b"{}", headers=TURN)).status


def measured() -> float:
    """Return what the gauge says."""
    (family,) = [one for one in metrics.collected() if one.name == "outbox_oldest_seconds"]
    return float(family.samples[0].value)


def late(records: list[logging.LogRecord]) -> list[logging.LogRecord]:
    return [one for one in records if one.message == "outbox.late"]


async def test_what_waits_goes_out_and_nobody_is_told_within_five_minutes(
    relay: ModuleType, sent: SentEvents, caplog: pytest.LogCaptureFixture
) -> None:
    wait("heat", "4 minutes")

    assert await turn(relay) == 204

    assert 240 <= measured() < 300
    assert len(sent.events) == 1
    assert late(caplog.records) == []
    assert oldest_waiting(connect.engine()) == 0


async def test_the_oldest_of_those_that_wait_too_long_is_told_of_though_nothing_goes_out(
    relay: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    wait("heat", "6 minutes")
    wait("ronin", "0 minutes")
    relay.publisher = Down  # type: ignore[attr-defined]

    assert await turn(relay) == 503

    (told,) = late(caplog.records)
    assert told.levelno == logging.ERROR
    assert 360 <= told.__dict__["seconds"] <= 420


async def test_old_events_are_forgotten_each_hour_but_none_that_still_waits(
    relay: ModuleType,
) -> None:
    wait("heat", "0 minutes")
    assert await turn(relay) == 204
    wait("ronin", "20 days")
    with connect.engine().begin() as connection:
        connection.execute(text(OLD), {"now": catalog.NOW})
        connection.execute(text(LATER))

    headers = {**TURN, "x-cloudscheduler-scheduletime": catalog.NOW.replace(minute=43).isoformat()}
    answers = [await ask(relay.handle, "POST", "/", body=b"{}", headers=headers) for _ in range(2)]

    assert [one.status for one in answers] == [204, 204]
    assert rows("SELECT event_id::text FROM outbox") == [(str(ids.named("ronin")),)]
    assert rows("SELECT consumer FROM processed_event ORDER BY 1") == [("b",)]


class Down:
    """Takes nothing."""

    @staticmethod
    def publish(*_: object) -> None:
        """Fail."""
        raise UnavailableError("Pub/Sub is down")
