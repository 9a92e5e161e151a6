"""What may be published, and what a dead-lettered message looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub import names
from emulators.pubsub.messages import PubsubMessage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulators.core.methods import Proto
    from emulators.pubsub.leases import Entry

_MAX_MESSAGES = 1000
_MAX_BYTES = 10_000_000
# https://cloud.google.com/pubsub/quotas#resource_limits, in bytes where they are lengths.
_MAX_ATTRIBUTES, _MAX_NAME, _MAX_VALUE, _MAX_KEY = 100, 256, 1024, 1024


def check_messages(messages: Sequence[Proto]) -> None:
    """Accept the messages of one request.

    Raises:
        EmulatorError: INVALID_ARGUMENT: too many, or one that is empty or beyond a limit.
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
    for message in messages:
        if message.attributes:
            _check_attributes(message.attributes)
        if len(message.ordering_key.encode()) > _MAX_KEY:
            raise errors.invalid_argument(f"An ordering_key is longer than {_MAX_KEY} bytes.")


def _check_attributes(attributes: Mapping[str, str]) -> None:
    if len(attributes) > _MAX_ATTRIBUTES:
        raise errors.invalid_argument(
            f"A message has more than {_MAX_ATTRIBUTES} attributes: {len(attributes)}."
        )
    for name, value in attributes.items():
        # Clients of the vendor's write what begins with googclient_, a trace for example.
        reserved = name.startswith("goog") and not name.startswith("googclient_")
        if not name or reserved or len(name.encode()) > _MAX_NAME:
            raise errors.invalid_argument(
                f"Invalid attributes given (attributes[{name}]): a name has 1 to {_MAX_NAME} bytes "
                "and does not begin with goog."
            )
        if len(value.encode()) > _MAX_VALUE:
            raise errors.invalid_argument(
                f"Invalid attributes given (attributes[{name}]): the value is longer than "
                f"{_MAX_VALUE} bytes."
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
