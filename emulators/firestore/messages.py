"""The raw message classes of ``google.firestore.v1``: proto-plus costs microseconds a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core.client_types import types_of

if TYPE_CHECKING:
    from emulators.core.methods import Proto

_types: Proto = types_of("google.cloud.firestore_v1")

Document: Proto = _types.Document.pb()
Value: Proto = _types.Value.pb()
MapValue: Proto = _types.MapValue.pb()
ArrayValue: Proto = _types.ArrayValue.pb()
DocumentMask: Proto = _types.DocumentMask.pb()
Precondition: Proto = _types.Precondition.pb()
TransactionOptions: Proto = _types.TransactionOptions.pb()

Write: Proto = _types.Write.pb()
WriteResult: Proto = _types.WriteResult.pb()
FieldTransform: Proto = _types.DocumentTransform.FieldTransform.pb()
DocumentChange: Proto = _types.DocumentChange.pb()
DocumentDelete: Proto = _types.DocumentDelete.pb()
DocumentRemove: Proto = _types.DocumentRemove.pb()
ExistenceFilter: Proto = _types.ExistenceFilter.pb()

StructuredQuery: Proto = _types.StructuredQuery.pb()
Order: Proto = _types.StructuredQuery.Order.pb()
Cursor: Proto = _types.Cursor.pb()
AggregationResult: Proto = _types.AggregationResult.pb()
ExplainMetrics: Proto = _types.ExplainMetrics.pb()

BatchGetDocumentsResponse: Proto = _types.BatchGetDocumentsResponse.pb()
BatchWriteResponse: Proto = _types.BatchWriteResponse.pb()
BeginTransactionResponse: Proto = _types.BeginTransactionResponse.pb()
CommitResponse: Proto = _types.CommitResponse.pb()
ListCollectionIdsResponse: Proto = _types.ListCollectionIdsResponse.pb()
ListDocumentsResponse: Proto = _types.ListDocumentsResponse.pb()
ListenResponse: Proto = _types.ListenResponse.pb()
PartitionQueryResponse: Proto = _types.PartitionQueryResponse.pb()
RunAggregationQueryResponse: Proto = _types.RunAggregationQueryResponse.pb()
RunQueryResponse: Proto = _types.RunQueryResponse.pb()
TargetChange: Proto = _types.TargetChange.pb()
WriteResponse: Proto = _types.WriteResponse.pb()
