"""The raw message classes of ``google.firestore.admin.v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core.client_types import types_of

if TYPE_CHECKING:
    from emulators.core.methods import Proto

_types: Proto = types_of("google.cloud.firestore_admin_v1")

Database: Proto = _types.Database.pb()
Field: Proto = _types.Field.pb()
Index: Proto = _types.Index.pb()
BulkDeleteDocumentsResponse: Proto = _types.BulkDeleteDocumentsResponse.pb()
ListDatabasesResponse: Proto = _types.ListDatabasesResponse.pb()
ListFieldsResponse: Proto = _types.ListFieldsResponse.pb()
ListIndexesResponse: Proto = _types.ListIndexesResponse.pb()
BulkDeleteDocumentsMetadata: Proto = _types.BulkDeleteDocumentsMetadata.pb()
CreateDatabaseMetadata: Proto = _types.CreateDatabaseMetadata.pb()
DeleteDatabaseMetadata: Proto = _types.DeleteDatabaseMetadata.pb()
FieldOperationMetadata: Proto = _types.FieldOperationMetadata.pb()
IndexOperationMetadata: Proto = _types.IndexOperationMetadata.pb()
UpdateDatabaseMetadata: Proto = _types.UpdateDatabaseMetadata.pb()
SUCCESSFUL: int = _types.OperationState.SUCCESSFUL
REALTIME_ENABLED = 1
