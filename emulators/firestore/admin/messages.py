"""The raw message classes of ``google.firestore.admin.v1``."""

from __future__ import annotations

from google.cloud.firestore_admin_v1.types import (
    database,
    field,
    firestore_admin,
    index,
    operation,
)

Database = database.Database.pb()
Field = field.Field.pb()
Index = index.Index.pb()
BulkDeleteDocumentsResponse = firestore_admin.BulkDeleteDocumentsResponse.pb()
ListDatabasesResponse = firestore_admin.ListDatabasesResponse.pb()
ListFieldsResponse = firestore_admin.ListFieldsResponse.pb()
ListIndexesResponse = firestore_admin.ListIndexesResponse.pb()
BulkDeleteDocumentsMetadata = operation.BulkDeleteDocumentsMetadata.pb()
CreateDatabaseMetadata = firestore_admin.CreateDatabaseMetadata.pb()
DeleteDatabaseMetadata = firestore_admin.DeleteDatabaseMetadata.pb()
FieldOperationMetadata = operation.FieldOperationMetadata.pb()
IndexOperationMetadata = operation.IndexOperationMetadata.pb()
UpdateDatabaseMetadata = firestore_admin.UpdateDatabaseMetadata.pb()
SUCCESSFUL: int = operation.OperationState.SUCCESSFUL
REALTIME_ENABLED = 1
