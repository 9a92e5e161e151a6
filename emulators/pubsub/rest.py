"""Pub/Sub over HTTP/1: the paths of its clients, and those of the vendor's emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core.transcoder import rest_routes
from emulators.pubsub.reset import reset_routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from emulators.core.context import Context
    from emulators.core.methods import Method
    from emulators.pubsub.store import Store


def routes(
    services: Sequence[tuple[Sequence[Method], object]],
    store: Store,
    *,
    name: str,
    context: Context,
) -> list[web.RouteDef]:
    """Return the routes.

    Args:
        services: Methods of each client, and who answers them.
        store: What a reset empties.
        name: Of the emulator, as fault rules call it.
        context: The local cloud.
    """
    transcoded = (
        route
        for methods, servicer in services
        for route in rest_routes(methods, servicer, service=name, context=context)
    )
    return [*reset_routes(store, context.journal), *transcoded]
