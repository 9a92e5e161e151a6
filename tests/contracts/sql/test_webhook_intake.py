"""Notices kept by several processes at once, and by processes that die."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters.outbox import publish_pending
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.webhooks.intake import SqlInbox
from shared.catalog.webhooks.notice import key_of, read_notice
from shared.catalog.webhooks.receiving import Delivery, Source, Taken
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ExhaustedError
from shared.kernel.ids import TimeOrderedIds
from tests.contracts.sql.test_outbox import Publisher

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

CLOCK = FixedClock()
NETFLIX = Source("netflix", ("ref",))


def delivery(listing: str, clock: FixedClock = CLOCK) -> Delivery:
    said = {
        "event_type": "content_added",
        "platform": "netflix",
        "timestamp": CLOCK.now().isoformat(),
        "payload": {"content_id": listing},
    }
    body = orjson.dumps(said)
    notice, whole = read_notice(body)
    return Delivery(notice, key_of(notice, whole), body, clock.now())


def inbox(engine: Engine, folder: Path, publisher: Any = None) -> SqlInbox:  # noqa: ANN401 - any publisher
    return SqlInbox(engine, RawFolder(folder), publisher or Publisher(), TimeOrderedIds(CLOCK))


@pytest.fixture
def registered(engine: Engine) -> Engine:
    """A database in which Netflix is registered."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO webhook_source (platform, secret_ref, rate_per_minute, created_at,"
                " updated_at) VALUES ('netflix', 'ref', 100, now(), now())"
            )
        )
    return engine


def test_one_notice_taken_by_twenty_at_once_is_kept_once(
    registered: Engine, tmp_path: Path
) -> None:
    def take(_: int) -> Taken:
        return inbox(registered, tmp_path).take(NETFLIX, [delivery("1")])[0]

    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(take, range(20)))

    assert sorted(one.status for one in taken) == ["accepted"] + ["duplicate"] * 19
    assert len({one.event_id for one in taken}) == 1
    assert len(list(tmp_path.rglob("*.json.gz"))) == 1


def test_no_rolling_minute_has_more_than_the_rate_and_one_burst(
    registered: Engine, tmp_path: Path
) -> None:
    clock = FixedClock()
    kept: list[datetime] = []
    waits: list[float] = []

    def take(number: int) -> bool:
        try:
            inbox(registered, tmp_path).take(NETFLIX, [delivery(str(number), clock)])
        except ExhaustedError as error:
            waits.append(error.retry_after_seconds or 0)
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        for step in range(24):
            taken = pool.map(take, range(step * 10, step * 10 + 10))
            kept += [clock.now()] * sum(taken)
            clock.advance(timedelta(seconds=3))

    windows = [sum(at <= one < at + timedelta(minutes=1) for one in kept) for at in kept]
    assert kept.count(kept[0]) == 10
    assert 100 <= max(windows) <= 120
    assert len(kept) + len(waits) == 240
    assert all(0 < wait <= 0.6 for wait in waits)


DIES = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import create_engine
from shared.adapters.raw_pages import RawFolder
from tests.contracts.sql.test_webhook_intake import NETFLIX, delivery, inbox

def dies(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Publisher:
    publish = staticmethod(dies)

if sys.argv[3] == "before the commit":
    RawFolder.write_json = dies
inbox(create_engine(sys.argv[1]), Path(sys.argv[2]), Publisher()).take(NETFLIX, [delivery("1")])
"""


@pytest.mark.parametrize(
    ("moment", "status", "waiting"),
    [("before the commit", "accepted", 0), ("before the publication", "duplicate", 1)],
)
def test_a_process_that_dies_loses_no_notice(
    registered: Engine, database: str, tmp_path: Path, moment: str, status: str, waiting: int
) -> None:
    command = [sys.executable, "-c", DIES, database, str(tmp_path), moment]
    died = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()

    relay, deadline = Publisher(), monotonic() + 10
    while publish_pending(registered, relay) < waiting:
        assert monotonic() < deadline  # PostgreSQL has yet to notice that its client died
    (again,) = inbox(registered, tmp_path, relay).take(NETFLIX, [delivery("1")])

    assert again.status == status
    (event,) = relay.taken
    assert event.data["webhook_event_id"] == str(again.event_id)
