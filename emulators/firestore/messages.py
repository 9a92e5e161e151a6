"""The raw message classes of ``google.firestore.v1``: proto-plus costs microseconds a field."""

from __future__ import annotations

from google.cloud.firestore_v1.types import (
    aggregation_result,
    common,
    document,
    firestore,
    query,
    write,
)

Document = document.Document.pb()
Value = document.Value.pb()
MapValue = document.MapValue.pb()
ArrayValue = document.ArrayValue.pb()
DocumentMask = common.DocumentMask.pb()
Precondition = common.Precondition.pb()
TransactionOptions = common.TransactionOptions.pb()

Write = write.Write.pb()
WriteResult = write.WriteResult.pb()
FieldTransform = write.DocumentTransform.FieldTransform.pb()
DocumentChange = write.DocumentChange.pb()
DocumentDelete = write.DocumentDelete.pb()
DocumentRemove = write.DocumentRemove.pb()
ExistenceFilter = write.ExistenceFilter.pb()

StructuredQuery = query.StructuredQuery.pb()
Order = query.StructuredQuery.Order.pb()
Cursor = query.Cursor.pb()
AggregationResult = aggregation_result.AggregationResult.pb()

BatchGetDocumentsResponse = firestore.BatchGetDocumentsResponse.pb()
BatchWriteResponse = firestore.BatchWriteResponse.pb()
BeginTransactionResponse = firestore.BeginTransactionResponse.pb()
CommitResponse = firestore.CommitResponse.pb()
ListCollectionIdsResponse = firestore.ListCollectionIdsResponse.pb()
ListDocumentsResponse = firestore.ListDocumentsResponse.pb()
ListenResponse = firestore.ListenResponse.pb()
PartitionQueryResponse = firestore.PartitionQueryResponse.pb()
RunAggregationQueryResponse = firestore.RunAggregationQueryResponse.pb()
RunQueryResponse = firestore.RunQueryResponse.pb()
TargetChange = firestore.TargetChange.pb()
WriteResponse = firestore.WriteResponse.pb()
