"""Firestore, wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.cloud.firestore_v1.services.firestore.transports.rest_base import (
    _BaseFirestoreRestTransport,
)

from emulators.core.server import Endpoint
from emulators.core.wire import grpc_handler, rest_routes
from emulators.firestore.servicer import FirestoreServicer
from emulators.firestore.store import Store

if TYPE_CHECKING:
    from emulators.core.context import Context

NAME = "firestore"
RESET = "/emulator/v1/projects/{project}/databases/{database}/documents"
"""As Google's own emulator calls it."""


async def endpoint(context: Context) -> Endpoint:
    """Serve Firestore from what the journal holds."""
    store = Store(context.clock, context.journal)
    servicer = FirestoreServicer(store)

    async def clear(request: web.Request) -> web.Response:
        place = request.match_info
        store.database(f"projects/{place['project']}/databases/{place['database']}").clear()
        await store.commit()
        return web.json_response({})

    async def stop() -> None:
        store.close()

    return Endpoint(
        NAME,
        [grpc_handler(FirestoreGrpcTransport, servicer, service=NAME, context=context)],
        [
            web.delete(RESET, clear),
            *rest_routes(_BaseFirestoreRestTransport, servicer, service=NAME, context=context),
        ],
        on_stop=stop,
    )
