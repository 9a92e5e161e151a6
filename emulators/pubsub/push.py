"""Push subscriptions: a POST per message, answered by its status."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import re
from typing import TYPE_CHECKING, Any

import aiohttp

from emulators.core import errors
from emulators.pubsub.delivery import batches
from emulators.pubsub.leases import Consumer

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.core.faults import Faults
    from emulators.core.identity import Signer
    from emulators.core.methods import Proto
    from emulators.pubsub.leases import Lease
    from emulators.pubsub.store import Store
    from emulators.pubsub.subscribed import Subscribed

logger = logging.getLogger(__name__)

_SUCCESS = frozenset({102, 200, 201, 202, 204})
_IN_FLIGHT = 32
# What attributes must not replace, or the request could not be read.
_FRAMING = frozenset({"connection", "content-length", "host", "transfer-encoding"})
# A field name and a value of visible characters (RFC 9110 §5).
_HEADER = re.compile(r"[\w!#$%&'*+\-.^`|~]+:[\x20-\x7e]*", re.ASCII)


class Pushes:
    """Runs one worker for each push subscription of the store.

    Args:
        store: Whose subscriptions are served.
        signer: Signs the tokens of subscriptions that ask for one.
        faults: May disturb deliveries.
        http: Makes the client session.
    """

    def __init__(
        self,
        store: Store,
        *,
        signer: Signer,
        faults: Faults,
        http: Callable[[], aiohttp.ClientSession],
    ) -> None:
        self._store = store
        self._signer = signer
        self._faults = faults
        self._http = http
        self._session: aiohttp.ClientSession | None = None
        self._workers: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Serve every push subscription there is, and those to come."""
        self._session = self._http()
        self._store.on_change = self._changed
        for config in self._store.subscriptions():
            self._changed(config.name)

    async def stop(self) -> None:
        """Give up what is under way; it is delivered again after the next start."""
        self._store.on_change = lambda _name: None
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _changed(self, name: str) -> None:
        wanted = any(
            c.name == name and c.push_config.push_endpoint and not c.detached
            for c in self._store.subscriptions()
        )
        if wanted and name not in self._workers:
            worker = asyncio.get_running_loop().create_task(self._serve(name))
            self._workers[name] = worker
        elif not wanted and name in self._workers:
            self._workers.pop(name).cancel()

    async def _serve(self, name: str) -> None:
        subscribed = self._store.subscription(name)
        consumer = Consumer(max_messages=_IN_FLIGHT, pipelined=False)
        taking = batches(subscribed, consumer, limit=_IN_FLIGHT, faults=self._faults)
        async with asyncio.TaskGroup() as deliveries, contextlib.aclosing(taking):
            # A subscription that is deleted, or a server that stops, ends the batches.
            with contextlib.suppress(errors.EmulatorError):
                async for leases in taking:
                    for lease in leases:
                        deliveries.create_task(self._deliver(subscribed, lease))

    async def _deliver(self, subscribed: Subscribed, lease: Lease) -> None:
        accepted = await self._post(subscribed, lease)
        if accepted:
            self._store.expirations.use(subscribed)
            subscribed.backlog.acknowledge([lease.ack_id])
        else:
            subscribed.backlog.modify([lease.ack_id], 0)

    async def _post(self, subscribed: Subscribed, lease: Lease) -> bool:
        config = subscribed.config
        session = self._session
        if session is None:
            return False
        try:
            timeout = aiohttp.ClientTimeout(total=config.ack_deadline_seconds)
            async with session.post(
                config.push_config.push_endpoint,
                timeout=timeout,
                **self._request(subscribed, lease),
            ) as response:
                accepted = response.status in _SUCCESS
                status = str(response.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            accepted, status = False, repr(error)
        if not accepted:
            fields = {"subscription": config.name, "ack_id": lease.ack_id, "status": status}
            logger.info("push.refused", extra=fields)
        return accepted

    def _request(self, subscribed: Subscribed, lease: Lease) -> dict[str, Any]:
        config = subscribed.config
        push = config.push_config
        token = self._token(push)
        if push.HasField("no_wrapper"):
            headers = raw_headers(config.name, push, lease) | token
            return {"data": lease.entry.message.data, "headers": headers}
        return {"json": push_body(subscribed, lease), "headers": token}

    def _token(self, push: Proto) -> dict[str, str]:
        email = push.oidc_token.service_account_email
        if not email:
            return {}
        token = self._signer.token(push.oidc_token.audience or push.push_endpoint, email)
        return {"Authorization": f"Bearer {token}"}


def raw_headers(subscription: str, push: Proto, lease: Lease) -> dict[str, str]:
    """Return the headers of an unwrapped push: with ``write_metadata``, what the body would say.

    Attributes become headers of their own names, as far as HTTP allows them
    (https://cloud.google.com/pubsub/docs/payload-unwrapping).
    """
    if not push.no_wrapper.write_metadata:
        return {}
    message = lease.entry.message
    named = {k: v for k, v in message.attributes.items() if k.lower() not in _FRAMING}
    headers = {k: v for k, v in named.items() if _HEADER.fullmatch(f"{k}:{v}")}
    prefix = "x-goog-pubsub-"
    headers[prefix + "subscription-name"] = subscription
    headers[prefix + "message-id"] = message.message_id
    headers[prefix + "publish-time"] = message.publish_time.ToJsonString()
    if message.ordering_key:
        headers[prefix + "ordering-key"] = message.ordering_key
    return headers


def push_body(subscribed: Subscribed, lease: Lease) -> dict[str, Any]:
    """Return the JSON body of one push, ids and times under both of their names."""
    message = lease.entry.message
    published = message.publish_time.ToJsonString()
    content: dict[str, Any] = {
        "data": base64.b64encode(message.data).decode(),
        "attributes": dict(message.attributes),
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.ordering_key:
        content["orderingKey"] = message.ordering_key
    body: dict[str, Any] = {"message": content, "subscription": subscribed.config.name}
    if subscribed.backlog.settings.dead_letter_topic:
        body["deliveryAttempt"] = lease.attempt
    return body
