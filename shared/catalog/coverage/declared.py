"""Which leaves of a provider's answers say something of an item (``payload_fields.json``)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson

ASIDE = ""
"""Field of a leaf that says nothing an item has."""


@dataclass(frozen=True)
class Declared:
    """What is known of a provider's answers.

    Attributes:
        provider: Whose they are.
        entries: Names of lists that hold titles.
        fields: Patterns of leaves with the item's field, `ASIDE` among them.
    """

    provider: str
    entries: tuple[str, ...]
    fields: tuple[tuple[re.Pattern[str], str], ...]


@cache
def declared(provider: str) -> Declared:
    """Return what is known of a provider's answers.

    Raises:
        KeyError: The provider has no entry.
    """
    entry = _data()[provider]
    fields = [(p, field) for field, patterns in entry["fields"].items() for p in patterns]
    # A pattern without a wildcard says more than one with.
    exact_first = sorted(fields, key=lambda one: one[0].count("*"))
    aside = [(pattern, ASIDE) for pattern in entry["aside"]]
    made = tuple((_compiled(pattern), field) for pattern, field in [*exact_first, *aside])
    return Declared(provider, tuple(entry["entries"]), made)


@lru_cache(maxsize=16384)
def field_of(provider: str, pattern: str) -> str | None:
    """Return the item's field of a leaf, `ASIDE`, or None where the leaf is not known."""
    fields = declared(provider).fields
    return next((field for known, field in fields if known.fullmatch(pattern)), None)


def _compiled(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", r"[^.\[]+")
    return re.compile(escaped)


@cache
def _data() -> Mapping[str, Any]:
    path = Path(__file__).parent / "payload_fields.json"
    found: Mapping[str, Any] = orjson.loads(path.read_bytes())
    return found
