"""Every field of every request, and what becomes of it: nothing is ignored in silence.

Names are those of the messages of ``google.firestore.v1``, without the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core.supported import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping

USED: Mapping[str, str] = {
    "ArrayValue": "values",
    "BatchGetDocumentsRequest": "database documents mask transaction new_transaction read_time",
    "BatchWriteRequest": "database writes",
    "BeginTransactionRequest": "database options",
    "CommitRequest": "database writes transaction",
    "CreateDocumentRequest": "parent collection_id document_id document mask",
    "Cursor": "values before",
    "DeleteDocumentRequest": "name current_document",
    "Document": "name fields",
    "DocumentMask": "field_paths",
    "DocumentTransform": "document field_transforms",
    "DocumentTransform.FieldTransform": "field_path set_to_server_value increment maximum minimum "
    "append_missing_elements remove_all_from_array",
    "ExecutePipelineRequest": "database",
    "ExplainOptions": "analyze",
    "GetDocumentRequest": "name mask transaction read_time",
    "ListCollectionIdsRequest": "parent page_size page_token read_time",
    "ListDocumentsRequest": "parent collection_id page_size page_token order_by mask transaction "
    "read_time show_missing",
    "ListenRequest": "database add_target remove_target",
    "MapValue": "fields",
    "PartitionQueryRequest": "parent structured_query partition_count page_token page_size "
    "read_time",
    "Precondition": "exists update_time",
    "RollbackRequest": "database transaction",
    "RunAggregationQueryRequest": "parent structured_aggregation_query transaction new_transaction "
    "read_time explain_options",
    "RunQueryRequest": "parent structured_query transaction new_transaction read_time "
    "explain_options",
    "StructuredAggregationQuery": "structured_query aggregations",
    "StructuredAggregationQuery.Aggregation": "count sum avg alias",
    "StructuredAggregationQuery.Aggregation.Avg": "field",
    "StructuredAggregationQuery.Aggregation.Count": "up_to",
    "StructuredAggregationQuery.Aggregation.Sum": "field",
    "StructuredQuery": "select from where order_by start_at end_at offset limit find_nearest",
    "StructuredQuery.CollectionSelector": "collection_id all_descendants",
    "StructuredQuery.CompositeFilter": "op filters",
    "StructuredQuery.FieldFilter": "field op value",
    "StructuredQuery.FieldReference": "field_path",
    "StructuredQuery.Filter": "composite_filter field_filter unary_filter",
    "StructuredQuery.FindNearest": "vector_field query_vector distance_measure limit "
    "distance_result_field distance_threshold",
    "StructuredQuery.Order": "field direction",
    "StructuredQuery.Projection": "fields",
    "StructuredQuery.UnaryFilter": "op field",
    "Target": "query documents resume_token read_time target_id once",
    "Target.DocumentsTarget": "documents",
    "Target.QueryTarget": "parent structured_query",
    "TransactionOptions": "read_only read_write",
    "TransactionOptions.ReadOnly": "read_time",
    "TransactionOptions.ReadWrite": "retry_transaction concurrency_mode",
    "UpdateDocumentRequest": "document update_mask mask current_document",
    "Value": "null_value boolean_value integer_value double_value timestamp_value string_value "
    "bytes_value reference_value geo_point_value array_value map_value",
    "Write": "update delete transform update_mask update_transforms current_document",
    "WriteRequest": "database stream_id writes stream_token",
}
"""Fields that make a difference to what happens or is answered."""

WITHOUT_EFFECT: Mapping[str, str] = {
    "labels": "they are seen in Google's own monitoring alone",
    "request_options": "likewise",
    "create_time": "the server's own to say; in a request it counts for nothing",
    "update_time": "likewise, of a Document",
    "expected_count": "the count of a resumed target is always told",
}
"""Fields that change no answer in production either, with the reason."""

IN_PIPELINES: Mapping[str, str] = {
    "ExecutePipelineRequest": "structured_pipeline transaction new_transaction read_time "
    "auto_commit_transaction",
    "Value": "field_reference_value variable_reference_value function_value pipeline_value",
}
"""Fields that mean something for a pipeline alone: of a value INVALID_ARGUMENT, of the call
FAILED_PRECONDITION, as a database of the Standard edition has it in production.
"""

FIELDS = Fields("google.firestore.v1.", USED, IN_PIPELINES, WITHOUT_EFFECT)
