"""Avro: which JSON and which bytes are of a schema (Avro 1.11 specification)."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.pubsub.avro import AvroDefinition
from emulators.pubsub.avro_types import Reader

pytestmark = pytest.mark.ours("is of the reader of schemas")


def avro(schema: object) -> AvroDefinition:
    return AvroDefinition(json.dumps(schema))


FIXED = {"type": "fixed", "name": "F", "size": 2}
ENUM = {"type": "enum", "name": "E", "symbols": ["FILM", "SERIES"]}
LIST = {"type": "array", "items": "long"}
MAP = {"type": "map", "values": "boolean"}
NESTED = {"name": "next", "type": ["null", "Node"]}
NODE = {"type": "record", "name": "Node", "namespace": "a.b", "fields": [NESTED]}

GOOD_JSON = [
    ("null", None),
    ("int", -(2**31)),
    ("double", 1),
    ("bytes", "\u00ff"),
    (FIXED, "ab"),
    (ENUM, "FILM"),
    (LIST, [1, 2]),
    (MAP, {"a": True}),
    (["null", "string"], {"string": "x"}),
    (["null", "string"], None),
    (NODE, {"next": {"a.b.Node": {"next": None}}}),
    ({"type": "int", "logicalType": "date"}, 1),
]
BAD_JSON = [
    ("null", 0),
    ("int", 2**31),
    ("int", True),
    ("int", 1.5),
    ("boolean", 1),
    ("double", "1"),
    ("bytes", "\u0100"),
    (FIXED, "abc"),
    (ENUM, "SONG"),
    (LIST, {"a": 1}),
    (MAP, [True]),
    (["null", "string"], "x"),
    (["string", "int"], None),
    (NODE, {"next": {"Node": {"next": None}}}),
    (NODE, {}),
]


@pytest.mark.parametrize(("schema", "value"), GOOD_JSON)
def test_json_of_the_type_is_accepted(schema: object, value: object) -> None:
    avro(schema).check_json(json.dumps(value).encode())


@pytest.mark.parametrize(("schema", "value"), BAD_JSON)
def test_json_of_another_type_is_refused(schema: object, value: object) -> None:
    definition, data = avro(schema), json.dumps(value).encode()

    with pytest.raises(ValueError, match=r"expected|missing|has no"):
        definition.check_json(data)


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ("boolean", b"\x01"),
        ("long", b"\x80\x01"),
        ("float", b"\0\0\0\0"),
        ("string", b"\x06\xe2\x82\xac"),
        (FIXED, b"ab"),
        (ENUM, b"\x02"),
        (LIST, b"\x04\x06\x36\x00"),
        (LIST, b"\x03\x04\x06\x36\x00"),
        (MAP, b"\x02\x02a\x01\x00"),
        (["null", "string"], b"\x02\x02a"),
        (NODE, b"\x02\x02\x00"),
        ({"type": "array", "items": "null"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"),
    ],
)
def test_bytes_of_the_type_are_accepted_and_each_is_needed(schema: object, data: bytes) -> None:
    definition, short = avro(schema), data[:-1]
    definition.check_binary(data)

    with pytest.raises(ValueError, match="ends too early"):
        definition.check_binary(short)


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ("boolean", b"\x02"),
        ("int", b"\x80\x80\x80\x80\x20"),
        ("long", b"\xff" * 11),
        ("string", b"\x02\xff"),
        ("string", b"\x01"),
        (ENUM, b"\x04"),
        (["null", "string"], b"\x04"),
    ],
)
def test_bytes_of_another_type_are_refused(schema: object, data: bytes) -> None:
    definition = avro(schema)

    with pytest.raises(ValueError, match=r".+"):
        definition.check_binary(data)


def with_field(kind: object, **more: object) -> AvroDefinition:
    field = {"name": "x", "type": kind, **more}
    return avro({"type": "record", "name": "Film", "fields": [field]})


INNER = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("int", 1, 1.0),
        ("long", -(2**63), 2**63),
        ("double", "NaN", "many"),
        ("boolean", False, 0),
        (["null", "string"], None, "x"),
        (["string", "null"], "x", {"string": "x"}),
        (LIST, [1], ["a"]),
        (MAP, {"a": True}, []),
        (FIXED, "ab", 2),
        (INNER, {"a": 1, "b": 2}, {"b": 2}),
    ],
)
def test_default_of_a_field_is_of_its_type(kind: object, good: object, bad: object) -> None:
    with_field(kind, default=good)

    with pytest.raises(ValueError, match="the default of the field 'x'"):
        with_field(kind, default=bad)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("string", "bytes"),
        (["null", "int"], ["int", "null"]),
        (LIST, LIST),
        (NODE, NODE),
        (ENUM, {**ENUM, "symbols": ["SERIES", "FILM"]}),
        ({**ENUM, "default": "FILM"}, {**ENUM, "symbols": ["FILM", "CLIP"], "default": "FILM"}),
    ],
)
def test_revisions_of_which_each_reads_the_other_follow(earlier: object, later: object) -> None:
    with_field(later).check_follows(with_field(earlier))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("int", "long"),
        ("float", "double"),
        ("string", ["null", "string"]),
        (["null", "int", "string"], ["null", "int"]),
        (LIST, {**LIST, "items": "int"}),
        (LIST, {"type": "map", "values": "long"}),
        (FIXED, {**FIXED, "size": 3}),
        (FIXED, "bytes"),
        (ENUM, {**ENUM, "symbols": ["FILM"]}),
        (ENUM, {**ENUM, "name": "Kind"}),
        (INNER, {**INNER, "fields": []}),
    ],
)
def test_revision_that_is_not_read_both_ways_does_not_follow(
    earlier: object, later: object
) -> None:
    first, second = with_field(earlier), with_field(later)

    for one, other in ((first, second), (second, first)):
        with pytest.raises(ValueError, match=r"field|item|schema"):
            one.check_follows(other)


def test_field_that_was_renamed_follows_where_each_knows_the_other_name() -> None:
    first = with_field("int", aliases=["y"])
    field = {"name": "y", "type": "int", "aliases": ["x"]}

    avro({"type": "record", "name": "Film", "fields": [field]}).check_follows(first)


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_reader_takes_back_every_zigzag_number(number: int) -> None:
    # The specification's own formula, the other way round.
    rest, encoded = (number << 1) ^ (number >> 63), bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)

    assert Reader(bytes(encoded)).long() == number


@given(st.binary(max_size=40))
def test_any_bytes_are_accepted_or_refused_and_never_fatal(data: bytes) -> None:
    definition = avro({"type": "map", "values": ["null", NODE, LIST, "string"]})

    for check in (definition.check_binary, definition.check_json):
        with contextlib.suppress(ValueError):
            check(data)
