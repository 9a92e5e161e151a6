"""Deliveries as a consumer sees them: taken from the backlog, waited for, disturbed by faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.pubsub.messages import ReceivedMessage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from emulators.core.faults import Faults
    from emulators.core.methods import Proto
    from emulators.pubsub.leases import Consumer, Lease
    from emulators.pubsub.subscribed import Subscribed


async def batches(
    subscribed: Subscribed,
    consumer: Consumer,
    *,
    limit: int,
    faults: Faults,
    empty_too: bool = False,
) -> AsyncGenerator[list[Lease], None]:
    """Yield messages as they come and the consumer has room.

    Args:
        subscribed: What to take from.
        consumer: Who takes.
        limit: Most messages at a time.
        faults: May duplicate or reverse a batch (method ``Deliver``).
        empty_too: Whether to yield an empty list when the consumer was woken in vain.

    Raises:
        EmulatorError: The subscription ended.
    """
    subscribed.backlog.attach(consumer)
    try:
        while True:
            leases = subscribed.backlog.take(consumer, limit)
            if leases or empty_too:
                yield disturbed(leases, faults, subscribed.backlog.name) if leases else []
            if not leases and not await consumer.wait():
                return
    finally:
        subscribed.backlog.detach(consumer)


def disturbed(leases: list[Lease], faults: Faults, name: str) -> list[Lease]:
    """Apply the faults that strike a batch of deliveries of a subscription."""
    if not faults.active:
        return leases
    about = (name,)
    if faults.strikes("duplicate", "pubsub", "Deliver", about):
        leases = [*leases, *leases]
    if faults.strikes("reorder", "pubsub", "Deliver", about):
        leases.reverse()
    return leases


def received(leases: list[Lease], subscribed: Subscribed) -> list[Proto]:
    """Return the messages as ReceivedMessage; attempts are told only with a dead-letter policy."""
    counted = bool(subscribed.backlog.settings.dead_letter_topic)
    return [
        ReceivedMessage(
            ack_id=lease.ack_id,
            message=lease.entry.message,
            delivery_attempt=lease.attempt if counted else 0,
        )
        for lease in leases
    ]
