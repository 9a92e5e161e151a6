"""One push over HTTP: what is posted, and whether it was accepted."""

from __future__ import annotations

import base64
import logging
import re
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from emulators.core.identity import Signer
    from emulators.core.methods import Proto
    from emulators.pubsub.leases import Lease
    from emulators.pubsub.subscribed import Subscribed

logger = logging.getLogger(__name__)

_SUCCESS = frozenset({102, 200, 201, 202, 204})
# What attributes must not replace, or the request could not be read.
_FRAMING = frozenset({"connection", "content-length", "host", "transfer-encoding"})
# A field name and a value of visible characters (RFC 9110 §5).
_HEADER = re.compile(r"[\w!#$%&'*+\-.^`|~]+:[\x20-\x7e]*", re.ASCII)


async def post(
    session: aiohttp.ClientSession, subscribed: Subscribed, lease: Lease, signer: Signer
) -> bool:
    """Post a message to its subscription's endpoint; True where the endpoint accepted it.

    Args:
        session: What asks.
        subscribed: Whose endpoint.
        lease: The message.
        signer: Signs the token, where the subscription asks for one.
    """
    config = subscribed.config
    try:
        async with session.post(
            config.push_config.push_endpoint,
            timeout=aiohttp.ClientTimeout(total=config.ack_deadline_seconds),
            **_request(subscribed, lease, signer),
        ) as response:
            accepted = response.status in _SUCCESS
            status = str(response.status)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        accepted, status = False, repr(error)
    if not accepted:
        fields = {"subscription": config.name, "ack_id": lease.ack_id, "status": status}
        logger.info("push.refused", extra=fields)
    return accepted


def _request(subscribed: Subscribed, lease: Lease, signer: Signer) -> dict[str, Any]:
    config = subscribed.config
    push = config.push_config
    token = _token(push, signer)
    if push.HasField("no_wrapper"):
        headers = raw_headers(config.name, push, lease) | token
        return {"data": lease.entry.message.data, "headers": headers}
    return {"json": push_body(subscribed, lease), "headers": token}


def _token(push: Proto, signer: Signer) -> dict[str, str]:
    email = push.oidc_token.service_account_email
    if not email:
        return {}
    token = signer.token(push.oidc_token.audience or push.push_endpoint, email)
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
