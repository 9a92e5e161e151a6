"""Pushing events to subscribers: signed, tried five times, then the subscription is paused."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.catalog.webhooks.signing import sign
from shared.catalog.webhooks.subscribing import wait_after
from shared.kernel.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from shared.adapters.egress import Egress
    from shared.adapters.sealing import Sealer
    from shared.adapters.sql.webhooks.outbound import Deliveries, Try
    from shared.kernel.clock import Clock
    from shared.kernel.events import Event

logger = logging.getLogger(__name__)

BATCH = 20
"""Deliveries that are tried side by side."""


@dataclass(frozen=True)
class Deliverer:
    """Pushes with what one process has.

    Attributes:
        deliveries: What waits.
        egress: Calls strangers.
        sealer: Gives their secrets; asked for when there is something to sign.
        clock: The time that is signed.
        counted: Told what came of each try: ``delivered``, ``failed`` or ``paused``.
    """

    deliveries: Deliveries
    egress: Egress
    sealer: Callable[[], Sealer]
    clock: Clock
    counted: Callable[[str], None]

    def tell(self, event: Event) -> None:
        """Write an event's deliveries and try the first at once; again, it tells nobody twice.

        What is more than one batch waits for the schedule: a delivery of the event has its time.
        """
        self.deliveries.fan_out(event)
        self.try_some()

    def try_some(self) -> int:
        """Try what is due, at most `BATCH`, and return how many tries that were."""
        batch = self.deliveries.claim(BATCH)
        if batch:
            outcomes = asyncio.run(self._send_all(batch))
            for one, error in zip(batch, outcomes, strict=True):
                self._note(one, error)
        return len(batch)

    def keep_on(self, lasting: timedelta, wait: Callable[[float], None]) -> int:
        """Try what is due, and what becomes due within a time; returns how many tries.

        Args:
            lasting: How long to go on; without anything to wait for it ends at once.
            wait: Waits some seconds.
        """
        until, tried = self.clock.now() + lasting, 0
        while self.clock.now() <= until:
            some = self.try_some()
            tried += some
            due = self.deliveries.next_at()
            if due is None or due > until:
                break
            if not some:
                wait(max(0.05, (due - self.clock.now()).total_seconds()))
        return tried

    async def _send_all(self, batch: list[Try]) -> list[str]:
        return list(await asyncio.gather(*(self._send(one) for one in batch)))

    async def _send(self, one: Try) -> str:
        """Push once and return what went wrong, empty where nothing did."""
        try:
            place = str(one.subscription_id)
            secret = self.sealer().open(one.sealed_secret, place=place)
            body = one.body.encode()
            status = await self.egress.post(one.url, self._headers(one, secret, body), body)
        except AppError as error:
            return f"{error.code}: {error.message}"
        fine = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
        return "" if fine else f"answered {status}"

    def _headers(self, one: Try, secret: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self.clock.now().timestamp()))
        return {
            "content-type": "application/json",
            "user-agent": "media-gateway-webhooks/1",
            "x-webhook-event": one.event_type,
            "x-webhook-id": str(one.id),
            "x-webhook-timestamp": timestamp,
            "x-webhook-signature": sign(secret, body, timestamp=timestamp),
        }

    def _note(self, one: Try, error: str) -> None:
        said = {"delivery": str(one.id), "attempt": one.attempts, "detail": error}
        if not error:
            self.deliveries.delivered(one)
            self.counted("delivered")
            logger.info("webhook.delivered", extra=said)
        elif self.deliveries.failed(one, error, wait_after(one.attempts)):
            self.counted("paused")
            subscription = str(one.subscription_id)
            logger.error("webhook.paused", extra={**said, "subscription": subscription})
        else:
            self.counted("failed")
            logger.warning("webhook.not_delivered", extra=said)
