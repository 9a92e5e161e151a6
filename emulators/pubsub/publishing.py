"""What may be published, and what a dead-lettered message looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub import names
from emulators.pubsub.messages import PubsubMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.methods import Proto
    from emulators.pubsub.leases import Entry

_MAX_MESSAGES = 1000
_MAX_BYTES = 10_000_000


def check_messages(messages: Sequence[Proto]) -> None:
    """Accept the messages of one request.

    Raises:
        EmulatorError: INVALID_ARGUMENT: too many, too large, or one that is empty.
    """
    if not 0 < len(messages) <= _MAX_MESSAGES:
        raise errors.invalid_argument(
            f"The value for message_count must be from 1 to {_MAX_MESSAGES}. "
            f"You passed {len(messages)} in the request."
        )
    if sum(message.ByteSize() for message in messages) > _MAX_BYTES:
        raise errors.invalid_argument(f"The request is larger than {_MAX_BYTES} bytes.")
    if not all(message.data or message.attributes for message in messages):
        raise errors.invalid_argument(
            "One or more messages in the publish request is empty. "
            "Each message must contain either non-empty data, or at least one attribute."
        )


def dead_letter(subscription: str, entry: Entry) -> Proto:
    """Return what is published to the dead-letter topic of a subscription for a failed entry."""
    dead = PubsubMessage(
        data=entry.message.data,
        attributes=entry.message.attributes,
        ordering_key=entry.message.ordering_key,
    )
    prefix = "CloudPubSubDeadLetterSource"
    dead.attributes[prefix + "DeliveryCount"] = str(entry.failures)
    dead.attributes[prefix + "Subscription"] = names.short(subscription)
    dead.attributes[prefix + "SubscriptionProject"] = names.project_of(subscription)
    dead.attributes[prefix + "TopicPublishTime"] = entry.message.publish_time.ToJsonString()
    return dead
