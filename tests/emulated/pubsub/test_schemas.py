"""Schemas: revisions, validation, and topics that publish by them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions

from tests.emulated.pubsub.test_resources import request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulators.core.methods import Proto
    from tests.emulated.pubsub.conftest import Lab


TITLE = {"name": "title", "type": "string"}
YEAR = {"name": "year", "type": "int"}
# With a default a field may come and go from one revision to the next.
AIRED = {"name": "year", "type": "int", "default": 0}
LENGTH = {"name": "length", "type": "int", "default": 0}
OLD_TITLE = {**TITLE, "default": ""}


def record(*fields: Proto) -> Proto:
    definition = {"type": "record", "name": "Film", "fields": fields}
    return {"type_": "AVRO", "definition": json.dumps(definition)}


async def create(lab: Lab, *fields: Proto, name: str = "film") -> Proto:
    wanted = {"parent": lab.parent, "schema_id": name, "schema": record(*fields)}
    return await asyncio.to_thread(lab.schemas.create_schema, request=wanted)


async def commit(lab: Lab, *fields: Proto) -> Proto:
    schema = {"name": lab.schema, **record(*fields)}
    wanted = {"name": lab.schema, "schema": schema}
    return await asyncio.to_thread(lab.schemas.commit_schema, request=wanted)


async def bind(lab: Lab, **settings: Proto) -> None:
    wanted = {
        "name": lab.topic,
        "schema_settings": {"schema": lab.schema, "encoding": "JSON", **settings},
    }
    await asyncio.to_thread(lab.publisher.create_topic, request=wanted)
    await lab.subscribe(lab.name("subscriptions", "viewer"), lab.topic)


async def validate(lab: Lab, message: bytes, encoding: str = "JSON", **target: Proto) -> None:
    wanted = {"parent": lab.parent, "message": message, "encoding": encoding, **target}
    await asyncio.to_thread(lab.schemas.validate_message, request=wanted)


@pytest.mark.differs("lists whole schemas whatever is asked for")
async def test_schema_is_created_shown_listed_and_deleted(lab: Lab) -> None:
    made = await create(lab, TITLE)
    await create(lab, TITLE, name="aired")
    basic = {"name": lab.schema, "view": "BASIC"}

    whole = await asyncio.to_thread(lab.schemas.get_schema, name=lab.schema)
    short = await asyncio.to_thread(lab.schemas.get_schema, request=basic)
    listed = await asyncio.to_thread(lab.schemas.list_schemas, parent=lab.parent)
    assert whole == made
    assert (short.definition, short.revision_id) == ("", made.revision_id)
    assert [(s.name.rpartition("/")[2], s.definition) for s in listed] == [
        ("aired", ""),
        ("film", ""),
    ]

    await asyncio.to_thread(lab.schemas.delete_schema, name=lab.schema)
    with pytest.raises(exceptions.NotFound, match="resource=film"):
        await asyncio.to_thread(lab.schemas.get_schema, name=lab.schema)


async def test_revisions_are_committed_rolled_back_and_deleted(lab: Lab) -> None:
    first = await create(lab, TITLE)
    second = await commit(lab, TITLE, AIRED)
    back = {"name": lab.schema, "revision_id": first.revision_id}
    third = await asyncio.to_thread(lab.schemas.rollback_schema, request=back)
    revision = f"{lab.schema}@{second.revision_id}"

    found = await asyncio.to_thread(lab.schemas.get_schema, name=revision)
    await asyncio.to_thread(lab.schemas.delete_schema_revision, request={"name": revision})
    full = {"name": lab.schema, "view": "FULL"}
    left = list(await asyncio.to_thread(lab.schemas.list_schema_revisions, request=full))

    assert found == second
    assert left == [first, third]
    assert third.definition == first.definition
    assert len({first.revision_id, second.revision_id, third.revision_id}) == 3


@pytest.mark.differs("has no Protocol Buffer schemas")
async def test_only_revision_and_a_change_of_type_are_refused(lab: Lab) -> None:
    only = await create(lab, TITLE)
    last = {"name": f"{lab.schema}@{only.revision_id}"}

    with pytest.raises(exceptions.InvalidArgument, match="last revision"):
        await asyncio.to_thread(lab.schemas.delete_schema_revision, request=last)
    with pytest.raises(exceptions.AlreadyExists):
        await create(lab, TITLE)
    other = {
        "name": lab.schema,
        "schema": {"type_": "PROTOCOL_BUFFER", "definition": "message A {}"},
    }
    with pytest.raises(exceptions.InvalidArgument, match="type of a schema"):
        await asyncio.to_thread(lab.schemas.commit_schema, request=other)


@pytest.mark.differs("takes every revision")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ((TITLE, YEAR), "'year' is not in both and has no default"),
        ((), "'title' is not in both and has no default"),
        (({**TITLE, "type": "int"},), "'title' has another type"),
        (({**TITLE, "type": ["null", "string"]},), "'title' has another type"),
    ],
)
async def test_revision_that_does_not_fit_the_last_one_is_refused(
    lab: Lab, fields: tuple[Proto, ...], says: str
) -> None:
    only = await create(lab, TITLE)

    with pytest.raises(exceptions.InvalidArgument, match=says):
        await commit(lab, *fields)

    assert (await asyncio.to_thread(lab.schemas.get_schema, name=lab.schema)) == only
    assert (await commit(lab, TITLE, AIRED)).revision_id != only.revision_id


@pytest.mark.differs("has no Protocol Buffer schemas")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("string title = 1; repeated int32 years = 3;", "years' is not optional"),
        ("int32 title = 1; string plot = 2;", "title' can not change"),
        ("string name = 1; string plot = 2;", "title' can not change"),
        ("repeated string title = 1; string plot = 2;", "title' can not change"),
    ],
)
async def test_optional_fields_alone_come_and_go_in_protocol_buffers(
    lab: Lab, fields: str, says: str
) -> None:
    def film(content: str) -> Proto:
        definition = f'syntax = "proto3"; message Film {{ {content} }}'
        return {"type_": "PROTOCOL_BUFFER", "definition": definition}

    first = film("string title = 1; string plot = 2;")
    wanted = {"parent": lab.parent, "schema_id": "film", "schema": first}
    await asyncio.to_thread(lab.schemas.create_schema, request=wanted)

    bad = {"name": lab.schema, "schema": film(fields)}
    with pytest.raises(exceptions.InvalidArgument, match=says):
        await asyncio.to_thread(lab.schemas.commit_schema, request=bad)
    good = {"name": lab.schema, "schema": film("string title = 1; optional int32 year = 3;")}
    await asyncio.to_thread(lab.schemas.commit_schema, request=good)


@pytest.mark.parametrize(
    "definition",
    [
        "nonsense",
        "[]x",
        '{"type": "record", "name": "F"}',
        '{"type": "record", "name": "F", "fields": [{"name": "a", "type": "text"}]}',
        '{"type": "enum", "name": "1", "symbols": []}',
        '["string", "string"]',
        '{"type": "record", "name": "F", "fields": [{"name": "a", "type": "int", "default": "x"}]}',
    ],
)
async def test_definition_that_is_none_is_refused(lab: Lab, definition: str) -> None:
    wanted = {"parent": lab.parent, "schema": {"type_": "AVRO", "definition": definition}}

    with pytest.raises(exceptions.InvalidArgument, match="Could not parse schema definition"):
        await asyncio.to_thread(lab.schemas.validate_schema, request=wanted)


@pytest.mark.differs("has no Protocol Buffer schemas")
async def test_protocol_buffer_schema_guards_a_topic(lab: Lab) -> None:
    definition = 'syntax = "proto3"; message Film { string title = 1; }'
    schema = {"type_": "PROTOCOL_BUFFER", "definition": definition}
    wanted = {"parent": lab.parent, "schema_id": "film", "schema": schema}
    await asyncio.to_thread(lab.schemas.create_schema, request=wanted)
    await bind(lab)

    await lab.publish('{"title": "Heat"}')
    with pytest.raises(exceptions.InvalidArgument, match="failed schema validation"):
        await lab.publish('{"title": 1}')
    await validate(lab, b"\x0a\x04Heat", "BINARY", name=lab.schema)
    with pytest.raises(exceptions.InvalidArgument, match="BINARY protocol buffer message"):
        await validate(lab, b"\x0a\x09Heat", "BINARY", name=lab.schema)


@pytest.mark.differs("has no Protocol Buffer schemas")
async def test_compiled_schema_answers_unimplemented_with_its_name(lab: Lab) -> None:
    schema = {"type_": "PROTOCOL_BUFFER", "compiled_proto_schema": {"root_message": "Film"}}
    wanted = {"parent": lab.parent, "schema": schema}

    with pytest.raises(exceptions.MethodNotImplemented, match="compiled_proto_schema"):
        await asyncio.to_thread(lab.schemas.validate_schema, request=wanted)


@pytest.mark.differs("has words of its own")
async def test_message_is_validated_in_both_encodings(lab: Lab) -> None:
    await create(lab, TITLE, YEAR)

    await validate(lab, b'{"title": "Heat", "year": 1995, "more": 1}', name=lab.schema)
    await validate(lab, b"\x08Heat\x96\x1f", "BINARY", name=lab.schema)
    await validate(lab, b'{"title": "Heat"}', schema=record(TITLE))
    with pytest.raises(exceptions.InvalidArgument, match="'year' is missing"):
        await validate(lab, b'{"title": "Heat"}', name=lab.schema)
    with pytest.raises(exceptions.InvalidArgument, match="ends too early"):
        await validate(lab, b"\x08He", "BINARY", name=lab.schema)
    with pytest.raises(exceptions.InvalidArgument, match="No encoding"):
        await validate(lab, b"{}", "ENCODING_UNSPECIFIED", name=lab.schema)


@pytest.mark.differs("has words of its own")
async def test_topic_refuses_what_fails_its_schema_and_says_which_revision_was_met(
    lab: Lab,
) -> None:
    made = await create(lab, TITLE)
    await bind(lab)

    with pytest.raises(exceptions.InvalidArgument, match="failed schema validation"):
        await lab.publish('{"title": "Heat"}', '{"year": 1995}')
    await lab.publish('{"title": "Ronin"}')

    [received] = await lab.pull()
    assert received.message.data == b'{"title": "Ronin"}'
    assert dict(received.message.attributes) == {
        "googclient_schemaname": lab.schema,
        "googclient_schemaencoding": "JSON",
        "googclient_schemarevisionid": made.revision_id,
    }


@pytest.mark.differs("has words of its own")
async def test_topic_accepts_the_revisions_from_its_first_to_its_last(lab: Lab) -> None:
    await create(lab, OLD_TITLE)
    first = await commit(lab, AIRED)
    last = await commit(lab, AIRED, LENGTH)
    await commit(lab)
    await bind(lab, first_revision_id=first.revision_id, last_revision_id=last.revision_id)

    await lab.publish('{"year": 1995}', '{"year": 1995, "length": 170}')
    with pytest.raises(exceptions.InvalidArgument, match="failed schema validation"):
        await lab.publish('{"title": "Heat"}')

    met = [r.message.attributes["googclient_schemarevisionid"] for r in await lab.pull()]
    assert met == [first.revision_id, last.revision_id]


@pytest.mark.differs("has words of its own")
async def test_topic_needs_a_schema_that_exists_and_an_encoding(lab: Lab) -> None:
    with pytest.raises(exceptions.NotFound, match="resource=film"):
        await bind(lab)
    await create(lab, TITLE)
    with pytest.raises(exceptions.InvalidArgument, match="encoding"):
        await bind(lab, encoding=0)
    with pytest.raises(exceptions.NotFound, match="film@lost"):
        await bind(lab, first_revision_id="lost")


async def test_topic_of_a_deleted_schema_publishes_nothing(lab: Lab) -> None:
    await create(lab, TITLE)
    await bind(lab)

    await asyncio.to_thread(lab.schemas.delete_schema, name=lab.schema)

    found = await asyncio.to_thread(lab.publisher.get_topic, topic=lab.topic)
    assert found.schema_settings.schema == "_deleted-schema_"
    with pytest.raises(exceptions.NotFound, match="Schema associated with topic deleted"):
        await lab.publish('{"title": "Heat"}')


@pytest.mark.local("is REST without TLS")
async def test_rest_speaks_of_schemas_too(lab: Lab) -> None:
    schema = {"type": "AVRO", "definition": record(TITLE)["definition"]}

    made = await request(lab, "POST", f"{lab.parent}/schemas?schemaId=film", schema)
    shown = await request(lab, "GET", f"{lab.schema}:listRevisions?view=FULL")

    assert (made[0], made[1]["type"]) == (200, "AVRO")
    assert shown == (200, {"schemas": [made[1]]})


@pytest.mark.ours("begins again with its journal")
async def test_schemas_outlive_the_process(start: Callable[..., Any], tmp_path: Path) -> None:
    before: Lab = await start(journal=tmp_path / "emulators.sqlite")
    await create(before, OLD_TITLE)
    last = await commit(before, AIRED)
    await bind(before, first_revision_id=last.revision_id)

    after: Lab = await start(journal=tmp_path / "emulators.sqlite")

    assert await asyncio.to_thread(after.schemas.get_schema, name=after.schema) == last
    with pytest.raises(exceptions.InvalidArgument, match="failed schema validation"):
        await after.publish('{"title": "Heat"}')
