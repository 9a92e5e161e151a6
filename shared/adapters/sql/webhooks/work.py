"""Where a notice stands: waiting, processed, outdated or dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from shared.adapters.outbox import Outbox
from shared.adapters.sql.dead_letters.store import PAUSES
from shared.adapters.sql.ingest.availability import change_data
from shared.adapters.sql.ingest.page import Told
from shared.adapters.sql.statement import statement, translated
from shared.adapters.sql.webhooks.intake import received
from shared.kernel import ids
from shared.kernel.events import Event
from shared.matching.offers import OfferChange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.catalog.webhooks.notice import Notice
    from shared.kernel.clock import Clock

BEGIN = statement(__file__, "work_begin")
HOLD = statement(__file__, "work_hold")
FINISH = statement(__file__, "work_finish")
NOTE = statement(__file__, "work_note")
KNOWN = statement(__file__, "work_known")
TITLES = statement(__file__, "work_titles")
END = statement(__file__, "work_end")
STUCK = statement(__file__, "work_stuck")
PURGE = statement(__file__, "work_purge")
REPLAY = statement(__file__, "admin_replay")

CHANGED = "availability.changed"
STUCK_AFTER = timedelta(hours=1)
"""A notice that waits longer than any redelivery takes is told of once more."""
MOST_STUCK = 1000
NEVER = "{}"
"""No pauses: what is done, or hopeless, is not told of again."""
LONGEST_ERROR = 1000


@dataclass(frozen=True)
class Waiting:
    """A notice that is being tried.

    Attributes:
        attempts: Tries so far, this one among them.
        replays: How often it was taken back from the dead letters.
    """

    id: UUID
    platform: str
    event_type: str
    listing: str
    said_at: datetime
    attempts: int
    replays: int
    raw_uri: str


@dataclass(frozen=True)
class Listed:
    """What is known of a listing.

    Attributes:
        listed: It belongs to a title.
        regions: Where it was seen.
        ids: Under which a provider may know the title, by type.
    """

    listed: bool
    regions: tuple[str, ...]
    ids: Mapping[str, str]


class Notices:
    """Table ``webhook_event``, as who processes it sees it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def begin(self, notice_id: UUID) -> Waiting | None:
        """Count a try and return the notice, None where it does not wait any more."""
        given = {"id": notice_id, "now": self._clock.now()}
        with translated("webhook_event"), self._engine.begin() as connection:
            row = connection.execute(BEGIN(), given).mappings().first()
        return None if row is None else Waiting(**row)

    def hold(self, connection: Connection, notice_id: UUID) -> bool | None:
        """Hold a notice for the transaction; tell whether a later one was applied before.

        None: it does not wait any more.
        """
        row = connection.execute(HOLD(), {"id": notice_id}).first()
        return None if row is None else bool(row.outdated)

    def finish(self, connection: Connection, notice_id: UUID, status: str, outcome: str) -> None:
        """Say in the caller's transaction what became of a notice."""
        given = {"id": notice_id, "status": status, "outcome": outcome, "error": None}
        connection.execute(FINISH(), {**given, "pauses": NEVER, "now": self._clock.now()})

    def give_up(self, notice_id: UUID, error: str, *, hopeless: bool) -> None:
        """Put a notice among the dead letters; unless hopeless, it is told of again later."""
        given = {"id": notice_id, "status": "dead", "outcome": None, "error": _said(error)}
        given["pauses"] = NEVER if hopeless else PAUSES
        with translated("webhook_event"), self._engine.begin() as connection:
            connection.execute(FINISH(), {**given, "now": self._clock.now()})

    def note(self, notice_id: UUID, error: str) -> None:
        """Say why a try failed."""
        with translated("webhook_event"), self._engine.begin() as connection:
            connection.execute(NOTE(), {"id": notice_id, "error": _said(error)})

    def known(self, connection: Connection, platform: str, listing: str) -> Listed:
        """Return what is known of a listing."""
        given = {"platform": platform, "listing": listing}
        row = connection.execute(KNOWN(), given).one()
        return Listed(row.listed, tuple(row.regions), orjson.loads(row.ids))

    def end(self, connection: Connection, notice: Notice, waiting: Waiting) -> list[Event]:
        """End a listing's offers in the notice's regions, all where it names none.

        Returns:
            One ``availability.changed`` for each region in which something ended.
        """
        place = {"platform": notice.platform, "listing": notice.payload.content_id}
        regions = notice.payload.regions
        given = {"regions": orjson.dumps(regions).decode() if regions else None}
        connection.execute(TITLES(), place)
        ended = connection.execute(END(), {**place, **given, "said_at": notice.timestamp})
        by_region: dict[str, list[Told]] = {}
        for row in ended:
            by_region.setdefault(row.region, []).append(_told(row))
        return [self._changed(waiting, region, told) for region, told in by_region.items()]

    def _changed(self, waiting: Waiting, region: str, told: Sequence[Told]) -> Event:
        content_ids = list(dict.fromkeys(str(one.content_id) for one in told))
        return Event(
            event_id=ids.named(CHANGED, str(waiting.id), str(waiting.replays), region),
            event_type=CHANGED,
            occurred_at=self._clock.now(),
            correlation_id=str(waiting.id),
            data={
                "content_ids": content_ids,
                "platform": waiting.platform,
                "region": region,
                "run_id": run_id(waiting),
                "changes": [change_data(one) for one in told],
            },
        )

    def tidy(self) -> tuple[int, list[int]]:
        """Forget what is old, and tell once more of what waits too long, or failed long ago.

        Returns:
            How many notices were forgotten, and the outbox rows to publish.
        """
        now = self._clock.now()
        given = {"now": now, "before": now - STUCK_AFTER, "limit": MOST_STUCK}
        due = {"platform": None, "limit": MOST_STUCK, "now": now}
        with translated("webhook_event"), self._engine.begin() as connection:
            gone = int(connection.execute(PURGE(), {"now": now}).scalar_one())
            stuck = list(connection.execute(STUCK(), given).mappings())
            stuck += connection.execute(REPLAY(), due).mappings()
            again = [_again(dict(row), now) for row in stuck]
            return gone, Outbox.add(connection, again)


def run_id(waiting: Waiting) -> str:
    """Return the run under which what a notice brings is counted."""
    return f"webhook-{waiting.id}-{waiting.replays}"


def _again(row: dict[str, Any], now: datetime) -> Event:
    event_id = ids.named("webhook.received", str(row["id"]), now.isoformat())
    return received(row["id"], event_id, now, row)


def _told(row: Any) -> Told:  # noqa: ANN401 - a row
    change = OfferChange(
        key=(row.offer_type, row.tier, row.quality),
        is_available=False,
        was_available=True,
        price_before=row.price_minor,
        price_after=None,
        currency=row.currency,
        expires_at=row.expires_at,
    )
    return Told(row.content_id, change)


def _said(error: str) -> str:
    return error.replace("\x00", "\N{REPLACEMENT CHARACTER}")[:LONGEST_ERROR]
