"""Protocol Buffer schemas from their text: what protoc reads is read the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

from emulators.pubsub.proto_text import parse_file
from emulators.pubsub.protobufs import ProtobufDefinition

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.ours("is of the reader of schemas")

FILM = """
// A film; /* not a comment within one */
syntax = "proto3";
package media.v1;
option java_package = "p;q";

message Film {
  option deprecated = false;
  reserved 9, 12 to 15;
  reserved "old";
  enum Kind {
    option allow_alias = true;
    UNKNOWN = 0;
    FEATURE = 1 [deprecated = true];
    MOVIE = 0x1;
    LOST = -1;
  }
  message Credit { string name = 1; .media.v1.Film film = 2; }
  string title = 1 [json_name = "name", deprecated = false];
  optional int32 year = 2;
  Kind kind = 3;
  repeated Film.Credit credits = 4;
  map<string, Credit> by_role = 5;
  oneof length { int64 seconds = 6; double minutes = 7; }
  bytes poster = 8;
  optional bool seen = 10;
};
"""
OLD = """
syntax = 'proto2';
message Film {
  required string title = 1;
  optional int32 year = 2 [default = 1995];
  repeated sint64 marks = 3 [packed = true];
  extensions 100 to max;
}
enum Apart { NONE = 0; }
"""


@pytest.mark.parametrize("text", [FILM, OLD])
def test_text_means_what_protoc_reads_in_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "schema.proto").write_text(text)
    out = tmp_path / "schema.bin"
    command = ["protoc", f"-I{tmp_path}", f"--descriptor_set_out={out}", "schema.proto"]
    assert protoc.main(command) == 0
    [compiled] = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file

    read = parse_file(text).message_type[0]

    assert names_of(read) == names_of(compiled.message_type[0])


def names_of(message: descriptor_pb2.DescriptorProto) -> object:
    fields = sorted(
        (f.number, f.name, f.label, f.HasField("oneof_index") and f.oneof_index, f.proto3_optional)
        for f in message.field
    )
    enums = [[(v.name, v.number) for v in enum.value] for enum in message.enum_type]
    nested = sorted((inner.name, names_of(inner)) for inner in message.nested_type)
    return fields, enums, [oneof.name for oneof in message.oneof_decl], nested


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"name": "Heat", "year": 1995, "kind": "FEATURE", "seconds": "10200"}',
        b'{"credits": [{"name": "Mann"}], "byRole": {"director": {"name": "Mann"}}}',
        b'{"poster": "AAEC", "seen": true}',
    ],
)
def test_json_of_the_schema_is_accepted(data: bytes) -> None:
    ProtobufDefinition(FILM).check_json(data)


@pytest.mark.parametrize(
    "data",
    [
        b"Heat",
        b"[]",
        b'{"name": 1}',
        b'{"more": 1}',
        b'{"year": 2147483648}',
        b'{"kind": "SONG"}',
        b'{"seconds": 1, "minutes": 1}',
        b'{"credits": {}}',
    ],
)
def test_json_of_another_schema_is_refused(data: bytes) -> None:
    definition = ProtobufDefinition(FILM)

    with pytest.raises(ValueError, match=r".+"):
        definition.check_json(data)


def test_binary_message_needs_its_required_fields_and_may_have_unknown_ones() -> None:
    definition = ProtobufDefinition(OLD)

    definition.check_binary(b"\x0a\x04Heat\x4a\x01x")
    for data in (b"", b"\x10\x01", b"\x0a\x04He", b"\xff"):
        with pytest.raises(ValueError, match=r".+"):
            definition.check_binary(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        'syntax = "proto4"; message A {}',
        'import "other.proto"; message A {}',
        "message A {} message B {}",
        'syntax = "proto3"; message A { Strin x = 1; }',
        'syntax = "proto3"; message A { string x = 1; string y = 1; }',
        'syntax = "proto3"; message A { string x = 1; string x = 2; }',
        'syntax = "proto3"; message A { string x = 1 [deprecated = true; }',
        'syntax = "proto3"; message A { string x = one; }',
        'syntax = "proto3"; message A { enum E { ONE = 1; } }',
        "message A { optional group G = 1 {} }",
        "message A { ",
        "message A { option x = { a: 1; ",
    ],
)
def test_text_that_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ProtobufDefinition(text)
