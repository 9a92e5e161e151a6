"""Firestore, wired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulators.core.methods import stored
from emulators.core.server import Endpoint
from emulators.core.wire import grpc_handler
from emulators.firestore.admin.resources import Resources
from emulators.firestore.admin.servicer import FirestoreAdminServicer
from emulators.firestore.servicer import FirestoreServicer
from emulators.firestore.store import Store

if TYPE_CHECKING:
    from aiohttp import web

    from emulators.core.context import Context

NAME = "firestore"


async def endpoint(context: Context) -> Endpoint:
    """Serve Firestore from what the journal holds."""
    store = Store(context.clock, context.journal, context.chance.source(NAME))
    resources = Resources(context, store)
    methods = stored(NAME)
    documents = methods["google.firestore.v1.Firestore"], FirestoreServicer(store)
    admin = methods["google.firestore.admin.v1.FirestoreAdmin"], FirestoreAdminServicer(resources)
    facts: Any = {"service": NAME, "context": context}

    def routes() -> list[web.RouteDef]:
        from emulators.firestore import rest  # noqa: PLC0415 - only who speaks HTTP/1 needs aiohttp

        return rest.routes(documents, admin, store=store, resources=resources, context=context)

    async def stop() -> None:
        resources.close()
        store.close()

    return Endpoint(
        NAME,
        [grpc_handler(*documents, **facts), grpc_handler(*admin, **facts)],
        routes,
        on_stop=stop,
    )
