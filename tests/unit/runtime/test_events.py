"""Events at the edge: what is read, set aside, delivered again."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.kernel import ids
from shared.kernel.errors import (
    REJECTED,
    ConflictError,
    ExhaustedError,
    MalformedError,
    MethodNotAllowedError,
    NotFoundError,
    UnavailableError,
)
from shared.kernel.events import Event
from shared.runtime import events
from tests.fakes.edge import ask, pushed

EVENT = Event(
    event_id=ids.named("one"),
    event_type="content.updated",
    occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
    correlation_id="run",
    data={"content_ids": []},
)


def structured() -> bytes:
    body = {"specversion": "1.0", "type": "google.cloud.pubsub.topic.v1.messagePublished"}
    return orjson.dumps({**body, "data": orjson.loads(pushed(EVENT))})


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, pushed(EVENT)),
        ({"ce-id": "1", "ce-type": "google.cloud.pubsub"}, pushed(EVENT)),
        ({"content-type": "application/cloudevents+json"}, structured()),
    ],
    ids=["raw push", "binary CloudEvent", "structured CloudEvent"],
)
def test_all_three_forms_of_delivery_carry_the_same_event(
    headers: dict[str, str], body: bytes
) -> None:
    assert events.parse(headers, body) == EVENT


def test_a_schedules_turn_has_the_same_id_when_it_is_repeated() -> None:
    headers = {
        "x-cloudscheduler": "true",
        "x-cloudscheduler-jobname": "relay",
        "x-cloudscheduler-scheduletime": "2026-01-01T00:00:00Z",
    }
    first = events.parse(headers, b"")
    assert first.event_type == "schedule.tick"
    assert first.event_id == events.parse(headers, b"").event_id


UNREADABLE = [
    b"not json",
    b"[]",
    b"{}",
    b'{"data": "text"}',
    b'{"message": "text"}',
    b'{"message": {"data": "%%%"}}',
    b'{"message": {"data": 5}}',
    b'{"message": {"data": "W10="}}',
]


@dataclass
class Kept:
    """Where a test's events are set aside."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *row: str | bytes) -> None:
        """Keep one row."""
        self.rows.append(row)


async def delivered(body: bytes, error: Exception | None, kept: Kept) -> int:
    def work(_event: Event) -> None:
        if error is not None:
            raise error

    handle = events.consumer_with(work, set_aside=kept)
    return (await ask(handle, "POST", "/", body=body)).status


@pytest.mark.parametrize("body", UNREADABLE)
async def test_what_cannot_be_read_is_set_aside_and_acknowledged(body: bytes) -> None:
    kept = Kept()
    assert await delivered(body, None, kept) == 204
    assert kept.rows[0][3] == body


async def test_an_envelope_that_lacks_a_field_is_set_aside_with_its_name() -> None:
    data = base64.b64encode(b'{"event_type": "content.updated"}').decode()
    kept = Kept()
    assert await delivered(orjson.dumps({"message": {"data": data}}), None, kept) == 204
    assert "correlation_id" in kept.rows[0][2]


@pytest.mark.parametrize("kind", REJECTED)
async def test_what_no_repetition_mends_is_set_aside(kind: type[Exception]) -> None:
    error = MethodNotAllowedError("/", ["GET"]) if kind is MethodNotAllowedError else kind("no")
    kept = Kept()
    assert await delivered(pushed(EVENT), error, kept) == 204
    assert kept.rows[0][1] == str(EVENT.event_id)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnavailableError("down"), 503),
        (ConflictError("raced"), 409),
        (ExhaustedError("spent"), 429),
        (RuntimeError("a bug"), 500),
    ],
)
async def test_everything_else_is_delivered_again(error: Exception, status: int) -> None:
    kept = Kept()
    assert await delivered(pushed(EVENT), error, kept) == status
    assert kept.rows == []


async def test_what_cannot_be_set_aside_is_delivered_again() -> None:
    def fails(_event: Event) -> None:
        raise NotFoundError("gone")

    def refuses(*_row: str | bytes) -> None:
        raise MalformedError("the database is down")

    handle = events.consumer_with(fails, set_aside=refuses)
    assert (await ask(handle, "POST", "/", body=pushed(EVENT))).status == 503
