"""Notices on their way in: kept with their event in one transaction, each once."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox, Publisher
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.rejections import set_aside
from shared.adapters.sql.statement import statement, translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.catalog.webhooks.receiving import Delivery, Receiver, Source, Status, Taken
from shared.kernel.errors import AppError, ExhaustedError
from shared.kernel.events import Event
from shared.kernel.ids import TimeOrderedIds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.catalog.webhooks.receiving import Tally
    from shared.kernel.clock import Clock
    from shared.kernel.ids import Ids

logger = logging.getLogger(__name__)

SOURCE = statement(__file__, "intake_source")
SPEND = statement(__file__, "intake_spend")
WAIT = statement(__file__, "intake_wait")
SUPERSEDE = statement(__file__, "intake_supersede")
INSERT = statement(__file__, "intake_insert")
KNOWN = statement(__file__, "intake_known")
TALLY = statement(__file__, "intake_tally")

RECEIVED = "webhook.received"
REFUSED = "webhooks/"
"""What ``rejected_event.consumer`` begins with where a platform's notice could not be read."""
BURST = 20
"""How many notices of a platform may come at one moment (spec/ingestion §5.10)."""
BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
"""Upper bounds of the time a delivery took; the last one stands for everything above."""


class WebhookRateError(ExhaustedError):
    """The platform sends more notices than its registration allows."""

    code = "webhook-rate"


class SqlSources:
    """`shared.catalog.webhooks.receiving.Sources`: table ``webhook_source``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, platform: str) -> Source | None:
        """Return a platform's registration, None where there is none."""
        with translated("webhook_source"), self._engine.connect() as connection:
            row = connection.execute(SOURCE(), {"platform": platform}).first()
        if row is None:
            return None
        references = (row.secret_ref, row.previous_secret_ref)
        return Source(
            platform=row.platform,
            secret_refs=tuple(one for one in references if one),
            event_types=tuple(row.event_types),
            rate_per_minute=row.rate_per_minute,
            legacy=row.legacy,
        )


@dataclass(frozen=True)
class SqlInbox:
    """`shared.catalog.webhooks.receiving.Inbox`: table ``webhook_event`` and the raw folder.

    Attributes:
        engine: Where notices are kept.
        raw: Where their bodies lie.
        publisher: Sends their events once they are kept.
        ids: Names notices.
    """

    engine: Engine
    raw: RawFolder
    publisher: Publisher
    ids: Ids

    def take(self, source: Source, deliveries: Sequence[Delivery]) -> list[Taken]:
        """Keep notices with their events, each once, in one transaction.

        A crash before the commit keeps nothing, and the sender, without an answer, sends again; one
        after it leaves the event to the relay.

        Raises:
            ExhaustedError: The platform sends more than its rate.
            UnavailableError: Database or raw folder do not answer.
        """
        rows: list[int] = []
        with translated("webhook_event"), self.engine.begin() as connection:
            _spend(connection, source, deliveries)
            taken = [self._take(connection, one, rows) for one in deliveries]
        publish_now(self.engine, self.publisher, rows)
        return taken

    def refuse(self, platform: str, body: bytes, reason: str) -> None:
        """Keep a body that nobody can read in ``rejected_event``, the same one once.

        Raises:
            UnavailableError: The database does not answer.
        """
        name = hashlib.sha256(body).hexdigest()
        set_aside(f"{REFUSED}{platform}", name, reason, body, self.engine)

    def _take(self, connection: Connection, one: Delivery, rows: list[int]) -> Taken:
        notice, event_id = one.notice, self.ids.new()
        raw_uri = f"webhooks/{notice.platform}/{one.received_at:%Y-%m-%d}/{event_id}.json.gz"
        about = {"platform": notice.platform, "listing": notice.payload.content_id}
        said = {**about, "event_type": notice.event_type.value, "said_at": notice.timestamp}
        connection.execute(SUPERSEDE(), said)
        kept = {"id": event_id, "event_hash": one.key, "received_at": one.received_at}
        if connection.execute(INSERT(), {**said, **kept, "raw_uri": raw_uri}).first() is None:
            known = connection.execute(KNOWN(), {"event_hash": one.key}).scalar_one()
            return Taken(known, Status.DUPLICATE)
        self.raw.write_json(raw_uri, raw_of(one))
        rows += Outbox.add(connection, [received(event_id, event_id, one.received_at, said)])
        return Taken(event_id, Status.ACCEPTED)


def raw_of(one: Delivery) -> dict[str, Any]:
    """Return what the raw folder keeps: the body as it came, and what it was read as."""
    return {
        "received_at": one.received_at.isoformat(),
        "body": one.body.decode("utf-8", "replace"),
        "notice": one.notice.model_dump(mode="json"),
    }


def received(notice_id: UUID, event_id: UUID, at: datetime, said: dict[str, Any]) -> Event:
    """Return the event that makes a notice be processed; a replay gives it another id."""
    return Event(
        event_id=event_id,
        event_type=RECEIVED,
        occurred_at=at,
        correlation_id=str(notice_id),
        subject=f"{said['platform']}/{said['listing']}",
        data={
            "webhook_event_id": str(notice_id),
            "platform": said["platform"],
            "notice": said["event_type"],
            "listing": said["listing"],
        },
    )


def _spend(connection: Connection, source: Source, deliveries: Sequence[Delivery]) -> None:
    given = {
        "platform": source.platform,
        "now": deliveries[0].received_at,
        "burst": BURST,
    }
    if connection.execute(SPEND(), {**given, "count": len(deliveries)}).first() is not None:
        return
    seconds = connection.execute(WAIT(), given).scalar_one_or_none()
    message = f"{source.platform} sends more than {source.rate_per_minute} notices a minute"
    raise WebhookRateError(message, retry_after_seconds=seconds)


class SqlTally:
    """`shared.catalog.webhooks.receiving.Tally`: table ``webhook_tally``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, platform: str, outcome: str, *, milliseconds: int, at: datetime) -> None:
        """Count one delivery; what cannot be counted now is not, and says so in the log."""
        bound = next((one for one in BOUNDS_MS if milliseconds <= one), BOUNDS_MS[-1])
        given = {"platform": platform, "outcome": outcome, "at": at, "within_ms": bound}
        try:
            with translated("webhook_tally"), self._engine.begin() as connection:
                connection.execute(TALLY(), given)
        except AppError as error:
            logger.warning("webhook.not_counted", extra={"detail": error.message, **given})


def sql_receiver(
    publisher: Publisher,
    secret: Callable[[str], str],
    clock: Clock,
    counted: Callable[[Tally], Tally],
) -> Receiver:
    """Return what takes deliveries, over this process's database and raw folder.

    Args:
        publisher: Sends the events of notices.
        secret: Gives the secret of a reference.
        clock: The time.
        counted: What counts deliveries besides the table.
    """
    engine, raw = connect.engine(), RawFolder(connect.addresses().raw_dir)
    inbox = SqlInbox(engine, raw, publisher, TimeOrderedIds(clock))
    tally = counted(SqlTally(engine))
    return Receiver(SqlSources(connect.reads()), secret, inbox, tally, clock)
