"""The RPCs of Publisher and Subscriber, for gRPC and REST alike."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from google.protobuf import empty_pb2

from emulators.core import errors
from emulators.pubsub import messages, names, policies
from emulators.pubsub.confirmations import TEMPORARY, refusal
from emulators.pubsub.delivery import batches, received
from emulators.pubsub.iam import PolicyServicer
from emulators.pubsub.leases import Consumer
from emulators.pubsub.paging import page
from emulators.pubsub.streaming import Stream
from emulators.pubsub.supported import FIELDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence

    from emulators.core.binding import ServicerContext
    from emulators.core.faults import Faults
    from emulators.core.methods import Proto
    from emulators.pubsub.backlog import Backlog
    from emulators.pubsub.leases import Lease
    from emulators.pubsub.store import Store
    from emulators.pubsub.subscribed import Subscribed

_MAX_PULL = 1000
# How long a pull waits for a first message; real time, since it is about a connection kept open.
_PULL_WAIT_SECONDS = 5.0


class PublisherServicer(PolicyServicer):
    """``google.pubsub.v1.Publisher``, and the policies of all resources of the port."""

    async def CreateTopic(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Create a topic."""
        topic = self._store.create_topic(request)
        self._store.policies.forget(topic.name)
        await self._store.commit()
        return topic

    async def GetTopic(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a topic."""
        return self._store.topic(request.topic)

    async def UpdateTopic(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Replace masked fields of a topic."""
        topic = self._store.update_topic(request.topic, request.update_mask)
        await self._store.commit()
        return topic

    async def DeleteTopic(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a topic, not its subscriptions."""
        self._store.delete_topic(request.topic)
        await self._store.commit()
        return empty_pb2.Empty()

    async def ListTopics(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of a project's topics."""
        names.check_project(request.project)
        found, token = page(self._store.topics(request.project), request, lambda topic: topic.name)
        return messages.ListTopicsResponse(topics=found, next_page_token=token)

    async def ListTopicSubscriptions(
        self, request: Proto, _caller: ServicerContext | None
    ) -> Proto:
        """Return a page of the names of a topic's subscriptions."""
        found, token = page(self._store.topic_subscriptions(request.topic), request, str)
        response = messages.ListTopicSubscriptionsResponse
        return response(subscriptions=found, next_page_token=token)

    async def ListTopicSnapshots(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of the names of a topic's snapshots."""
        self._store.topic(request.topic)
        found, token = page(self._store.snapshots.of_topic(request.topic), request, str)
        return messages.ListTopicSnapshotsResponse(snapshots=found, next_page_token=token)

    async def DetachSubscription(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Cut a subscription off its topic and drop its messages."""
        self._store.detach(request.subscription)
        await self._store.commit()
        return messages.DetachSubscriptionResponse()

    async def Publish(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Publish messages; answered when they would survive the death of this process."""
        ids = self._store.publish(request.topic, request.messages)
        await self._store.commit()
        return messages.PublishResponse(message_ids=ids)


class SubscriberServicer:
    """``google.pubsub.v1.Subscriber``."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    async def CreateSubscription(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Create a subscription."""
        config = self._store.create_subscription(request)
        self._store.policies.forget(config.name)
        await self._store.commit()
        return config

    async def GetSubscription(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a subscription."""
        return self._store.subscription(request.subscription).config

    async def UpdateSubscription(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Replace masked fields of a subscription."""
        config = self._store.update_subscription(request.subscription, request.update_mask)
        await self._store.commit()
        return config

    async def DeleteSubscription(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a subscription and its backlog."""
        self._store.delete_subscription(request.subscription)
        await self._store.commit()
        return empty_pb2.Empty()

    async def ListSubscriptions(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of a project's subscriptions."""
        names.check_project(request.project)
        configs = self._store.subscriptions(request.project)
        found, token = page(configs, request, lambda config: config.name)
        return messages.ListSubscriptionsResponse(subscriptions=found, next_page_token=token)

    async def ModifyPushConfig(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Switch between push and pull."""
        self._store.modify_push(request.subscription, request.push_config)
        await self._store.commit()
        return empty_pb2.Empty()

    async def Acknowledge(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Forget delivered messages."""
        backlog = self._used(request.subscription).backlog
        _check_some(request.ack_ids)
        self._refuse_for_now(backlog, request.ack_ids)
        refused = backlog.acknowledge(request.ack_ids)
        await self._store.commit()
        if refused:
            raise refusal(refused)
        return empty_pb2.Empty()

    async def ModifyAckDeadline(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Prolong leases, or with 0 give messages back."""
        seconds = request.ack_deadline_seconds
        policies.check_ack_deadline(seconds)
        backlog = self._used(request.subscription).backlog
        _check_some(request.ack_ids)
        self._refuse_for_now(backlog, request.ack_ids)
        if refused := backlog.modify(request.ack_ids, seconds):
            raise refusal(refused)
        return empty_pb2.Empty()

    async def Pull(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return messages, waiting a little for the first one."""
        if request.max_messages < 1:
            raise errors.invalid_argument(
                "The value for max_messages is too small. "
                f"You passed {request.max_messages} in the request, but the minimum value is 1."
            )
        subscribed = _pullable(self._store.attached(request.subscription))
        self._used(request.subscription)
        wait = 0.0 if request.return_immediately else _PULL_WAIT_SECONDS
        leases = await self._first_batch(subscribed, min(request.max_messages, _MAX_PULL), wait)
        return messages.PullResponse(received_messages=received(leases, subscribed))

    async def StreamingPull(
        self, requests: AsyncIterator[Proto], _caller: ServicerContext
    ) -> AsyncGenerator[Proto, None]:
        """Deliver as messages come, under the flow control of the stream's first request."""
        first = await anext(aiter(requests), None)
        if first is None:
            raise errors.invalid_argument("The stream ended before it named a subscription.")
        subscribed = _pullable(self._store.attached(first.subscription))
        responses = Stream(subscribed, first, self._faults).responses(requests)
        subscribed.streams += 1
        try:
            async with contextlib.aclosing(responses):
                async for response in responses:
                    yield response
        finally:
            subscribed.streams -= 1
            self._store.expirations.use(subscribed)

    async def CreateSnapshot(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Capture what a subscription has not acknowledged."""
        FIELDS.refuse(request)
        subscribed = self._store.attached(request.subscription)
        snapshot = self._store.snapshots.create(request, subscribed)
        self._store.policies.forget(snapshot.name)
        await self._store.commit()
        return snapshot

    async def GetSnapshot(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a snapshot."""
        return self._store.snapshots.get(request.snapshot)

    async def UpdateSnapshot(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Replace masked fields of a snapshot."""
        snapshot = self._store.snapshots.update(request.snapshot, request.update_mask)
        await self._store.commit()
        return snapshot

    async def DeleteSnapshot(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a snapshot."""
        self._store.snapshots.delete(request.snapshot)
        await self._store.commit()
        return empty_pb2.Empty()

    async def ListSnapshots(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of a project's snapshots."""
        names.check_project(request.project)
        snapshots = self._store.snapshots.of_project(request.project)
        found, token = page(snapshots, request, lambda snapshot: snapshot.name)
        return messages.ListSnapshotsResponse(snapshots=found, next_page_token=token)

    async def Seek(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Acknowledge, or take back, messages in bulk."""
        target = request.WhichOneof("target")
        if target is None:
            raise errors.invalid_argument(
                "No target was specified in the SeekRequest. "
                "Must specify either a time or a snapshot."
            )
        subscribed = self._store.attached(request.subscription)
        if target == "time":
            self._store.replay.to_time(subscribed, _moment(request.time))
        else:
            self._store.replay.to_snapshot(subscribed, request.snapshot)
        await self._store.commit()
        return messages.SeekResponse()

    def _used(self, name: str) -> Subscribed:
        subscribed = self._store.subscription(name)
        self._store.expirations.use(subscribed)
        return subscribed

    def _refuse_for_now(self, backlog: Backlog, ack_ids: Iterable[str]) -> None:
        if backlog.settings.exactly_once and self._faults.strikes(
            "error", "pubsub", "Confirm", (backlog.name,)
        ):
            raise refusal(dict.fromkeys(ack_ids, TEMPORARY))

    async def _first_batch(self, subscribed: Subscribed, limit: int, wait: float) -> list[Lease]:
        taking = batches(subscribed, Consumer(), limit=limit, faults=self._faults)
        try:
            async with asyncio.timeout(wait):
                return await anext(taking)
        except TimeoutError:
            return []
        finally:
            await taking.aclose()


def _check_some(ack_ids: Sequence[str]) -> None:
    if not ack_ids:
        raise errors.invalid_argument("No ack_ids specified.")


def _moment(time: Proto) -> int:
    try:
        return int(time.ToMicroseconds())
    except ValueError as error:
        raise errors.invalid_argument(
            f"An invalid time was specified in the SeekRequest: {error}"
        ) from error


def _pullable(subscribed: Subscribed) -> Subscribed:
    if subscribed.config.push_config.push_endpoint:
        raise errors.failed_precondition(
            f"The subscription {subscribed.config.name} is a push subscription: it can not be "
            "pulled."
        )
    return subscribed
