"""Raw message classes of Pub/Sub; the client package's wrappers cost microseconds per attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core.client_types import types_of

if TYPE_CHECKING:
    from emulators.core.methods import Proto

_types: Proto = types_of("google.pubsub_v1")

Topic: Proto = _types.Topic.pb()
Subscription: Proto = _types.Subscription.pb()
Snapshot: Proto = _types.Snapshot.pb()
PubsubMessage: Proto = _types.PubsubMessage.pb()
ReceivedMessage: Proto = _types.ReceivedMessage.pb()
PublishResponse: Proto = _types.PublishResponse.pb()
PullResponse: Proto = _types.PullResponse.pb()
StreamingPullResponse: Proto = _types.StreamingPullResponse.pb()
ListTopicsResponse: Proto = _types.ListTopicsResponse.pb()
ListTopicSubscriptionsResponse: Proto = _types.ListTopicSubscriptionsResponse.pb()
ListSubscriptionsResponse: Proto = _types.ListSubscriptionsResponse.pb()
ListSnapshotsResponse: Proto = _types.ListSnapshotsResponse.pb()
ListTopicSnapshotsResponse: Proto = _types.ListTopicSnapshotsResponse.pb()
SeekResponse: Proto = _types.SeekResponse.pb()
DetachSubscriptionResponse: Proto = _types.DetachSubscriptionResponse.pb()
Schema: Proto = _types.Schema.pb()
ListSchemasResponse: Proto = _types.ListSchemasResponse.pb()
ListSchemaRevisionsResponse: Proto = _types.ListSchemaRevisionsResponse.pb()
ValidateSchemaResponse: Proto = _types.ValidateSchemaResponse.pb()
ValidateMessageResponse: Proto = _types.ValidateMessageResponse.pb()
AVRO, PROTOCOL_BUFFER = int(_types.Schema.Type.AVRO), int(_types.Schema.Type.PROTOCOL_BUFFER)
BASIC, FULL = int(_types.SchemaView.BASIC), int(_types.SchemaView.FULL)
"""Views of a schema."""
