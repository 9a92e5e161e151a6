"""Firestore, wired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from google.cloud.firestore_admin_v1.services.firestore_admin.transports.grpc import (
    FirestoreAdminGrpcTransport,
)
from google.cloud.firestore_admin_v1.services.firestore_admin.transports.rest_base import (
    _BaseFirestoreAdminRestTransport,
)
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.cloud.firestore_v1.services.firestore.transports.rest_base import (
    _BaseFirestoreRestTransport,
)

from emulators.core.server import Endpoint
from emulators.core.wire import grpc_handler, rest_routes
from emulators.firestore.admin.resources import Resources
from emulators.firestore.admin.routes import routes
from emulators.firestore.admin.servicer import FirestoreAdminServicer
from emulators.firestore.servicer import FirestoreServicer
from emulators.firestore.store import Store

if TYPE_CHECKING:
    from emulators.core.context import Context

NAME = "firestore"
RESET = "/emulator/v1/projects/{project}/databases/{database}/documents"
"""As Google's own emulator calls it."""


def _of_pairs(route: web.RouteDef) -> web.RouteDef:
    """Let the parent of a list be a document: the template would take documents for lists."""
    pairs = "/documents(?:/[^/:]+/[^/:]+)+}/{collection_id"
    return web.route(
        route.method,
        route.path.replace("/documents/[^/:]+/.+}/{collection_id", pairs),
        route.handler,
        **route.kwargs,
    )


async def endpoint(context: Context) -> Endpoint:
    """Serve Firestore from what the journal holds."""
    store = Store(context.clock, context.journal, context.chance.source(NAME))
    resources = Resources(context, store)
    servicer, admin = FirestoreServicer(store), FirestoreAdminServicer(resources)

    async def clear(request: web.Request) -> web.Response:
        place = request.match_info
        store.database(f"projects/{place['project']}/databases/{place['database']}").clear()
        await store.commit()
        return web.json_response({})

    async def reset(_request: web.Request) -> web.Response:
        for database in store.all():
            database.clear()
        await store.commit()
        return web.Response(text="Resetting...\n")

    async def root(_request: web.Request) -> web.Response:
        return web.Response(text="Ok\n")

    async def stop() -> None:
        resources.close()
        store.close()

    facts: Any = {"service": NAME, "context": context}
    return Endpoint(
        NAME,
        [
            grpc_handler(FirestoreGrpcTransport, servicer, **facts),
            grpc_handler(FirestoreAdminGrpcTransport, admin, **facts),
        ],
        [
            web.get("/", root),
            web.post("/reset", reset),
            web.delete(RESET, clear),
            *routes(resources),
            # Before the others: operations are the admin service's, whichever client asks.
            *rest_routes(_BaseFirestoreAdminRestTransport, admin, **facts),
            *map(_of_pairs, rest_routes(_BaseFirestoreRestTransport, servicer, **facts)),
        ],
        on_stop=stop,
    )
