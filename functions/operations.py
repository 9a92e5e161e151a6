"""Every operation that can be called from outside, with what its function says of itself."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.manifest import FOLDER
from functions.route import Auth

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType

    from pydantic import BaseModel

    from functions.manifest import Manifest
    from functions.route import Route


@dataclass(frozen=True)
class Operation:
    """One route with the function that answers it.

    Attributes:
        described: What the function says it takes and gives; None where it says nothing.
    """

    folder: str
    manifest: Manifest
    route: Route
    summary: str
    described: Any

    def model(self, part: str) -> type[BaseModel] | None:
        """Return the model of ``query``, ``body`` or ``answer``, None where there is none."""
        found: type[BaseModel] | None = getattr(self.described, part, None)
        return found


def operations(manifests: Mapping[str, Manifest], folder: Path = FOLDER) -> list[Operation]:
    """Return every operation that can be called from outside, by path and method.

    Raises:
        LookupError: Two operations have one name, which clients made of the document could not
            tell apart.
    """
    found = [
        _operation(name, manifest, route, module)
        for name, manifest in manifests.items()
        if any(route.auth is not Auth.SERVICE for route in manifest.http)
        for module in [load(folder / name / "main.py")]
        for route in manifest.http
        if route.auth is not Auth.SERVICE
    ]
    names = [operation.route.operation for operation in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LookupError(f"operations of one name: {', '.join(twice)}")
    return sorted(found, key=lambda one: (one.route.path, one.route.method))


def load(file: Path) -> ModuleType:
    """Return a folder's module, loaded by path as the framework does."""
    specification = importlib.util.spec_from_file_location(f"{file.parent.name}_main", file)
    if specification is None or specification.loader is None:
        raise LookupError(f"{file} cannot be loaded")
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module  # pydantic looks names up there
    try:
        specification.loader.exec_module(module)
    finally:
        del sys.modules[module.__name__]
    return module


def _operation(name: str, manifest: Manifest, route: Route, module: ModuleType) -> Operation:
    # A single operation may be answered by a function of any name, `handle` by custom.
    handler = getattr(module, route.operation, None) or module.handle
    first_line = (inspect.getdoc(handler) or manifest.summary).splitlines()[0]
    described = getattr(handler, "described", None)
    return Operation(name, manifest, route, first_line.rstrip("."), described)
