"""Avro schemas from their JSON text (Avro 1.11 specification, "Schema Declaration")."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from emulators.pubsub.avro_defaults import check_default
from emulators.pubsub.avro_resolution import check_reads
from emulators.pubsub.avro_types import (
    Boolean,
    Bytes,
    Enum,
    Floating,
    Integer,
    Items,
    Null,
    Reader,
    Record,
    String,
    Type,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRIMITIVES: Mapping[str, Type] = {
    "null": Null(),
    "boolean": Boolean(),
    "int": Integer(32),
    "long": Integer(64),
    "float": Floating("<f"),
    "double": Floating("<d"),
    "bytes": Bytes(),
    "string": String(),
}
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ORDERS = {"ascending", "descending", "ignore"}


class AvroDefinition:
    """One schema.

    Args:
        text: Its JSON.

    Raises:
        ValueError: It is none.
    """

    kind = "Avro"

    def __init__(self, text: str) -> None:
        try:
            self._type, _ = _Parser().parse(json.loads(text), "")
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"no Avro schema: {error!r}") from error

    def check_follows(self, earlier: AvroDefinition) -> None:
        """Accept this as the revision after another one: each reads what the other writes.

        Raises:
            ValueError: One does not ("Schema Resolution").
        """
        try:
            check_reads(self._type, earlier._type)
            check_reads(earlier._type, self._type)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def check_json(self, data: bytes) -> None:
        """Accept a message in Avro's JSON encoding.

        Raises:
            ValueError: It is not of this schema.
        """
        try:
            self._type.json(json.loads(data, parse_constant=_refuse_constant))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def check_binary(self, data: bytes) -> None:
        """Accept a message in Avro's binary encoding.

        Raises:
            ValueError: It is not of this schema.
        """
        try:
            self._type.binary(Reader(data))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class _Parser:
    def __init__(self) -> None:
        self._named: dict[str, Type] = {}

    def parse(self, schema: Any, namespace: str) -> tuple[Type, str]:  # noqa: ANN401 - any JSON
        """Return the type, and its name in a union."""
        if isinstance(schema, list):
            return self._union(schema, namespace), "union"
        if isinstance(schema, str):
            return self._by_name(schema, namespace)
        kind = schema["type"]
        if kind in {"record", "error", "enum", "fixed"}:
            return self._declared(kind, schema, namespace)
        if kind == "array":
            return Items(self.parse(schema["items"], namespace)[0], keyed=False), kind
        if kind == "map":
            return Items(self.parse(schema["values"], namespace)[0], keyed=True), kind
        return self.parse(kind, namespace)

    def _union(self, schema: list[Any], namespace: str) -> Type:
        found = [self.parse(branch, namespace) for branch in schema]
        branches = {name: kind for kind, name in found}
        if len(branches) != len(schema) or "union" in branches:
            raise ValueError("a union names a type twice, or holds a union")
        return Union(branches)

    def _by_name(self, name: str, namespace: str) -> tuple[Type, str]:
        if name in _PRIMITIVES:
            return _PRIMITIVES[name], name
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        return self._named[full], full

    def _declared(self, kind: str, schema: Any, namespace: str) -> tuple[Type, str]:  # noqa: ANN401
        name = schema["name"]
        space = schema.get("namespace", namespace)
        full = name if "." in name or not space else f"{space}.{name}"
        if full in self._named or not _is_full_name(full):
            raise ValueError(f"{full!r} is no name, or names two types")
        names = (full.rpartition(".")[2], *_aliases(schema))
        if kind == "fixed":
            self._named[full] = Bytes(_size(schema["size"]), names)
        elif kind == "enum":
            self._named[full] = _enum(schema, names)
        else:
            self._named[full] = record = Record(names)
            self._fill(record, schema["fields"], full.rpartition(".")[0])
        return self._named[full], full

    def _fill(self, record: Record, fields: list[Any], namespace: str) -> None:
        for declared in fields:
            name = declared["name"]
            if name in record.fields or not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name, or names two fields")
            record.fields[name] = kind = self.parse(declared["type"], namespace)[0]
            record.aliases[name] = _aliases(declared)
            if declared.get("order", "ascending") not in _ORDERS:
                raise ValueError(f"the field {name!r} has no order {declared['order']!r}")
            if "default" in declared:
                check_default(kind, declared["default"], name)
                record.optional.add(name)


def _aliases(declared: Any) -> tuple[str, ...]:  # noqa: ANN401 - any JSON
    """Return the names something had before, without their namespaces."""
    found = declared.get("aliases", [])
    if not isinstance(found, list) or not all(map(_is_full_name, found)):
        raise ValueError(f"{found!r} are no aliases")
    return tuple(name.rpartition(".")[2] for name in found)


def _is_full_name(name: str) -> bool:
    return all(_NAME.fullmatch(part) for part in name.split("."))


def _enum(schema: Any, names: tuple[str, ...]) -> Enum:  # noqa: ANN401 - any JSON
    symbols, default = _symbols(schema["symbols"]), schema.get("default")
    if default is not None and default not in symbols:
        raise ValueError(f"the default {default!r} is no symbol of {names[0]}")
    return Enum(symbols, names, default)


def _size(size: object) -> int:
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"{size!r} is no size")
    return size


def _symbols(symbols: list[str]) -> tuple[str, ...]:
    if len(set(symbols)) != len(symbols) or not all(map(_NAME.fullmatch, symbols)):
        raise ValueError(f"{symbols!r} are no symbols")
    return tuple(symbols)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
