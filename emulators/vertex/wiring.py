"""The four services on one state; importing this imports Google's message types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.aiplatform_v1.services.index_endpoint_service.transports.grpc import (
    IndexEndpointServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.index_endpoint_service.transports.rest_base import (
    _BaseIndexEndpointServiceRestTransport,
)
from google.cloud.aiplatform_v1.services.index_service.transports.grpc import (
    IndexServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.index_service.transports.rest_base import (
    _BaseIndexServiceRestTransport,
)
from google.cloud.aiplatform_v1.services.match_service.transports.grpc import (
    MatchServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.match_service.transports.rest_base import (
    _BaseMatchServiceRestTransport,
)
from google.cloud.aiplatform_v1.services.prediction_service.transports.grpc import (
    PredictionServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.prediction_service.transports.rest_base import (
    _BasePredictionServiceRestTransport,
)

from emulators.core.server import Endpoint
from emulators.core.wire import grpc_handler, rest_routes
from emulators.vertex.rest import data_routes
from emulators.vertex.servicer import (
    IndexEndpointService,
    IndexService,
    MatchService,
    PredictionService,
)

if TYPE_CHECKING:
    from emulators.core.context import Context
    from emulators.vertex.store import Store

NAME = "vertex"


def wired(store: Store, context: Context) -> Endpoint:
    """Return the endpoint that serves ``store``."""
    address = context.addresses.get(NAME, "")
    services: tuple[tuple[object, type, type], ...] = (
        (MatchService(store), MatchServiceGrpcTransport, _BaseMatchServiceRestTransport),
        (IndexService(store), IndexServiceGrpcTransport, _BaseIndexServiceRestTransport),
        (
            IndexEndpointService(store, address),
            IndexEndpointServiceGrpcTransport,
            _BaseIndexEndpointServiceRestTransport,
        ),
        (
            PredictionService(store),
            PredictionServiceGrpcTransport,
            _BasePredictionServiceRestTransport,
        ),
    )
    handlers = [
        grpc_handler(transport, servicer, service=NAME, context=context)
        for servicer, transport, _ in services
    ]
    routes = data_routes(store, service=NAME, context=context)
    for servicer, _, base in services:
        routes += rest_routes(base, servicer, service=NAME, context=context)
    return Endpoint(NAME, handlers, routes)
