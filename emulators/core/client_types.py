"""A client package's message types without the client itself.

Importing anything of ``google.pubsub_v1`` runs the package's ``__init__``, and so loads every
client of it with their transports, credentials and HTTP libraries: three times as long as the
types, and twice the memory, for what a server never calls.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def types_of(package: str) -> ModuleType:
    """Return the module ``types`` of a client package, which has its messages as attributes.

    Whoever imports the package afterwards gets all of it, with these types, but must name them in
    the import (``from google.pubsub_v1 import types``).

    Args:
        package: Such as ``google.pubsub_v1``.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    name = f"{package}.types"
    if package in sys.modules or name in sys.modules:
        return importlib.import_module(name)
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    sys.modules[package] = importlib.util.module_from_spec(spec)  # its __init__ does not run
    try:
        return importlib.import_module(name)
    finally:
        del sys.modules[package]
