"""Key paths of JSON answers, for comparing an answer with a recording."""

from collections.abc import Iterator


def paths(value: object, prefix: str = "") -> Iterator[str]:
    """Yield ``path: type`` for every leaf; the country below ``streamingOptions`` becomes ``*``."""
    if isinstance(value, dict):
        for key, inner in value.items():
            name = "*" if prefix.endswith("streamingOptions") else key
            yield from paths(inner, f"{prefix}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{prefix}[]")
    else:
        yield f"{prefix}: {type(value).__name__}"
