"""Every field that is not supported is refused by its name, over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
import pytest_asyncio
from google.iam.v1 import iam_policy_pb2
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.schema_service.transports.grpc import SchemaServiceGrpcTransport
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport

from emulators.core.methods import Method, methods
from emulators.pubsub.service import endpoint
from emulators.pubsub.supported import FIELDS, POLICIES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from emulators.core.methods import Proto
    from tests.emulated.conftest import Laboratory

    Send = Callable[[str, Any], Awaitable[Proto]]

pytestmark = pytest.mark.ours("is of what our emulator does not support")

CALLS: dict[str, Method] = {
    **methods(PublisherGrpcTransport),
    **methods(SubscriberGrpcTransport),
    **methods(SchemaServiceGrpcTransport),
}
TOPIC, SUBSCRIPTION, SCHEMA = (
    f"projects/p/{kind}/one" for kind in ("topics", "subscriptions", "schemas")
)
AVRO = {"type_": 2, "definition": '{"type": "record", "name": "r", "fields": []}'}
# Of each message, the calls that carry it: request, and the field of it that holds the message.
CARRIED: dict[str, list[tuple[str, str]]] = {
    "CreateSnapshotRequest": [("CreateSnapshot", "")],
    "DeleteSchemaRevisionRequest": [("DeleteSchemaRevision", "")],
    "Schema": [
        ("CreateSchema", "schema"),
        ("CommitSchema", "schema"),
        ("ValidateSchema", "schema"),
        ("ValidateMessage", "schema"),
    ],
    "Subscription": [("CreateSubscription", ""), ("UpdateSubscription", "subscription")],
    "Topic": [("CreateTopic", ""), ("UpdateTopic", "topic")],
}
GIVEN: dict[str, dict[str, Any]] = {
    "CreateSnapshot": {"name": "projects/p/snapshots/two", "subscription": SUBSCRIPTION},
    "DeleteSchemaRevision": {"name": SCHEMA},
    "CreateSchema": {"parent": "projects/p", "schema_id": "two", "schema": AVRO},
    "CommitSchema": {"name": SCHEMA, "schema": AVRO},
    "ValidateSchema": {"parent": "projects/p", "schema": AVRO},
    "ValidateMessage": {"parent": "projects/p", "schema": AVRO, "encoding": 1},
    "CreateSubscription": {"name": "projects/p/subscriptions/two", "topic": TOPIC},
    "UpdateSubscription": {"subscription": {"name": SUBSCRIPTION}},
    "CreateTopic": {"name": "projects/p/topics/two"},
    "UpdateTopic": {"topic": {"name": TOPIC}},
}
CASES = [
    (message, name, call, place)
    for message, names in FIELDS.refused.items()
    for name in names.split()
    for call, place in CARRIED[message]
]


@pytest_asyncio.fixture
async def send(serve_emulator: Laboratory) -> AsyncIterator[Send]:
    """Send a raw request; a topic, a subscription and a schema are there."""
    emulator = await serve_emulator(endpoint)
    async with grpc.aio.insecure_channel(emulator.address) as channel:

        async def send(name: str, request: Proto) -> Proto:
            method = CALLS[name]
            call: Any = channel.unary_unary(
                method.path, type(request).SerializeToString, method.response.FromString
            )
            return await call(request)

        await send("CreateTopic", CALLS["CreateTopic"].request(name=TOPIC))
        subscription = CALLS["CreateSubscription"].request(name=SUBSCRIPTION, topic=TOPIC)
        await send("CreateSubscription", subscription)
        schema = CALLS["CreateSchema"].request(parent="projects/p", schema_id="one", schema=AVRO)
        await send("CreateSchema", schema)
        yield send


def fill(message: Proto, name: str) -> None:
    """Set one field to something, whatever its kind."""
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        getattr(message, name)["tagKeys/1"] = "tagValues/1"
    elif field.is_repeated:
        getattr(message, name).add()
    elif field.message_type is not None:
        getattr(message, name).SetInParent()
    else:
        setattr(message, name, "something")


@pytest.mark.parametrize(("message", "name", "call", "place"), CASES)
async def test_a_field_that_is_not_supported_is_refused_by_name(
    send: Send, message: str, name: str, call: str, place: str
) -> None:
    request = CALLS[call].request(**GIVEN[call])
    fill(getattr(request, place) if place else request, name)
    if call.startswith("Update"):
        request.update_mask.paths.append(name)

    with pytest.raises(grpc.aio.AioRpcError, match=name) as refused:
        await send(call, request)

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert f"{message}.{name}" in (refused.value.details() or "")


async def test_what_is_refused_of_policies_is_refused_by_name(send: Send) -> None:
    request = iam_policy_pb2.SetIamPolicyRequest(resource=TOPIC)
    request.policy.audit_configs.add(service="allServices")
    assert POLICIES.refused == {"Policy": "audit_configs"}

    with pytest.raises(grpc.aio.AioRpcError, match=r"Policy\.audit_configs") as refused:
        await send("SetIamPolicy", request)

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_messages_are_pushed_in_the_form_of_today_alone(send: Send) -> None:
    request = CALLS["ModifyPushConfig"].request(subscription=SUBSCRIPTION)
    request.push_config.attributes["x-goog-version"] = "v1"
    await send("ModifyPushConfig", request)
    request.push_config.attributes["x-goog-version"] = "v1beta1"

    with pytest.raises(grpc.aio.AioRpcError, match="x-goog-version") as refused:
        await send("ModifyPushConfig", request)

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("call", "content", "says"),
    [
        ("ValidateSchema", {"parent": "p", "schema": AVRO}, "name=p"),
        ("ValidateMessage", {"parent": "p", "schema": AVRO, "encoding": 1}, "name=p"),
        ("DeleteSchemaRevision", {"name": SCHEMA}, "revision"),
    ],
)
async def test_a_malformed_request_is_invalid(
    send: Send, call: str, content: dict[str, Any], says: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match=says) as refused:
        await send(call, CALLS[call].request(**content))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_what_the_server_says_is_not_taken_from_a_request(send: Send) -> None:
    request = CALLS["CreateTopic"].request(name="projects/p/topics/two", satisfies_pzs=True)
    made = await send("CreateTopic", request)
    policy = iam_policy_pb2.GetIamPolicyRequest(resource=TOPIC)
    policy.options.requested_policy_version = 2

    assert not made.satisfies_pzs
    with pytest.raises(grpc.aio.AioRpcError, match="requested_policy_version"):
        await send("GetIamPolicy", policy)
