"""One StreamingPull: deliveries one way, answers and lease changes the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub import policies
from emulators.pubsub.confirmations import UNORDERED
from emulators.pubsub.delivery import batches, received
from emulators.pubsub.leases import Consumer
from emulators.pubsub.messages import StreamingPullResponse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable

    from emulators.core.faults import Faults
    from emulators.core.methods import Proto
    from emulators.pubsub.subscribed import Subscribed

_BATCH = 1000
_LEAST_STREAM_DEADLINE = 10


class Stream:
    """The state of one call.

    Args:
        subscribed: What it pulls from.
        first: Its first request, which carries flow control and the ack deadline.
        faults: May disturb deliveries.

    Raises:
        EmulatorError: INVALID_ARGUMENT, when the ack deadline is out of range.
    """

    def __init__(self, subscribed: Subscribed, first: Proto, faults: Faults) -> None:
        self._subscribed = subscribed
        self._faults = faults
        self._consumer = Consumer(
            max_messages=first.max_outstanding_messages, max_bytes=first.max_outstanding_bytes
        )
        self._set_deadline(first.stream_ack_deadline_seconds, required=True)
        self._answers: deque[Proto] = deque()
        self._apply(first)

    async def responses(self, requests: AsyncIterator[Proto]) -> AsyncGenerator[Proto, None]:
        """Yield deliveries until the client is done; an empty response tells that all is well.

        Raises:
            EmulatorError: The subscription ended, or a request was wrong.
        """
        reading = asyncio.create_task(self._read(requests))
        taking = batches(
            self._subscribed, self._consumer, limit=_BATCH, faults=self._faults, empty_too=True
        )
        try:
            yield self._response([])
            async with contextlib.aclosing(taking):
                async for leases in taking:
                    while self._answers:
                        yield self._answers.popleft()
                    if leases:
                        yield self._response(received(leases, self._subscribed))
        finally:
            reading.cancel()

    async def _read(self, requests: AsyncIterator[Proto]) -> None:
        try:
            async for request in requests:
                self._set_deadline(request.stream_ack_deadline_seconds, required=False)
                self._apply(request)
        except errors.EmulatorError as error:
            self._consumer.end(error)
        else:
            self._consumer.end()

    def _apply(self, request: Proto) -> None:
        if len(request.modify_deadline_ack_ids) != len(request.modify_deadline_seconds):
            raise errors.invalid_argument(
                "modify_deadline_seconds and modify_deadline_ack_ids differ in length."
            )
        backlog = self._subscribed.backlog
        refused = backlog.acknowledge(request.ack_ids)
        changes = zip(request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=True)
        unchanged: dict[str, str] = {}
        for ack_id, seconds in changes:
            policies.check_ack_deadline(seconds)
            unchanged |= backlog.modify([ack_id], seconds)
        if backlog.settings.exactly_once:
            self._confirm("acknowledge_confirmation", request.ack_ids, refused)
            changed = request.modify_deadline_ack_ids
            self._confirm("modify_ack_deadline_confirmation", changed, unchanged)

    def _confirm(self, field: str, ack_ids: Iterable[str], refused: dict[str, str]) -> None:
        accepted = [ack_id for ack_id in ack_ids if ack_id not in refused]
        if accepted or refused:
            response = self._response([])
            confirmation = getattr(response, field)
            confirmation.ack_ids.extend(accepted)
            for ack_id, reason in refused.items():
                wrong = "unordered_ack_ids" if reason == UNORDERED else "invalid_ack_ids"
                getattr(confirmation, wrong).append(ack_id)
            self._answers.append(response)
            self._consumer.wake()

    def _set_deadline(self, seconds: int, *, required: bool) -> None:
        if required or seconds:
            policies.check_ack_deadline(seconds, least=_LEAST_STREAM_DEADLINE)
            self._consumer.ack_seconds = seconds

    def _response(self, messages: list[Proto]) -> Proto:
        response = StreamingPullResponse(received_messages=messages)
        properties = response.subscription_properties
        config = self._subscribed.config
        properties.message_ordering_enabled = config.enable_message_ordering
        properties.exactly_once_delivery_enabled = config.enable_exactly_once_delivery
        return response
