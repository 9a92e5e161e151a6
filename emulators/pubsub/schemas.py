"""Schemas, their revisions, and messages checked against them (space ``pubsub.schema``)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

from emulators.core import errors
from emulators.pubsub import masks, names
from emulators.pubsub.avro import AvroDefinition
from emulators.pubsub.messages import AVRO, PROTOCOL_BUFFER, Schema
from emulators.pubsub.protobufs import ProtobufDefinition
from emulators.pubsub.supported import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulators.core.clock import Clock
    from emulators.core.journal import Journal
    from emulators.core.methods import Proto

Definition: TypeAlias = AvroDefinition | ProtobufDefinition

DELETED_SCHEMA = "_deleted-schema_"
_SCHEMAS = "pubsub.schema"
_DEFINITIONS: Mapping[int, type[Definition]] = {
    AVRO: AvroDefinition,
    PROTOCOL_BUFFER: ProtobufDefinition,
}
# https://cloud.google.com/pubsub/quotas#resource_limits
_MOST_BYTES, _MOST_REVISIONS = 300_000, 20
_ENCODINGS = {1: "JSON", 2: "BINARY"}


class Schemas:
    """All schemas; of each, its revisions by number, oldest first.

    Args:
        clock: Gives creation times.
        journal: Holds every revision.
    """

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._schemas: dict[str, dict[int, Proto]] = {}
        self._definitions: dict[tuple[str, str], Definition] = {}
        for key, value in journal.load(_SCHEMAS):
            name, _, number = key.partition("\n")
            self._schemas.setdefault(name, {})[int(number)] = Schema.FromString(value)

    def create(self, parent: str, schema_id: str, schema: Proto) -> Proto:
        """Add a schema with its first revision.

        Raises:
            EmulatorError: INVALID_ARGUMENT, ALREADY_EXISTS or UNIMPLEMENTED.
        """
        name = f"{parent}/schemas/{schema_id}"
        names.check(name, "schemas")
        if name in self._schemas:
            raise names.taken(name)
        parse_definition(schema)
        return self._add(name, schema)

    def commit(self, name: str, schema: Proto) -> Proto:
        """Add a revision that is compatible with the last one.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT or UNIMPLEMENTED.
        """
        names.check(name, "schemas")
        current = self.get(name)
        if schema.name not in {"", name}:
            raise errors.invalid_argument(
                f"Invalid schema.name given (schema.name={schema.name}): the request is of {name}."
            )
        if schema.type_ not in _DEFINITIONS:
            raise errors.invalid_argument("Invalid schema type.")
        if current.type_ != schema.type_:
            raise errors.invalid_argument("The type of a schema can not change.")
        _check_follows(parse_definition(schema), parse_definition(current))
        return self._add(name, schema)

    def rollback(self, name: str, revision: str) -> Proto:
        """Add a revision that equals an earlier one.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        names.check(name, "schemas")
        if not revision:
            raise errors.invalid_argument("Missing revision ID: revision_id is empty.")
        return self._add(name, self.get(f"{name}@{revision}"))

    def get(self, name: str) -> Proto:
        """Return the last revision, or the one named after ``@``.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        plain, at, revision = name.partition("@")
        found = self.revisions(plain)
        if at and not revision:
            raise errors.invalid_argument(f"Invalid [schemas] name: (name={name})")
        return found[self._number(plain, revision) if revision else max(found)]

    def revisions(self, name: str) -> dict[int, Proto]:
        """Return every revision of a schema by number.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        if name not in self._schemas:
            raise names.absent(name, "schemas")
        return self._schemas[name]

    def of_project(self, parent: str) -> list[Proto]:
        """Return the last revisions of a project's schemas, by name."""
        return [self.get(n) for n in sorted(self._schemas) if n.startswith(f"{parent}/schemas/")]

    def delete_revision(self, name: str) -> Proto:
        """Remove the revision named after ``@`` and return it.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT, also for the only one.
        """
        plain, _, revision = name.partition("@")
        if not revision:
            names.check(plain, "schemas")
            raise errors.invalid_argument(f"Missing revision ID: the name has no @: {name}")
        found, number = self.revisions(plain), self._number(plain, revision)
        if len(found) == 1:
            raise errors.invalid_argument("Cannot delete last revision. Please use DeleteSchema.")
        self._journal.put(_SCHEMAS, f"{plain}\n{number:010d}", None)
        return found.pop(number)

    def delete(self, name: str) -> None:
        """Remove a schema with every revision.

        Raises:
            EmulatorError: INVALID_ARGUMENT or NOT_FOUND.
        """
        for number in self.revisions(name):
            self._journal.put(_SCHEMAS, f"{name}\n{number:010d}", None)
        del self._schemas[name]

    def check_settings(self, settings: Proto) -> None:
        """Accept what a topic says about its schema.

        Raises:
            EmulatorError: INVALID_ARGUMENT or NOT_FOUND.
        """
        if settings.schema == DELETED_SCHEMA:
            return
        names.check(settings.schema, "schemas")
        if settings.encoding not in _ENCODINGS:
            raise errors.invalid_argument("schema_settings.encoding must be JSON or BINARY.")
        if not self._range(settings):
            raise errors.invalid_argument(
                "schema_settings.first_revision_id must not be later than last_revision_id."
            )

    def check_messages(self, settings: Proto, messages: Iterable[Proto]) -> None:
        """Accept messages of a topic, and write into their attributes which schema they meet.

        Raises:
            EmulatorError: NOT_FOUND, the schema was deleted; INVALID_ARGUMENT, a message fails.
        """
        if settings.schema == DELETED_SCHEMA:
            raise errors.not_found("Schema associated with topic deleted.")
        revisions = self._range(settings)
        for message in messages:
            met = self._first_met(revisions, message.data, settings.encoding)
            message.attributes["googclient_schemaname"] = settings.schema
            message.attributes["googclient_schemaencoding"] = _ENCODINGS[settings.encoding]
            message.attributes["googclient_schemarevisionid"] = met.revision_id

    def _first_met(self, revisions: list[Proto], data: bytes, encoding: int) -> Proto:
        for schema in revisions:
            key = (schema.name, schema.revision_id)
            if key not in self._definitions:
                self._definitions[key] = parse_definition(schema)
            if not _fault(self._definitions[key], data, encoding):
                return schema
        raise errors.invalid_argument("Invalid data in message: Message failed schema validation.")

    def _range(self, settings: Proto) -> list[Proto]:
        """Return the revisions a topic allows, newest first."""
        found = self.revisions(settings.schema)
        first, last = settings.first_revision_id, settings.last_revision_id
        least = self._number(settings.schema, first) if first else min(found)
        most = self._number(settings.schema, last) if last else max(found)
        return [found[n] for n in sorted(found, reverse=True) if least <= n <= most]

    def _number(self, name: str, revision: str) -> int:
        for number, schema in self.revisions(name).items():
            if schema.revision_id == revision:
                return number
        raise names.missing(f"{name}@{revision}")

    def _add(self, name: str, given: Proto) -> Proto:
        if len(self._schemas.get(name, ())) >= _MOST_REVISIONS:
            raise errors.invalid_argument(
                f"There are {_MOST_REVISIONS} revisions already: delete one first (name={name})."
            )
        number = max(self._schemas.get(name, ()), default=0) + 1
        now = int(self._clock.now() * 1e6)
        schema = masks.copied(given)
        schema.name = name
        schema.revision_id = hashlib.sha256(f"{name} {number} {now}".encode()).hexdigest()[:8]
        schema.revision_create_time.FromMicroseconds(now)
        self._schemas.setdefault(name, {})[number] = schema
        self._journal.put(_SCHEMAS, f"{name}\n{number:010d}", schema.SerializeToString())
        return schema


def parse_definition(schema: Proto) -> Definition:
    """Read a schema's definition.

    Raises:
        EmulatorError: INVALID_ARGUMENT, it is none; UNIMPLEMENTED, for compiled ones.
    """
    FIELDS.refuse(schema)
    if schema.type_ not in _DEFINITIONS:
        raise errors.invalid_argument("Invalid schema type.")
    if len(schema.definition.encode()) > _MOST_BYTES:
        raise errors.invalid_argument(f"Schema.definition is larger than {_MOST_BYTES} bytes.")
    try:
        return _DEFINITIONS[schema.type_](schema.definition)
    except ValueError as error:
        raise errors.invalid_argument(f"Could not parse schema definition: {error}") from error


def _check_follows(later: Definition, earlier: Definition) -> None:
    # Both are of the schema's one type.
    try:
        later.check_follows(earlier)  # type: ignore[arg-type]
    except ValueError as error:
        raise errors.invalid_argument(
            f"Incompatible schema revision: it does not fit the last one: {error}"
        ) from error


def check_message(schema: Proto, data: bytes, encoding: int) -> None:
    """Accept one message.

    Raises:
        EmulatorError: INVALID_ARGUMENT, with what is wrong; UNIMPLEMENTED.
    """
    if encoding not in _ENCODINGS:
        raise errors.invalid_argument("No encoding provided.")
    definition = parse_definition(schema)
    if fault := _fault(definition, data, encoding):
        raise errors.invalid_argument(
            f"Could not parse {_ENCODINGS[encoding]} {definition.kind} message: {fault}"
        )


def _fault(definition: Definition, data: bytes, encoding: int) -> str:
    check = definition.check_json if _ENCODINGS[encoding] == "JSON" else definition.check_binary
    try:
        check(data)
    except ValueError as error:
        return str(error)
    return ""
