"""Ack ids, and which of them exactly-once delivery confirms or refuses."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from google.rpc import error_details_pb2

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

# Metadata values of the ErrorInfo, as the official clients read them and the vendor's emulator
# sends them.
INVALID = "PERMANENT_FAILURE_INVALID_ACK_ID"
UNORDERED = "TRANSIENT_FAILURE_UNORDERED_ACK_ID"
TEMPORARY = "TRANSIENT_FAILURE_INVALID_ACK_ID"
_FORM = re.compile(r"(\d+)-(\d+)-(\d+)", re.ASCII)
_REMEMBERED = 10_000


class AckId(NamedTuple):
    """Names one delivery.

    Attributes:
        boot: How often the process had been started; leases end with it.
        number: The message.
        delivery: Which delivery of the message.
    """

    boot: int
    number: int
    delivery: int

    def __str__(self) -> str:
        return f"{self.boot}-{self.number}-{self.delivery}"

    @classmethod
    def parse(cls, text: str) -> AckId:
        """Read an id that was given out.

        Raises:
            EmulatorError: INVALID_ARGUMENT, it never was.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise errors.invalid_argument(
                f"You have passed a malformed ack ID to the service (ack_id={text})."
            )
        return cls(int(found[1]), int(found[2]), int(found[3]))


class Confirmed:
    """The acknowledgements that were accepted last, so that a client may repeat one."""

    def __init__(self) -> None:
        self._ids: OrderedDict[AckId, None] = OrderedDict()

    def __contains__(self, ack_id: AckId) -> bool:
        return ack_id in self._ids

    def add(self, ack_id: AckId) -> None:
        """Remember one, and forget the oldest when there are too many."""
        self._ids[ack_id] = None
        if len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)


def refusal(reasons: Mapping[str, str]) -> errors.EmulatorError:
    """INVALID_ARGUMENT, with what is wrong with each id; the other ids of the call took effect."""
    error = errors.invalid_argument("Some acknowledgement IDs in the request were invalid.")
    info = error_details_pb2.ErrorInfo(
        reason="EXACTLY_ONCE_ACKID_FAILURE", domain="pubsub.googleapis.com"
    )
    info.metadata.update(reasons)
    error.details = (info,)
    return error
