"""Dead letters at the edge: what Pub/Sub says of them, and what administrators ask and are told."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters.sql.dead_letters.store import DeadLetter
from shared.kernel.errors import InvalidInputError
from shared.kernel.pages import CursorQuery
from shared.runtime.events import Delivery

RESOURCE = "dead-letters"
SOURCE = "CloudPubSubDeadLetterSource"
"""What the attributes begin with that Pub/Sub adds to a dead letter."""
TURN_SECONDS = 300
"""Between two turns of `functions/dead_letters_keep`."""
_SERVICE = r"^[a-z][a-z0-9-]{1,62}$"
_TOPIC = r"^[a-z]+(?:[.-][a-z]+)+$"


class DeadLetterStatus(StrEnum):
    """Where a dead letter stands: refused at once, failed five times, or delivered again since."""

    REJECTED = "rejected"
    DEAD = "dead"
    REDELIVERED = "redelivered"


def dead_letter(delivery: Delivery) -> DeadLetter:
    """Return what a delivery from a topic of dead letters says.

    Raises:
        InvalidInputError: It does not name the subscription on which it failed.
    """
    said = delivery.attributes
    consumer, _, topic = said.get(f"{SOURCE}Subscription", "").partition("--")
    if not consumer or not topic:
        raise InvalidInputError("the dead letter names no subscription of ours")
    tries = said.get(f"{SOURCE}DeliveryCount", "?")
    return DeadLetter(
        consumer=consumer,
        topic=topic,
        event_id=str(delivery.event.event_id),
        message_id=delivery.message_id,
        reason=f"failed {tries} times",
        payload=delivery.body,
    )


class DeadLettersQuery(CursorQuery):
    """Which dead letters, the newest first."""

    status: DeadLetterStatus | None = None
    consumer: str | None = Field(default=None, pattern=_SERVICE)
    topic: str | None = Field(default=None, pattern=_TOPIC)


class DeadLetterAnswer(BaseModel):
    """One dead letter, without what it says, which may be personal.

    Attributes:
        consumer: Service that could not take it in.
        topic: Of what failed; None for what was rejected.
        reason: Why; the consumer's log has the whole error.
        redeliveries: How often it was delivered again.
        next_at: When it is; None: it was handled, or waits for a person.
    """

    model_config = ConfigDict(extra="forbid")

    id: int
    consumer: str
    topic: str | None
    event_id: str
    status: DeadLetterStatus
    reason: str
    redeliveries: int
    created_at: datetime
    next_at: datetime | None


class ReplayDeadLetters(BaseModel):
    """Which dead letters are delivered again, the oldest first.

    Attributes:
        status: ``rejected`` too, once what refused them has been mended.
        ids: Only these; with a consumer or a topic, those of them that fit.
    """

    model_config = ConfigDict(extra="forbid")

    status: DeadLetterStatus = DeadLetterStatus.DEAD
    consumer: str | None = Field(default=None, pattern=_SERVICE)
    topic: str | None = Field(default=None, pattern=_TOPIC)
    ids: list[Annotated[int, Field(ge=1, lt=1 << 63)]] | None = Field(
        default=None, min_length=1, max_length=1000
    )
    limit: int = Field(default=100, ge=1, le=1000)

    def chosen(self) -> dict[str, Any]:
        """Return the choice as the table takes it."""
        return self.model_dump(mode="json")


class DeadLettersReplayed(BaseModel):
    """How many dead letters are on their way.

    Attributes:
        within_seconds: In which they are delivered.
    """

    replayed: int
    within_seconds: int
