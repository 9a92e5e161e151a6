"""Every field of every request of the admin service, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.core.supported import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.core.methods import Proto

USED: Mapping[str, str] = {
    "BulkDeleteDocumentsRequest": "name collection_ids namespace_ids",
    "CreateDatabaseRequest": "parent database database_id",
    "CreateIndexRequest": "parent index",
    "Database": "name location_id type concurrency_mode point_in_time_recovery_enablement "
    "app_engine_integration_mode delete_protection_state etag database_edition "
    "realtime_updates_mode firestore_data_access_mode mongodb_compatible_data_access_mode "
    "cmek_config",
    "DeleteDatabaseRequest": "name etag",
    "DeleteIndexRequest": "name",
    "Field": "name index_config ttl_config",
    "Field.IndexConfig": "indexes",
    "Field.TtlConfig": "expiration_offset",
    "GetDatabaseRequest": "name",
    "GetFieldRequest": "name",
    "GetIndexRequest": "name",
    "Index": "query_scope api_scope fields density",
    "Index.IndexField": "field_path order array_config vector_config",
    "Index.IndexField.VectorConfig": "dimension flat",
    "ListDatabasesRequest": "parent show_deleted",
    "ListFieldsRequest": "parent filter page_size page_token",
    "ListIndexesRequest": "parent page_size page_token",
    "UpdateDatabaseRequest": "database update_mask",
    "UpdateFieldRequest": "field update_mask",
}
"""Fields that make a difference to what happens or is answered."""

OUTPUT_ONLY: Mapping[str, str] = {
    f"{message}.{name}": "the server's own to say; in a request it counts for nothing"
    for message, names in (
        (
            "Database",
            (
                "uid create_time update_time delete_time version_retention_period "
                "earliest_version_time key_prefix previous_id source_info free_tier"
            ),
        ),
        ("Database.CmekConfig", "active_key_version"),
        ("Field.IndexConfig", "uses_ancestor_config ancestor_field reverting"),
        ("Field.TtlConfig", "state"),
        ("Index", "name state"),
    )
    for name in names.split()
}
"""Fields that change nothing in production either."""

REFUSED: Mapping[str, str] = {
    "Database": "tags",
    "Database.CmekConfig": "kms_key_name",
    "Index": "multikey shard_count unique search_index_options",
    "Index.IndexField": "search_config",
    "ListIndexesRequest": "filter",
}
"""Fields that are answered with UNIMPLEMENTED and their names."""

VALUES: Mapping[str, frozenset[int]] = {
    "Database.type": frozenset({0, 1}),
    "Database.concurrency_mode": frozenset({0, 1, 2}),
    "Database.point_in_time_recovery_enablement": frozenset({0, 2}),
    "Database.app_engine_integration_mode": frozenset({0, 2}),
    "Database.database_edition": frozenset({0, 1}),
    "Database.realtime_updates_mode": frozenset({0, 1}),
    "Database.firestore_data_access_mode": frozenset({0, 1}),
    "Database.mongodb_compatible_data_access_mode": frozenset({0, 2}),
    "Index.api_scope": frozenset({0}),
    "Index.density": frozenset({0, 1}),
    "Index.query_scope": frozenset({0, 1, 2}),
}
"""Of enumerations the numbers that are supported; others are UNIMPLEMENTED by field and name."""


ADMIN = Fields("google.firestore.admin.v1.", USED, REFUSED, OUTPUT_ONLY)
OPERATIONS = Fields(
    "google.longrunning.",
    {
        "CancelOperationRequest": "name",
        "DeleteOperationRequest": "name",
        "GetOperationRequest": "name",
        "ListOperationsRequest": "name page_size page_token",
    },
    {"ListOperationsRequest": "filter return_partial_success"},
)


def check(message: Proto) -> None:
    """Refuse a request of the admin service in which something, at any depth, is not supported.

    Raises:
        EmulatorError: UNIMPLEMENTED, naming the field.
    """
    ADMIN.refuse(message)
    name = ADMIN.short(message.DESCRIPTOR)
    for field, value in message.ListFields():
        said = f"{name}.{field.name.rstrip('_')}"
        if said in VALUES and value not in VALUES[said]:
            known = field.enum_type.values_by_number.get(value)
            raise errors.unimplemented(
                f"{said} {known.name if known else value} is not supported here"
            )
        if field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for each in value if field.is_repeated else [value]:
                check(each)
