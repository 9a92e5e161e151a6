"""What time does to the audit log, night by night."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime.logging import set_up_logging
from tests.fakes.edge import ask, load

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOCK = SystemClock()
IDS = TimeOrderedIds(CLOCK)


@pytest.fixture(autouse=True)
def _logging() -> None:
    """Set logging up before the test listens: that takes every other handler away, once."""
    set_up_logging()


def write(*ages: int) -> None:
    """Write entries that are so many days old, with addresses."""
    for days in ages:
        event = AuditEvent(
            id=IDS.new(),
            occurred_at=CLOCK.now() - timedelta(days=days),
            actor_id="u-1",
            actor_type=ActorType.USER,
            action="AUTH_LOGIN",
            ip=ip_address("203.0.113.7"),
        )
        with connect.engine().begin() as connection:
            audit.write(connection, event)


def rows(sql: str) -> Sequence[object]:
    with connect.engine().begin() as connection:
        return connection.execute(text(sql)).all()


async def night() -> int:
    answer = await ask(
        load("audit_retain").handle, "POST", "/", headers={"X-CloudScheduler": "true"}
    )
    return answer.status


@pytest.mark.usefixtures("connected")
async def test_addresses_are_forgotten_after_30_days_and_entries_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    await asyncio.to_thread(write, 90, 31, 29, 0)

    assert [await night(), await night()] == [204, 204]

    assert len(await asyncio.to_thread(rows, "SELECT 1 FROM audit.address")) == 2
    assert await asyncio.to_thread(rows, "SELECT DISTINCT network FROM audit.audit_log") != []
    done = await asyncio.to_thread(audit.verify)
    assert (done.head.number, done.findings) == (4, ())
    said = {r.message: r for r in caplog.records}
    assert said["audit.anchored"].__dict__["hash"] == done.head.hash.hex()
    assert said["audit.anchored"].__dict__["entries"] == 4
    assert "audit.broken" not in said


@pytest.mark.usefixtures("connected")
async def test_a_chain_that_somebody_touched_is_told_as_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def tamper() -> None:
        write(1, 0)
        with connect.engine().begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("UPDATE audit.audit_log SET actor_id = 'x' WHERE number = 1"))

    await asyncio.to_thread(tamper)

    assert await night() == 204

    (error,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert error.message == "audit.broken"
    assert error.__dict__["faults"].startswith("1: ")


def export() -> int:
    return int(load("audit_export").handle([]))


@pytest.mark.usefixtures("connected")
async def test_months_that_are_archived_go_after_90_days_and_the_rest_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    await asyncio.to_thread(write, 200, 170, 3, 0)

    assert await night() == 204
    before = await asyncio.to_thread(audit.verify)
    assert await asyncio.to_thread(export) == 0
    assert await night() == 204
    after = await asyncio.to_thread(audit.verify)

    assert (before.first, before.head.number, before.findings) == (1, 4, ())
    assert (after.first, after.findings) == (3, ())
    removed = [r.__dict__["months"] for r in caplog.records if r.message == "audit.removed"]
    assert removed[0] == []
    assert len(removed[1]) == 2
    acts = await asyncio.to_thread(
        rows, "SELECT actor_id, action FROM audit.audit_log WHERE actor_type = 'system' ORDER BY 1"
    )
    assert set(acts) == {("audit-export", "DATA_EXPORT"), ("audit-retain", "DATA_DELETE")}


@pytest.mark.usefixtures("connected")
async def test_nothing_is_removed_from_a_log_that_somebody_touched() -> None:
    await asyncio.to_thread(write, 200, 3)
    assert await asyncio.to_thread(export) == 0

    def tamper() -> None:
        with connect.engine().begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("UPDATE audit.audit_log SET actor_id = 'x' WHERE number = 2"))

    await asyncio.to_thread(tamper)
    assert await night() == 204

    assert (await asyncio.to_thread(audit.verify)).first == 1


@pytest.mark.usefixtures("connected")
async def test_the_next_month_has_its_partition_before_it_begins() -> None:
    names = "SELECT relname FROM pg_class WHERE relname LIKE 'audit_log_2%' AND relkind = 'r'"
    begins = (CLOCK.now().replace(day=28) + timedelta(days=5)).strftime("audit_log_%Y_%m")

    def lose() -> None:
        with connect.engine().begin() as connection:
            connection.execute(text(f"DROP TABLE audit.{begins}"))

    await asyncio.to_thread(lose)
    assert await night() == 204

    assert (begins,) in await asyncio.to_thread(rows, names)
