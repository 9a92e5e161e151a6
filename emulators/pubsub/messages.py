"""Raw message classes of Pub/Sub; the client package's wrappers cost microseconds per attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.pubsub_v1.types import pubsub, schema

if TYPE_CHECKING:
    from emulators.core.methods import Proto

Topic: Proto = pubsub.Topic.pb()
Subscription: Proto = pubsub.Subscription.pb()
Snapshot: Proto = pubsub.Snapshot.pb()
PubsubMessage: Proto = pubsub.PubsubMessage.pb()
ReceivedMessage: Proto = pubsub.ReceivedMessage.pb()
PublishResponse: Proto = pubsub.PublishResponse.pb()
PullResponse: Proto = pubsub.PullResponse.pb()
StreamingPullResponse: Proto = pubsub.StreamingPullResponse.pb()
ListTopicsResponse: Proto = pubsub.ListTopicsResponse.pb()
ListTopicSubscriptionsResponse: Proto = pubsub.ListTopicSubscriptionsResponse.pb()
ListSubscriptionsResponse: Proto = pubsub.ListSubscriptionsResponse.pb()
ListSnapshotsResponse: Proto = pubsub.ListSnapshotsResponse.pb()
ListTopicSnapshotsResponse: Proto = pubsub.ListTopicSnapshotsResponse.pb()
SeekResponse: Proto = pubsub.SeekResponse.pb()
DetachSubscriptionResponse: Proto = pubsub.DetachSubscriptionResponse.pb()
Schema: Proto = schema.Schema.pb()
ListSchemasResponse: Proto = schema.ListSchemasResponse.pb()
ListSchemaRevisionsResponse: Proto = schema.ListSchemaRevisionsResponse.pb()
ValidateSchemaResponse: Proto = schema.ValidateSchemaResponse.pb()
ValidateMessageResponse: Proto = schema.ValidateMessageResponse.pb()
