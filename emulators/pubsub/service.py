"""Pub/Sub, wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.publisher.transports.rest_base import _BasePublisherRestTransport
from google.pubsub_v1.services.schema_service.transports.grpc import SchemaServiceGrpcTransport
from google.pubsub_v1.services.schema_service.transports.rest_base import (
    _BaseSchemaServiceRestTransport,
)
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport
from google.pubsub_v1.services.subscriber.transports.rest_base import _BaseSubscriberRestTransport

from emulators.core import errors
from emulators.core.server import Endpoint
from emulators.core.wire import grpc_handler, rest_routes
from emulators.pubsub.push import Pushes
from emulators.pubsub.reset import reset_routes
from emulators.pubsub.schema_servicer import SchemaServicer
from emulators.pubsub.servicer import PublisherServicer, SubscriberServicer
from emulators.pubsub.store import Store

if TYPE_CHECKING:
    from emulators.core.context import Context

NAME = "pubsub"


async def endpoint(context: Context) -> Endpoint:
    """Serve Publisher, Subscriber and SchemaService from what the journal holds."""
    store = Store(context.clock, context.journal)
    context.faults.know(NAME, {"Deliver": "delivery", "Confirm": "confirmation"})
    pushes = Pushes(store, signer=context.signer, faults=context.faults, http=context.http)
    services = (
        (PublisherGrpcTransport, _BasePublisherRestTransport, PublisherServicer(store)),
        (
            SubscriberGrpcTransport,
            _BaseSubscriberRestTransport,
            SubscriberServicer(store, context.faults),
        ),
        (SchemaServiceGrpcTransport, _BaseSchemaServiceRestTransport, SchemaServicer(store)),
    )

    async def stop() -> None:
        store.close(errors.unavailable("The server is shutting down."))
        await pushes.stop()

    return Endpoint(
        NAME,
        [grpc_handler(g, servicer, service=NAME, context=context) for g, _, servicer in services],
        [
            *reset_routes(store, context.journal),
            *(
                route
                for _, rest, servicer in services
                for route in rest_routes(rest, servicer, service=NAME, context=context)
            ),
        ],
        on_start=pushes.start,
        on_stop=stop,
    )
