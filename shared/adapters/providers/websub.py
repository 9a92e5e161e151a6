"""Asking a hub to push topics to us (WebSub, W3C Recommendation of 23 January 2018, §5.1)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from shared.adapters.providers.calling import TIMEOUT_SECONDS, told_by
from shared.kernel.errors import InvalidInputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)

HUB = "https://pubsubhubbub.appspot.com/subscribe"
"""YouTube's (its Data API's guide to push notifications)."""
LEASE_SECONDS = 432_000
"""Five days, which is what YouTube's hub gives; a hub may give another lease (§5.3)."""


class WebSubHub:
    """A hub, for one callback of ours; close it, or use it in a ``with``.

    Args:
        url: Where it is.
        callback: Where it reaches us.
        secret: What it signs with; it is told over TLS alone (§5.1).

    Raises:
        InvalidInputError: The callback is not https.
    """

    def __init__(self, url: str, callback: str, secret: str) -> None:
        import httpx2  # noqa: PLC0415 - 60 ms, only where a hub is called

        if not callback.startswith("https://"):
            raise InvalidInputError(f"no hub can reach {callback!r}, which is not https")
        self._form = {
            "hub.mode": "subscribe",
            "hub.callback": callback,
            "hub.secret": secret,
            "hub.lease_seconds": str(LEASE_SECONDS),
            "hub.verify": "async",  # hubs of before the Recommendation ask for it; others ignore it
        }
        self._url = url
        self._client = httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def subscribe_all(self, topics: Iterable[str]) -> None:
        """Ask for every topic; one that is refused does not stop the others.

        Raises:
            UnavailableError: The hub did not take some of them, which the message counts.
        """
        refused = [topic for topic in topics if not self._accepted(topic)]
        if refused:
            raise UnavailableError(f"the hub did not take {len(refused)} topics: {refused[0]}")

    def _accepted(self, topic: str) -> bool:
        import httpx2  # noqa: PLC0415 - as above

        try:
            answer = self._client.post(self._url, data={**self._form, "hub.topic": topic})
        except httpx2.TransportError as error:
            told = type(error).__name__
        else:
            if answer.is_success:
                return True
            told = f"{answer.status_code}: {told_by(answer)}"
        logger.warning("hub.refused", extra={"topic": topic, "detail": told})
        return False
