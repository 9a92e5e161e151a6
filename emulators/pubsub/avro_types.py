"""Avro types: whether JSON and binary data are of them (Avro 1.11 specification).

JSON follows "JSON Encoding", bytes "Binary Encoding". As with Avro's own readers, fields a record
does not have are ignored in JSON, and so is whatever follows a complete binary value.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Names: TypeAlias = tuple[str, ...]

_LONGEST_VARINT = 10


class MismatchError(ValueError):
    """The data is not of the type."""


class Reader:
    """Bytes, read from the start."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes.

        Raises:
            MismatchError: There are not so many.
        """
        end = self.position + count
        if count < 0 or end > len(self._data):
            raise MismatchError("the data ends too early")
        taken, self.position = self._data[self.position : end], end
        return taken

    def long(self) -> int:
        """Return the next zig-zag number.

        Raises:
            MismatchError: There is none.
        """
        number = 0
        for place in range(_LONGEST_VARINT):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:  # noqa: PLR2004 - the continuation bit
                return (number >> 1) ^ -(number & 1)
        raise MismatchError("a number has more than 64 bits")


class Type(Protocol):
    """One Avro type."""

    def json(self, value: object) -> None:
        """Accept a parsed JSON value, or raise MismatchError."""

    def binary(self, reader: Reader) -> None:
        """Read one value, or raise MismatchError."""


@dataclass(frozen=True)
class Null:
    """``null``."""

    def json(self, value: object) -> None:
        """Accept null."""
        _require(value is None, "null", value)

    def binary(self, reader: Reader) -> None:
        """Read nothing."""
        reader.take(0)


@dataclass(frozen=True)
class Boolean:
    """``boolean``."""

    def json(self, value: object) -> None:
        """Accept true and false."""
        _require(isinstance(value, bool), "boolean", value)

    def binary(self, reader: Reader) -> None:
        """Read one byte, 0 or 1."""
        _require(reader.take(1) in {b"\0", b"\1"}, "boolean", "another byte")


@dataclass(frozen=True)
class Integer:
    """``int`` or ``long``."""

    bits: int

    def json(self, value: object) -> None:
        """Accept a whole number of so many bits."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        _require(whole, f"{self.bits} bit integer", value)
        self._check(value)

    def binary(self, reader: Reader) -> None:
        """Read a zig-zag number."""
        self._check(reader.long())

    def _check(self, value: object) -> None:
        limit = 1 << (self.bits - 1)
        inside = isinstance(value, int) and -limit <= value < limit
        _require(inside, f"{self.bits} bit integer", value)


@dataclass(frozen=True)
class Floating:
    """``float`` or ``double``."""

    form: str

    def json(self, value: object) -> None:
        """Accept any number."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        _require(number, "number", value)

    def binary(self, reader: Reader) -> None:
        """Read 4 or 8 bytes."""
        reader.take(struct.calcsize(self.form))


@dataclass(frozen=True)
class String:
    """``string``."""

    def json(self, value: object) -> None:
        """Accept text."""
        _require(isinstance(value, str), "string", value)

    def binary(self, reader: Reader) -> None:
        """Read a length and so much UTF-8."""
        try:
            reader.take(reader.long()).decode()
        except UnicodeDecodeError as error:
            raise MismatchError(str(error)) from error


@dataclass(frozen=True)
class Bytes:
    """``bytes``, or with a size and names ``fixed``."""

    size: int | None = None
    names: Names = ()

    def json(self, value: object) -> None:
        """Accept text whose characters stand for bytes."""
        fits = isinstance(value, str) and all(ord(c) < 256 for c in value)  # noqa: PLR2004 - a byte
        _require(fits, "bytes", value)
        if self.size is not None:
            _require(len(str(value)) == self.size, f"{self.size} bytes", value)

    def binary(self, reader: Reader) -> None:
        """Read the size, unless it is fixed, and so many bytes."""
        reader.take(reader.long() if self.size is None else self.size)


@dataclass(frozen=True)
class Enum:
    """``enum``; the default stands for symbols that a reader does not know."""

    symbols: Sequence[str]
    names: Names = ()
    default: str | None = None

    def json(self, value: object) -> None:
        """Accept a symbol."""
        _require(value in self.symbols, "symbol", value)

    def binary(self, reader: Reader) -> None:
        """Read the place of a symbol."""
        place = reader.long()
        _require(0 <= place < len(self.symbols), "symbol", place)


@dataclass(frozen=True)
class Items:
    """``array``, or with text keys ``map``."""

    item: Type
    keyed: bool

    def json(self, value: object) -> None:
        """Accept a list, or an object."""
        if self.keyed and isinstance(value, dict):
            value = list(value.values())
        elif self.keyed:
            raise MismatchError(f"map expected, not {value!r}")
        if not isinstance(value, list):
            raise MismatchError(f"array expected, not {value!r}")
        for item in value:
            self.item.json(item)

    def binary(self, reader: Reader) -> None:
        """Read blocks of values until an empty one."""
        while count := reader.long():
            if count < 0:
                reader.long()  # the size of the block, for readers that skip it
            self._block(reader, abs(count))

    def _block(self, reader: Reader, count: int) -> None:
        for _ in range(count):
            start = reader.position
            if self.keyed:
                String().binary(reader)
            self.item.binary(reader)
            if reader.position == start:
                return  # values without bytes: the rest of the block is as good as this one


@dataclass(frozen=True)
class Union:
    """One of several types, by their names."""

    branches: Mapping[str, Type]

    def json(self, value: object) -> None:
        """Accept null, or an object that names the type of its one value."""
        if value is None:
            _require("null" in self.branches, "value", value)
            return
        if not isinstance(value, dict) or len(value) != 1:
            raise MismatchError(f"an object of one field expected, not {value!r}")
        [(name, inner)] = value.items()
        if name == "null" or name not in self.branches:
            raise MismatchError(f"the union has no {name!r}")
        self.branches[name].json(inner)

    def binary(self, reader: Reader) -> None:
        """Read the place of a type, and its value."""
        place = reader.long()
        _require(0 <= place < len(self.branches), "place in the union", place)
        list(self.branches.values())[place].binary(reader)


@dataclass(frozen=True, eq=False)
class Record:
    """``record``; its fields are filled in later, since they may hold the record itself.

    Attributes:
        names: Its own, without namespace, then its aliases.
        fields: Types by name, in order.
        aliases: Of a field, the names it had before.
        optional: Fields with a default.
    """

    names: Names = ()
    fields: dict[str, Type] = field(default_factory=dict)
    aliases: dict[str, Names] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)

    def json(self, value: object) -> None:
        """Accept an object with every field; a default is for other readers, not for this."""
        if not isinstance(value, dict):
            raise MismatchError(f"record expected, not {value!r}")
        for name, kind in self.fields.items():
            if name not in value:
                raise MismatchError(f"the field {name!r} is missing")
            kind.json(value[name])

    def binary(self, reader: Reader) -> None:
        """Read the fields in order."""
        for kind in self.fields.values():
            kind.binary(reader)


def _require(holds: bool, wanted: str, value: object) -> None:
    if not holds:
        raise MismatchError(f"{wanted} expected, not {value!r}")
