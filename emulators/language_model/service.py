"""The language model as one endpoint of the local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core.server import Endpoint
from emulators.language_model.rest import NAME, Wires
from emulators.language_model.store import Store

if TYPE_CHECKING:
    from emulators.core.context import Context


async def endpoint(context: Context) -> Endpoint:
    """Return a model that answers well until it is told otherwise; nothing of it is kept."""
    return Endpoint(NAME, routes=Wires(Store(), context).routes)
