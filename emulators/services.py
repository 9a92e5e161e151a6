"""The services there are, found by name."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from emulators.core.context import Context
    from emulators.core.server import Endpoint

SERVICES = (
    "pubsub",
    "firestore",
    "vertex",
    "secret_manager",
    "workflows",
    "scheduler",
    "providers",
    "language_model",
)
MakeEndpoint: TypeAlias = "Callable[[Context], Awaitable[Endpoint]]"


def find_service(name: str) -> MakeEndpoint | None:
    """Return what makes a service's endpoint, None where it is not part of this checkout."""
    if importlib.util.find_spec(f"emulators.{name}.service") is None:
        return None
    with uncollected():
        module = importlib.import_module(f"emulators.{name}.service")
    return cast("MakeEndpoint", module.endpoint)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Look for garbage once, at the end: modules stay, and looking took a sixth of their import.

    What making them left behind would else lie between what comes after: 6 MiB of Pub/Sub's 70.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)  # the youngest: what was made meanwhile
        if was_enabled:
            gc.enable()
