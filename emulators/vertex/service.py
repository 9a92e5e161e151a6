"""Vertex AI as one endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.vertex.store import Store

if TYPE_CHECKING:
    from emulators.core.context import Context
    from emulators.core.server import Endpoint


async def endpoint(context: Context) -> Endpoint:
    """Return Vertex AI with the indexes and datapoints of the journal."""
    # The message types cost about a second and 60 MB: only who serves Vertex AI pays for them.
    from emulators.vertex.wiring import wired  # noqa: PLC0415

    return wired(Store(context.clock, context.journal), context)
