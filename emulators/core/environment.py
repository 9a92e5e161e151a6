"""The only place where the emulators read the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PORTS = {
    "gateway": 8080,
    "cloud_run": 8081,
    "pubsub": 8085,
    "firestore": 8086,
    "vertex": 8087,
    "secret_manager": 8088,
    "workflows": 8089,
    "scheduler": 8090,
    "providers": 8091,
    "language_model": 8092,
    "proxy": 8093,
    "console": 4000,
    "postgres": 54329,
    "redis": 63799,
}
# MG_PORT_PUBSUB=9085 moves one service; MG_STATE_DIR and MG_PROJECT likewise.
_PREFIX = "MG_"
STRICT = frozenset({"indexes", "write_rate"})
"""What Firestore can refuse as production does; ``MG_FIRESTORE_STRICT`` names some of it."""


@dataclass(frozen=True)
class Environment:
    """Where the local cloud keeps its state and listens.

    Attributes:
        state_dir: Folder of journal, keys, databases and logs.
        project: Project id handed to the product.
        location: Region handed to the product.
        ports: Port by service name; 0 means any free one.
        firestore_strict: What Firestore refuses as in production: ``indexes``, ``write_rate``.
        inherited: The whole environment of this process, for its children.
    """

    state_dir: Path
    project: str = "media-gateway-local"
    location: str = "us-central1"
    ports: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_PORTS))
    firestore_strict: frozenset[str] = frozenset()
    inherited: Mapping[str, str] = field(default_factory=dict, repr=False)


def load(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the environment of this process, or the variables given.

    Raises:
        ValueError: A port is no number from 0 to 65535, or a setting none of its values; the
            message names its variable.
    """
    # Everything else is handed an Environment.
    given = dict(os.environ if variables is None else variables)  # noqa: TID251
    return Environment(
        state_dir=Path(given.get(_PREFIX + "STATE_DIR", ".mg")).absolute(),
        project=given.get(_PREFIX + "PROJECT", "media-gateway-local"),
        location=given.get(_PREFIX + "LOCATION", "us-central1"),
        ports={name: _port(given, name, default) for name, default in DEFAULT_PORTS.items()},
        firestore_strict=_strict(given),
        inherited=given,
    )


def _strict(given: Mapping[str, str]) -> frozenset[str]:
    variable = f"{_PREFIX}FIRESTORE_STRICT"
    found = frozenset(filter(None, (each.strip() for each in given.get(variable, "").split(","))))
    if found - STRICT:
        raise ValueError(
            f"{variable} may name {', '.join(sorted(STRICT))}, not {min(found - STRICT)}"
        )
    return found


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    variable = f"{_PREFIX}PORT_{name.upper()}"
    text = given.get(variable, str(default))
    if not text.isdigit() or int(text) > 65535:  # noqa: PLR2004 - the greatest port there is
        raise ValueError(f"{variable} must be a port from 0 to 65535, not {text!r}")
    return int(text)
