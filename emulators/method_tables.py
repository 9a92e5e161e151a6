"""Write the table of methods of every emulator that has one: ``python -m emulators.method_tables``.

A table holds what `emulators.core.methods` finds in the installed clients, so that the emulator
starts without them. It is made again when a client package brings a new method; a test tells.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulators.core.methods import TABLE, described, written
from emulators.coverage import SERVICES

if TYPE_CHECKING:
    from emulators.coverage import Service

HERE = Path(__file__).parent


def tables() -> dict[Path, str]:
    """Return what each table has to say, by its file."""
    files = {HERE / service.name / TABLE: service for service in SERVICES}
    return {file: _text(service) for file, service in files.items() if file.exists()}


def _text(service: Service) -> str:
    made: dict[str, Any] = {}
    for module, name in service.transports:
        found = described(getattr(importlib.import_module(module), name))
        package = module.partition(".services.")[0]
        made[_name(name, [each.service for each in found])] = written(found, package)
    return json.dumps(made, indent=1) + "\n"


def _name(transport: str, services: list[str]) -> str:
    """Return the full name of a transport's own service, among those mixed in."""
    short = transport.removesuffix("GrpcTransport")
    return next(each for each in services if each.endswith(f".{short}"))


def main() -> int:
    """Write them."""
    for file, text in tables().items():
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
