"""Descriptors from ``.proto`` text (https://protobuf.dev/reference/protobuf/proto3-spec).

Syntax proto2 is read too (proto2-spec beside it). What cannot change whether a message is valid is
skipped: options, reserved ranges, defaults. Imports, services, extensions, groups and editions are
refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulators.core.methods import Proto

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|(?P<token>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
    r"""|\.?[A-Za-z_][\w.]*|0[xX][\da-fA-F]+|\d[\w.+]*|[{}()<>\[\];=,:/-])""",
    re.ASCII | re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    name.removeprefix("TYPE_").lower(): number
    for name, number in _FIELD.Type.items()
    if name not in {"TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP"}
}
_LABELS = {"optional": 1, "required": 2, "repeated": 3}


def parse_file(text: str) -> Proto:
    """Return the FileDescriptorProto of a whole file; names of types are not resolved yet.

    Raises:
        ValueError: It is not of the language, or of the part that is not supported.
    """
    return _Parser(text).file()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._place = 0
        self._file = descriptor_pb2.FileDescriptorProto(name="schema.proto", syntax="proto2")

    def file(self) -> Proto:
        readers: Mapping[str, Callable[[], None]] = {
            "syntax": self._syntax,
            "package": self._package,
            "option": self._skip,
            "message": lambda: self._message(self._file.message_type.add()),
            "enum": lambda: self._enum(self._file.enum_type.add()),
            ";": lambda: None,
        }
        while self._peek():
            word = self._next()
            if word not in readers:
                raise ValueError(f"{word!r} is not supported here")
            readers[word]()
        return self._file

    def _syntax(self) -> None:
        self._expect("=")
        self._file.syntax = self._next()[1:-1]
        if self._file.syntax not in {"proto2", "proto3"}:
            raise ValueError(f"there is no syntax {self._file.syntax!r}")
        self._expect(";")

    def _package(self) -> None:
        self._file.package = self._next()
        self._expect(";")

    def _message(self, message: Proto) -> None:
        message.name = self._name()
        self._expect("{")
        while not self._took("}"):
            self._member(message)
        _close_optional(message)

    def _member(self, message: Proto) -> None:
        if self._took("message"):
            self._message(message.nested_type.add())
        elif self._took("enum"):
            self._enum(message.enum_type.add())
        elif self._took("oneof"):
            self._oneof(message)
        elif self._peek() in {"option", "reserved", "extensions"}:
            self._skip()
        elif not self._took(";"):
            self._field(message)

    def _oneof(self, message: Proto) -> None:
        message.oneof_decl.add(name=self._name())
        index = len(message.oneof_decl) - 1
        self._expect("{")
        while not self._took("}"):
            if self._peek() == "option":
                self._skip()
            else:
                self._field(message).oneof_index = index

    def _field(self, message: Proto) -> Proto:
        label = self._next() if self._peek() in _LABELS else ""
        if label != "repeated" and self._peek() == "map":
            return self._map(message)
        field = message.field.add(label=_LABELS.get(label or "optional"))
        field.proto3_optional = label == "optional" and self._file.syntax == "proto3"
        self._type(field)
        self._numbered(field)
        return field

    def _map(self, message: Proto) -> Proto:
        self._expect("map")
        self._expect("<")
        entry = message.nested_type.add()
        entry.options.map_entry = True
        self._type(entry.field.add(name="key", number=1, label=1))
        self._expect(",")
        self._type(entry.field.add(name="value", number=2, label=1))
        self._expect(">")
        field = message.field.add(label=3)
        self._numbered(field)
        # The name protoc gives the entry.
        entry.name = "".join(part.capitalize() for part in field.name.split("_")) + "Entry"
        field.type_name = entry.name
        return field

    def _type(self, field: Proto) -> None:
        name = self._next()
        if name in _SCALARS:
            field.type = _SCALARS[name]
        elif re.fullmatch(r"\.?[A-Za-z_][\w.]*", name) and name != "group":
            field.type_name = name
        else:
            raise ValueError(f"{name!r} is no type that is supported here")

    def _numbered(self, field: Proto) -> None:
        field.name = self._name()
        self._expect("=")
        field.number = int(self._next(), 0)
        self._options(field)
        self._expect(";")

    def _options(self, field: Proto) -> None:
        if not self._took("["):
            return
        while not self._took("]"):
            if self._took("json_name"):
                self._expect("=")
                field.json_name = self._next()[1:-1]
            elif self._peek() in {"", ";"}:
                raise ValueError("an option does not end")
            else:
                self._next()

    def _enum(self, enum: Proto) -> None:
        enum.name = self._name()
        self._expect("{")
        while not self._took("}"):
            if self._peek() in {"option", "reserved"}:
                if self._next() == "option":
                    self._allow_alias(enum)
                self._skip()
            elif not self._took(";"):
                self._value(enum)

    def _allow_alias(self, enum: Proto) -> None:
        if self._peek() == "allow_alias":
            enum.options.allow_alias = True

    def _value(self, enum: Proto) -> None:
        value = enum.value.add(name=self._name())
        self._expect("=")
        sign = -1 if self._took("-") else 1
        value.number = sign * int(self._next(), 0)
        self._options(_FIELD())
        self._expect(";")

    def _skip(self) -> None:
        """Take everything up to the semicolon that ends a statement."""
        depth = 0
        while (word := self._next()) != ";" or depth:
            depth += (word == "{") - (word == "}")

    def _name(self) -> str:
        name = self._next()
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name")
        return name

    def _peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _next(self) -> str:
        word = self._peek()
        if not word:
            raise ValueError("the definition ends too early")
        self._place += 1
        return word

    def _took(self, word: str) -> bool:
        there = self._peek() == word
        self._place += there
        return there

    def _expect(self, word: str) -> None:
        if (found := self._next()) != word:
            raise ValueError(f"{word!r} expected, not {found!r}")


def _close_optional(message: Proto) -> None:
    """Give every ``optional`` of proto3 a oneof of its own after the others, as protoc does."""
    for field in message.field:
        if field.proto3_optional:
            field.oneof_index = len(message.oneof_decl)
            message.oneof_decl.add(name=f"_{field.name}")


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"{text[place : place + 20]!r} is not of the language")
        if match["token"]:
            found.append(match["token"])
        place = match.end()
    return found
