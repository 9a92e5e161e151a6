"""Subscriptions and their deliveries: tables ``webhook_subscription`` and ``webhook_delivery``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.sql import audit
from shared.adapters.sql.statement import statement, translated
from shared.catalog.webhooks.subscribing import (
    MOST_OF_ONE,
    SubscriptionExistsError,
    SubscriptionLimitError,
    body_of,
)
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.errors import NotFoundError
from shared.kernel.ids import TimeOrderedIds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.catalog.webhooks.subscribing import Subscribe
    from shared.kernel.clock import Clock
    from shared.kernel.events import Event

LOCK = statement(__file__, "outbound_lock")
COUNT = statement(__file__, "outbound_count")
ADD = statement(__file__, "outbound_add")
OWNED = statement(__file__, "outbound_owned")
REMOVE = statement(__file__, "outbound_remove")
FORGET = statement(__file__, "outbound_forget")
FAN = statement(__file__, "outbound_fan")
CLAIM = statement(__file__, "outbound_claim")
DONE = statement(__file__, "outbound_done")
AGAIN = statement(__file__, "outbound_again")
PAUSE = statement(__file__, "outbound_pause")
NEXT = statement(__file__, "outbound_next")
PURGE = statement(__file__, "outbound_purge")

HOLD = timedelta(seconds=30)
"""How long a try may take before somebody else makes it again."""
RESOURCE = "webhook-subscription"
LONGEST_ERROR = 300


@dataclass(frozen=True)
class Try:
    """One delivery that is being tried; `attempts` counts this try."""

    id: UUID
    subscription_id: UUID
    event_type: str
    body: str
    attempts: int
    url: str
    sealed_secret: str


def add(
    connection: Connection, wish: Subscribe, owner: str, *, kept: Mapping[str, Any]
) -> dict[str, Any]:
    """Keep a subscription in the caller's transaction and return it.

    Args:
        connection: The transaction, in which the act is audited too.
        wish: What was asked for.
        owner: Whose it is.
        kept: Its ``id``, the ``sealed_secret``, and ``now``.

    Raises:
        ConflictError: The account has too many, or one of this URL.
    """
    connection.execute(LOCK(), {"owner": owner})
    found = connection.execute(COUNT(), {"owner": owner, "url": wish.url}).one()
    if found.known:
        raise SubscriptionExistsError("there is a subscription of this URL; delete it first")
    if found.owned >= MOST_OF_ONE:
        raise SubscriptionLimitError(f"an account has at most {MOST_OF_ONE} subscriptions")
    types = orjson.dumps(wish.event_types).decode()
    given = {"owner": owner, "url": wish.url, "event_types": types, **kept}
    return dict(connection.execute(ADD(), given).mappings().one())


def owned(engine: Engine, owner: str) -> list[dict[str, Any]]:
    """Return an account's subscriptions, oldest first."""
    with translated(RESOURCE), engine.connect() as connection:
        return [dict(row) for row in connection.execute(OWNED(), {"owner": owner}).mappings()]


def remove(connection: Connection, subscription_id: UUID, owner: str) -> None:
    """Forget a subscription in the caller's transaction.

    Raises:
        NotFoundError: The account has none of this id.
    """
    given = {"id": subscription_id, "owner": owner}
    if connection.execute(REMOVE(), given).first() is None:
        raise NotFoundError(f"there is no subscription {subscription_id}")


def forget(engine: Engine, owner: str) -> int:
    """Forget the subscriptions of an account that is gone; again, there are none."""
    with translated("webhook_subscription"), engine.begin() as connection:
        return int(connection.execute(FORGET(), {"owner": owner}).rowcount)


class Deliveries:
    """What waits to be pushed."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._ids = TimeOrderedIds(clock)

    def fan_out(self, event: Event) -> None:
        """Write a delivery for everybody who wants an event; a second time adds nothing."""
        about = {"event_id": event.event_id, "event_type": event.event_type}
        with translated("webhook_delivery"), self._engine.begin() as connection:
            given = {**about, "body": body_of(event), "now": self._clock.now()}
            connection.execute(FAN(), given)

    def claim(self, limit: int) -> list[Try]:
        """Begin a try at what is due."""
        now = self._clock.now()
        given = {"now": now, "held_until": now + HOLD, "limit": limit}
        with translated("webhook_delivery"), self._engine.begin() as connection:
            return [Try(**row) for row in connection.execute(CLAIM(), given).mappings()]

    def delivered(self, one: Try) -> None:
        """Say that a delivery was taken."""
        with translated("webhook_delivery"), self._engine.begin() as connection:
            connection.execute(DONE(), {"id": one.id, "now": self._clock.now()})

    def failed(self, one: Try, error: str, wait: timedelta | None) -> bool:
        """Say that a try failed; without a further wait the subscription is paused.

        Returns:
            Whether it was paused by this.
        """
        said = error.replace("\x00", "\N{REPLACEMENT CHARACTER}")[:LONGEST_ERROR]
        now = self._clock.now()
        with translated("webhook_delivery"), self._engine.begin() as connection:
            if wait is not None:
                given = {"id": one.id, "error": said, "next_at": now + wait}
                connection.execute(AGAIN(), given)
                return False
            given = {"subscription_id": one.subscription_id, "error": said, "now": now}
            row = connection.execute(PAUSE(), given).first()
            if row is not None:
                audit.write(connection, self._paused(one, row.owner, said))
            return row is not None

    def next_at(self) -> datetime | None:
        """Return when the next delivery is due, None where none waits."""
        with translated("webhook_delivery"), self._engine.connect() as connection:
            found: datetime | None = connection.execute(NEXT()).scalar_one()
            return found

    def purge(self) -> None:
        """Forget what was finished long ago."""
        with translated("webhook_delivery"), self._engine.begin() as connection:
            connection.execute(PURGE(), {"now": self._clock.now()})

    def _paused(self, one: Try, owner: str, error: str) -> AuditEvent:
        return AuditEvent(
            id=self._ids.new(),
            occurred_at=self._clock.now(),
            actor_id="webhook-deliver",
            actor_type=ActorType.SYSTEM,
            action="CONFIG_CHANGE",
            resource_type=RESOURCE,
            resource_id=str(one.subscription_id),
            details={"status": "paused", "owner": owner, "error": error},
            request_id=str(one.id),
        )
