"""Subscriptions to our own events: what may be asked for, and when a delivery is tried again."""

from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.errors import ConflictError
from shared.kernel.events import Event

ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=5)
MOST_OF_ONE = 10
"""Subscriptions of one account."""


class Topic(StrEnum):
    """Events that can be subscribed to."""

    INGESTED = "content.ingested"
    UPDATED = "content.updated"
    MERGED = "content.merged"
    DELETED = "content.deleted"
    EXPIRING = "content.expiring"
    AVAILABILITY = "availability.changed"


class SubscriptionLimitError(ConflictError):
    """The account has as many subscriptions as it may have."""

    code = "subscription-limit"


class SubscriptionExistsError(ConflictError):
    """The account has a subscription of this URL."""

    code = "subscription-exists"


class Subscribe(BaseModel):
    """A wish to be told.

    Attributes:
        url: https, with a public address.
        secret: Signs what we send; it is stored sealed and never shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(min_length=10, max_length=2000)
    event_types: tuple[Topic, ...] = Field(min_length=1, max_length=len(Topic))
    secret: str = Field(min_length=16, max_length=256, repr=False)


class Which(BaseModel):
    """Which subscription."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID


def wait_after(attempt: int) -> timedelta | None:
    """Return how long to wait after a try that failed: 5, 10, 20, 40 s, then None: no more.

    Args:
        attempt: Which try it was, from 1.
    """
    return None if attempt >= ATTEMPTS else FIRST_WAIT * 2 ** (attempt - 1)


def body_of(event: Event) -> str:
    """Return what a subscriber is sent, the same at every try."""
    said: dict[str, Any] = {
        "event_id": str(event.event_id),
        "event_type": event.event_type,
        "occurred_at": event.occurred_at.isoformat(),
        "data": {name: value for name, value in event.data.items() if name != "run_id"},
    }
    return orjson.dumps(said).decode()
