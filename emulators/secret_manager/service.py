"""Secret Manager, wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc import (
    SecretManagerServiceGrpcTransport,
)

from emulators.core.methods import described
from emulators.core.server import Endpoint
from emulators.core.transcoder import rest_routes
from emulators.core.wire import grpc_handler
from emulators.secret_manager.servicer import SecretManagerServicer
from emulators.secret_manager.store import Store

if TYPE_CHECKING:
    from emulators.core.context import Context

NAME = "secret_manager"


async def endpoint(context: Context) -> Endpoint:
    """Serve SecretManagerService from what the journal holds."""
    servicer = SecretManagerServicer(Store(context.clock, context.journal))
    methods = described(SecretManagerServiceGrpcTransport)
    return Endpoint(
        NAME,
        [grpc_handler(methods, servicer, service=NAME, context=context)],
        lambda: rest_routes(methods, servicer, service=NAME, context=context),
    )
