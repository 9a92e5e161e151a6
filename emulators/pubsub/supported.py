"""Every field of every request of ``google.pubsub.v1``, and what becomes of it."""

from __future__ import annotations

from emulators.core.supported import Fields

_OWN = "the server's own to say"
_PAGES = "page_size page_token"

FIELDS = Fields(
    "google.pubsub.v1.",
    used={
        "AcknowledgeRequest": "subscription ack_ids",
        "CommitSchemaRequest": "name schema",
        "CreateSchemaRequest": "parent schema schema_id",
        "CreateSnapshotRequest": "name subscription labels",
        "DeadLetterPolicy": "dead_letter_topic max_delivery_attempts",
        "DeleteSchemaRequest": "name",
        "DeleteSchemaRevisionRequest": "name",
        "DeleteSnapshotRequest": "snapshot",
        "DeleteSubscriptionRequest": "subscription",
        "DeleteTopicRequest": "topic",
        "DetachSubscriptionRequest": "subscription",
        "ExpirationPolicy": "ttl",
        "GetSchemaRequest": "name view",
        "GetSnapshotRequest": "snapshot",
        "GetSubscriptionRequest": "subscription",
        "GetTopicRequest": "topic",
        "ListSchemaRevisionsRequest": f"name view {_PAGES}",
        "ListSchemasRequest": f"parent view {_PAGES}",
        "ListSnapshotsRequest": f"project {_PAGES}",
        "ListSubscriptionsRequest": f"project {_PAGES}",
        "ListTopicSnapshotsRequest": f"topic {_PAGES}",
        "ListTopicSubscriptionsRequest": f"topic {_PAGES}",
        "ListTopicsRequest": f"project {_PAGES}",
        "MessageStoragePolicy": "allowed_persistence_regions enforce_in_transit",
        "ModifyAckDeadlineRequest": "subscription ack_ids ack_deadline_seconds",
        "ModifyPushConfigRequest": "subscription push_config",
        "PublishRequest": "topic messages",
        "PubsubMessage": "data attributes ordering_key",
        "PullRequest": "subscription return_immediately max_messages",
        "PushConfig": "push_endpoint attributes oidc_token pubsub_wrapper no_wrapper",
        "PushConfig.NoWrapper": "write_metadata",
        "PushConfig.OidcToken": "service_account_email audience",
        "RetryPolicy": "minimum_backoff maximum_backoff",
        "RollbackSchemaRequest": "name revision_id",
        "Schema": "type definition",
        "SchemaSettings": "schema encoding first_revision_id last_revision_id",
        "SeekRequest": "subscription time snapshot",
        "Snapshot": "name expire_time labels",
        "StreamingPullRequest": "subscription ack_ids modify_deadline_seconds "
        "modify_deadline_ack_ids stream_ack_deadline_seconds max_outstanding_messages "
        "max_outstanding_bytes",
        "Subscription": "name topic push_config ack_deadline_seconds retain_acked_messages "
        "message_retention_duration labels enable_message_ordering expiration_policy filter "
        "dead_letter_policy retry_policy enable_exactly_once_delivery",
        "Topic": "name labels message_storage_policy schema_settings message_retention_duration",
        "UpdateSnapshotRequest": "snapshot update_mask",
        "UpdateSubscriptionRequest": "subscription update_mask",
        "UpdateTopicRequest": "topic update_mask",
        "ValidateMessageRequest": "parent name schema message encoding",
        "ValidateSchemaRequest": "parent schema",
    },
    refused={
        "CreateSnapshotRequest": "tags",
        "DeleteSchemaRevisionRequest": "revision_id",
        "Schema": "compiled_proto_schema",
        "Subscription": "analytics_hub_subscription_info bigquery_config bigtable_config "
        "cloud_storage_config message_transforms tags",
        "Topic": "ingestion_data_source_settings kms_key_name message_transforms tags",
    },
    without_effect={
        "PubsubMessage.message_id": _OWN,
        "PubsubMessage.publish_time": _OWN,
        "Schema.name": "the request's own name or id counts",
        "Schema.revision_create_time": _OWN,
        "Schema.revision_id": _OWN,
        "Snapshot.topic": "no mask may name it",
        "StreamingPullRequest.client_id": "every stream may have every ordering key",
        "StreamingPullRequest.protocol_version": "says what a client understands",
        "Subscription.detached": _OWN,
        "Subscription.state": _OWN,
        "Subscription.topic_message_retention_duration": _OWN,
        "Topic.satisfies_pzs": _OWN,
        "Topic.state": _OWN,
    },
)
"""Storage policies are checked, kept and answered; there is one place."""

POLICIES = Fields(
    "google.iam.v1.",
    used={
        "Binding": "role members condition",
        "GetIamPolicyRequest": "resource options",
        "GetPolicyOptions": "requested_policy_version",
        "Policy": "version bindings etag",
        "SetIamPolicyRequest": "resource policy update_mask",
        "TestIamPermissionsRequest": "resource permissions",
    },
    refused={"Policy": "audit_configs"},
)
"""Those of the service mixed in, for topics, subscriptions, snapshots and schemas."""
