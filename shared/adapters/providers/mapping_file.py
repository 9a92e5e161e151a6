"""Column mappings that users write, as JSON or YAML files (docs/mapping.md)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from shared.catalog.mapping import parse_mapping
from shared.kernel.errors import InvalidInputError, NotFoundError

LARGEST = 1 << 20


def read_mapping(path: Path) -> Mapping[str, Any]:
    """Return a mapping as it is written, checked whole.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: It is neither JSON nor YAML, or a key is not acceptable; every fault is
            named.
    """
    try:
        written = path.read_bytes()
    except OSError as error:
        raise NotFoundError(f"the mapping {path} cannot be read: {error}") from None
    if len(written) > LARGEST:
        raise InvalidInputError(f"the mapping {path.name} is larger than {LARGEST} bytes")
    given = _json(path, written) if path.suffix.lower() == ".json" else _yaml(path, written)
    if not isinstance(given, dict):
        raise InvalidInputError(f"the mapping {path.name} is no object")
    parse_mapping(given)
    return given


def _json(path: Path, written: bytes) -> object:
    try:
        found: object = orjson.loads(written)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(f"the mapping {path.name} is no JSON: {error}") from None
    return found


def _yaml(path: Path, written: bytes) -> object:
    try:
        import yaml  # noqa: PLC0415 - only where a mapping is YAML; the deployed job reads JSON
    except ImportError:
        told = f"the mapping {path.name} is YAML, which needs PyYAML; write it as .json"
        raise InvalidInputError(told) from None
    try:
        found: object = yaml.safe_load(written)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"the mapping {path.name} is no YAML: {error}") from None
    return found
