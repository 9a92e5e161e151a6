"""The RPCs of SchemaService, for gRPC and REST alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import empty_pb2

from emulators.pubsub import masks, messages, names
from emulators.pubsub.paging import page
from emulators.pubsub.schemas import check_message, parse_definition
from emulators.pubsub.supported import FIELDS

if TYPE_CHECKING:
    from emulators.core.binding import ServicerContext
    from emulators.core.methods import Proto
    from emulators.pubsub.store import Store


class SchemaServicer:
    """``google.pubsub.v1.SchemaService``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._schemas = store.schemas

    async def CreateSchema(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Create a schema."""
        schema = self._schemas.create(request.parent, request.schema_id, request.schema)
        self._store.policies.forget(schema.name)
        await self._store.commit()
        return schema

    async def GetSchema(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a schema or one revision, whole unless the basic view is asked for."""
        schema = self._schemas.get(request.name)
        return _basic(schema) if request.view == messages.BASIC else schema

    async def ListSchemas(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of a project's schemas, whole if the full view is asked for."""
        names.check_project(request.parent)
        schemas = self._schemas.of_project(request.parent)
        found, token = page(schemas, request, lambda schema: schema.name)
        shown = found if request.view == messages.FULL else map(_basic, found)
        return messages.ListSchemasResponse(schemas=shown, next_page_token=token)

    async def ListSchemaRevisions(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of a schema's revisions, oldest first."""
        numbers = [f"{number:010d}" for number in self._schemas.revisions(request.name)]
        found, token = page(numbers, request, str)
        schemas = [self._schemas.revisions(request.name)[int(number)] for number in found]
        shown = schemas if request.view == messages.FULL else map(_basic, schemas)
        return messages.ListSchemaRevisionsResponse(schemas=shown, next_page_token=token)

    async def CommitSchema(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Add a revision."""
        schema = self._schemas.commit(request.name, request.schema)
        await self._store.commit()
        return schema

    async def RollbackSchema(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Add a revision equal to an earlier one."""
        schema = self._schemas.rollback(request.name, request.revision_id)
        await self._store.commit()
        return schema

    async def DeleteSchemaRevision(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete one revision and return it."""
        FIELDS.refuse(request)
        schema = self._schemas.delete_revision(request.name)
        await self._store.commit()
        return schema

    async def DeleteSchema(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a schema; its topics refuse messages from then on."""
        self._store.delete_schema(request.name)
        await self._store.commit()
        return empty_pb2.Empty()

    async def ValidateSchema(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Accept a definition, or say what is wrong."""
        names.check_project(request.parent)
        parse_definition(request.schema)
        return messages.ValidateSchemaResponse()

    async def ValidateMessage(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Accept a message of a stored or a given schema, or say what is wrong."""
        names.check_project(request.parent)
        schema = self._schemas.get(request.name) if request.name else request.schema
        check_message(schema, request.message, request.encoding)
        return messages.ValidateMessageResponse()


def _basic(schema: Proto) -> Proto:
    shown = masks.copied(schema)
    shown.ClearField("definition")
    return shown
