"""The four services on one state; importing this imports Google's message types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.aiplatform_v1.services.index_endpoint_service.transports.grpc import (
    IndexEndpointServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.index_service.transports.grpc import (
    IndexServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.match_service.transports.grpc import (
    MatchServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.prediction_service.transports.grpc import (
    PredictionServiceGrpcTransport,
)

from emulators.core.methods import described
from emulators.core.server import Endpoint
from emulators.core.transcoder import rest_routes
from emulators.core.wire import grpc_handler
from emulators.vertex.rest import data_routes
from emulators.vertex.servicer import (
    IndexEndpointService,
    IndexService,
    MatchService,
    PredictionService,
)

if TYPE_CHECKING:
    from aiohttp import web

    from emulators.core.context import Context
    from emulators.vertex.store import Store

NAME = "vertex"


def wired(store: Store, context: Context) -> Endpoint:
    """Return the endpoint that serves ``store``."""
    address = context.addresses.get(NAME, "")
    services = (
        (MatchService(store), described(MatchServiceGrpcTransport)),
        (IndexService(store), described(IndexServiceGrpcTransport)),
        (IndexEndpointService(store, address), described(IndexEndpointServiceGrpcTransport)),
        (PredictionService(store), described(PredictionServiceGrpcTransport)),
    )

    def routes() -> list[web.RouteDef]:
        transcoded = (
            route
            for servicer, methods in services
            for route in rest_routes(methods, servicer, service=NAME, context=context)
        )
        return [*data_routes(store, service=NAME, context=context), *transcoded]

    handlers = [
        grpc_handler(methods, servicer, service=NAME, context=context)
        for servicer, methods in services
    ]
    return Endpoint(NAME, handlers, routes)
