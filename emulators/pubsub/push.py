"""Push subscriptions: a POST per message, answered by its status."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.pubsub.delivery import batches
from emulators.pubsub.leases import Consumer

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from emulators.core.faults import Faults
    from emulators.core.identity import Signer
    from emulators.pubsub.leases import Lease
    from emulators.pubsub.store import Store
    from emulators.pubsub.subscribed import Subscribed

_IN_FLIGHT = 32


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
        # With it comes aiohttp, which only who pushes needs.
        from emulators.pubsub.push_requests import post  # noqa: PLC0415

        if self._session is None:
            self._session = self._http()
        if await post(self._session, subscribed, lease, self._signer):
            self._store.expirations.use(subscribed)
            subscribed.backlog.acknowledge([lease.ack_id])
        else:
            subscribed.backlog.modify([lease.ack_id], 0)
