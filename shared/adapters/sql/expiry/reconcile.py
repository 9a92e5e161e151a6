"""Comparing what is kept with a full run: offers that it did not see end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.expiry.offers import OfferEnds
from shared.adapters.sql.statement import statement, translated
from shared.catalog.lifecycle_reconcile import (
    MOST_ENDED,
    PARTS,
    FullRun,
    require_plausible,
    require_whole,
)
from shared.catalog.receipts import STALE_DAYS
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime
    from fractions import Fraction

    from sqlalchemy import Connection, Engine

FULL_RUN = statement(__file__, "full_run")
UNSEEN = statement(__file__, "unseen", "unseen_offers")
END_UNSEEN = statement(__file__, "end_unseen", "unseen_offers")
NOTE_FULL = statement(__file__, "note_full")


@dataclass(frozen=True)
class Scope:
    """One provider's catalog of a platform in a region, and the run that brought it whole."""

    run_id: str
    provider: str
    platform: str
    region: str

    @property
    def place(self) -> dict[str, str]:
        """Whose offers are compared."""
        return {"provider": self.provider, "platform": self.platform, "region": self.region}


@dataclass(frozen=True)
class Reconciled:
    """How many offers were live, how many of them ended, and the outbox rows that say so."""

    live: int
    ended: int
    outbox: tuple[int, ...]


def reconcile(
    scope: Scope,
    *,
    most: Fraction = MOST_ENDED,
    engine: Engine | None = None,
    clock: Clock | None = None,
) -> Reconciled:
    """End every offer of the scope that its full run did not see, all of them or none.

    A run of whole titles says nothing of offers of seasons and episodes, and one of these nothing
    of any other. An offer that another source brings goes on in that one's name. Doing it again
    ends nothing more.

    Raises:
        NotFoundError: There is no such run.
        AppError: The run cannot be relied on, or too much would end; nothing was changed.
    """
    watch = clock or SystemClock()
    now = watch.now()
    stale = now - timedelta(days=STALE_DAYS)
    with translated("reconcile"), (engine or connect.engine()).begin() as connection:
        run = _run(connection, scope)
        require_whole(run)
        given = {
            **scope.place,
            "since": run.since,
            "said_since": int(stale.timestamp()),
            "parts": run.kind == PARTS,
        }
        found = connection.execute(UNSEEN(), given).one()
        require_plausible(live=found.live, unseen=found.unseen, most=most)
        ended = connection.execute(END_UNSEEN(), {**given, **_at(now)}).all()
        told = [row for row in ended if row.hidden_at is None]
        outbox = OfferEnds(engine, watch).announce(
            connection, told, cause="catalog-reconcile", run_id=scope.run_id
        )
        connection.execute(NOTE_FULL(), {**scope.place, "kind": run.kind, "at": run.started_at})
    return Reconciled(found.live, len(ended), tuple(outbox))


def _at(now: datetime) -> dict[str, Any]:
    return {"now": now, "seen": int(now.timestamp())}


def _run(connection: Connection, scope: Scope) -> FullRun:
    asked = {"run_id": scope.run_id, **scope.place}
    row = connection.execute(FULL_RUN(), asked).first()
    if row is None:
        place = f"{scope.provider} {scope.platform}-{scope.region}"
        raise NotFoundError(f"run {scope.run_id!r} has no part {place}")
    return FullRun(
        run_id=scope.run_id,
        kind=row.kind,
        started_at=row.started_at,
        fetched_at=row.fetched_at,
        error=row.error,
        read=int(row.read),
        resolved=int(row.resolved),
        set_aside=int(row.set_aside),
    )
