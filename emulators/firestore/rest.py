"""Firestore over HTTP/1: the paths of its clients, of the vendor's emulator, and our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulators.core.transcoder import rest_routes
from emulators.firestore.admin import routes as own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.context import Context
    from emulators.core.methods import Method
    from emulators.firestore.admin.resources import Resources
    from emulators.firestore.store import Store

    Served = tuple[Sequence[Method], object]

RESET = "/emulator/v1/projects/{project}/databases/{database}/documents"
"""As Google's own emulator calls it."""


def routes(
    documents: Served, admin: Served, *, store: Store, resources: Resources, context: Context
) -> list[web.RouteDef]:
    """Return the routes.

    Args:
        documents: Methods of the client, and who answers them.
        admin: The same of the admin client.
        store: What a reset empties.
        resources: What our own routes are about.
        context: The local cloud.
    """
    facts: Any = {"service": "firestore", "context": context}
    return [
        *_reset_routes(store),
        *own.routes(resources),
        # Before the others: operations are the admin service's, whichever client asks.
        *rest_routes(*admin, **facts),
        *map(_of_pairs, rest_routes(*documents, **facts)),
    ]


def _of_pairs(route: web.RouteDef) -> web.RouteDef:
    """Let the parent of a list be a document: the template would take documents for lists."""
    pairs = "/documents(?:/[^/:]+/[^/:]+)+}/{collection_id"
    return web.route(
        route.method,
        route.path.replace("/documents/[^/:]+/.+}/{collection_id", pairs),
        route.handler,
        **route.kwargs,
    )


def _reset_routes(store: Store) -> list[web.RouteDef]:
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

    return [web.get("/", root), web.post("/reset", reset), web.delete(RESET, clear)]
