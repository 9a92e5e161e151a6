"""Pub/Sub, wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.core.methods import stored
from emulators.core.server import Endpoint
from emulators.core.wire import grpc_handler
from emulators.pubsub.push import Pushes
from emulators.pubsub.schema_servicer import SchemaServicer
from emulators.pubsub.servicer import PublisherServicer, SubscriberServicer
from emulators.pubsub.store import Store

if TYPE_CHECKING:
    from aiohttp import web

    from emulators.core.context import Context

NAME = "pubsub"


async def endpoint(context: Context) -> Endpoint:
    """Serve Publisher, Subscriber and SchemaService from what the journal holds."""
    store = Store(context.clock, context.journal)
    context.faults.know(NAME, {"Deliver": "delivery", "Confirm": "confirmation"})
    pushes = Pushes(store, signer=context.signer, faults=context.faults, http=context.http)
    methods = stored(NAME)
    services = (
        (methods["google.pubsub.v1.Publisher"], PublisherServicer(store)),
        (methods["google.pubsub.v1.Subscriber"], SubscriberServicer(store, context.faults)),
        (methods["google.pubsub.v1.SchemaService"], SchemaServicer(store)),
    )

    async def stop() -> None:
        store.close(errors.unavailable("The server is shutting down."))
        await pushes.stop()

    def routes() -> list[web.RouteDef]:
        from emulators.pubsub import rest  # noqa: PLC0415 - only who speaks HTTP/1 needs aiohttp

        return rest.routes(services, store, name=NAME, context=context)

    return Endpoint(
        NAME,
        [grpc_handler(m, servicer, service=NAME, context=context) for m, servicer in services],
        routes,
        on_start=pushes.start,
        on_stop=stop,
    )
