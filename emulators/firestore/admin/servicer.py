"""The RPCs of ``google.firestore.admin.v1.FirestoreAdmin`` and of its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from emulators.core import errors
from emulators.firestore import listing
from emulators.firestore.admin import bulk, names, supported
from emulators.firestore.admin.messages import (
    SUCCESSFUL,
    BulkDeleteDocumentsMetadata,
    BulkDeleteDocumentsResponse,
    CreateDatabaseMetadata,
    DeleteDatabaseMetadata,
    FieldOperationMetadata,
    IndexOperationMetadata,
    ListDatabasesResponse,
    ListFieldsResponse,
    ListIndexesResponse,
    UpdateDatabaseMetadata,
)
from emulators.firestore.admin.settings import mode, modes

if TYPE_CHECKING:
    from emulators.core.binding import ServicerContext
    from emulators.core.methods import Proto
    from emulators.firestore.admin.resources import Resources

ADDED, REMOVED = 1, 2
"""Numbers of what a change does."""


class FirestoreAdminServicer:
    """``google.firestore.admin.v1.FirestoreAdmin``.

    Args:
        resources: What it is about.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def _done(self, root: str, response: Proto, metadata: Proto) -> Proto:
        operation = self._resources.operations.done(
            root, response=response, metadata=metadata, time=self._resources.now()
        )
        await self._resources.commit()
        return operation

    def _timed(self, metadata: Proto) -> Proto:
        for each in (metadata.start_time, metadata.end_time):
            each.CopyFrom(self._resources.stamp())
        return metadata

    # Databases

    async def CreateDatabase(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Make a database."""
        supported.check(request)
        made = self._resources.create(request)
        return await self._done(made.name, made, CreateDatabaseMetadata())

    async def GetDatabase(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a database."""
        return self._resources.databases.get(request.name)

    async def ListDatabases(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return the databases of a project."""
        found = self._resources.databases.all(request.parent, deleted=request.show_deleted)
        return ListDatabasesResponse(databases=found)

    async def UpdateDatabase(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Change a database."""
        supported.check(request)
        made = self._resources.update(request.database, request.update_mask.paths)
        return await self._done(made.name, made, UpdateDatabaseMetadata())

    async def DeleteDatabase(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a database and all that it holds."""
        gone = self._resources.delete(request.name, request.etag)
        return await self._done(request.name, gone, DeleteDatabaseMetadata())

    async def BulkDeleteDocuments(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete the documents of collection groups."""
        collections = bulk.collections(request)
        database = self._resources.database(names.database(request.name))
        metadata = BulkDeleteDocumentsMetadata(
            operation_state=SUCCESSFUL,
            collection_ids=request.collection_ids,
            namespace_ids=request.namespace_ids,
            start_time=self._resources.stamp(),
            snapshot_time=self._resources.stamp(),
        )
        deleted = await bulk.delete(database, collections)
        metadata.end_time.CopyFrom(self._resources.stamp())
        metadata.progress_documents.estimated_work = deleted.documents
        metadata.progress_documents.completed_work = deleted.documents
        metadata.progress_bytes.estimated_work = deleted.size
        metadata.progress_bytes.completed_work = deleted.size
        return await self._done(request.name, BulkDeleteDocumentsResponse(), metadata)

    # Indexes

    async def CreateIndex(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Make a composite index."""
        supported.check(request)
        root, _ = names.group(request.parent)
        self._resources.database(root)
        made = self._resources.indexes.create(request.parent, request.index)
        metadata = IndexOperationMetadata(index=made.name, state=SUCCESSFUL)
        return await self._done(root, made, self._timed(metadata))

    async def GetIndex(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a composite index."""
        return self._resources.indexes.get(request.name)

    async def ListIndexes(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of the composite indexes of a collection group."""
        supported.check(request)
        self._resources.databases.check_there(names.group(request.parent)[0])
        page, token = listing.paged(self._resources.indexes.all(request.parent), request)
        return ListIndexesResponse(indexes=page, next_page_token=token)

    async def DeleteIndex(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Delete a composite index."""
        self._resources.indexes.delete(request.name)
        await self._resources.commit()
        return empty_pb2.Empty()

    # Fields

    async def GetField(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return the settings of a field."""
        name = names.field(request.name)
        self._resources.databases.check_there(name.root)
        return self._resources.settings.get(name)

    async def ListFields(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of the fields that have settings of their own."""
        self._resources.databases.check_there(names.group(request.parent)[0])
        found = self._resources.settings.all(request.parent, request.filter)
        page, token = listing.paged(found, request)
        return ListFieldsResponse(fields=page, next_page_token=token)

    async def UpdateField(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Change the settings of a field."""
        supported.check(request)
        before, after = self._resources.set_field(request.field, request.update_mask.paths)
        metadata = FieldOperationMetadata(field=after.name, state=SUCCESSFUL)
        _tell_changes(metadata, before, after)
        root = names.field(after.name).root
        return await self._done(root, after, self._timed(metadata))

    # Operations

    async def GetOperation(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return an operation."""
        return self._resources.operations.get(request.name)

    async def ListOperations(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Return a page of the operations of a database."""
        supported.OPERATIONS.refuse(request)
        root = names.database(request.name.removesuffix("/operations"))
        page, token = listing.paged(self._resources.operations.all(root), request)
        return operations_pb2.ListOperationsResponse(operations=page, next_page_token=token)

    async def DeleteOperation(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Forget an operation."""
        self._resources.operations.delete(request.name)
        await self._resources.commit()
        return empty_pb2.Empty()

    async def CancelOperation(self, request: Proto, _caller: ServicerContext | None) -> Proto:
        """Refuse: whatever there is to cancel is done."""
        self._resources.operations.get(request.name)
        raise errors.failed_precondition(f'Operation "{request.name}" is already done.')


def _tell_changes(metadata: Proto, before: Proto, after: Proto) -> None:
    """Say which indexes a field gained and lost, and whether it ends documents now."""
    for change, one, other in ((ADDED, after, before), (REMOVED, before, after)):
        known = modes(other)
        for index in one.index_config.indexes:
            if mode(index) not in known:
                metadata.index_config_deltas.add(change_type=change).index.CopyFrom(index)
    is_one, was_one = after.HasField("ttl_config"), before.HasField("ttl_config")
    if is_one != was_one or after.ttl_config != before.ttl_config:
        delta = metadata.ttl_config_delta
        delta.change_type = ADDED if is_one else REMOVED
        if after.ttl_config.HasField("expiration_offset"):
            delta.expiration_offset.CopyFrom(after.ttl_config.expiration_offset)
