"""Whatever is malformed is refused with the service's code, and a message that names it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions

from tests.emulated import targets
from tests.emulated.pubsub.test_replay import snapshot
from tests.emulated.pubsub.test_schemas import TITLE, create, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.emulated.pubsub.conftest import Lab

INVALID, MISSING = "INVALID_ARGUMENT", "NOT_FOUND"


@dataclass(frozen=True)
class Bad:
    """One call that is refused.

    Attributes:
        call: The client's method.
        request: What it is given.
        says: What the message names.
        code: The status.
        differs: Whether Google's emulator takes it, or does not have the call.
    """

    call: str
    request: dict[str, Any]
    says: str
    code: str = INVALID
    differs: bool = False


def method(lab: Lab, name: str) -> Any:  # noqa: ANN401 - an untyped client's method
    """Return a client's method; of Publish the one that sends a request as it is."""
    if name == "publish":
        return lab.publisher._gapic_publish
    clients = (lab.subscriber, lab.publisher, lab.schemas)
    return next(getattr(client, name) for client in clients if hasattr(client, name))


async def refusal(lab: Lab, bad: Bad) -> tuple[str, str]:
    """Return the status and message that a call ends with."""
    try:
        answer = await asyncio.to_thread(method(lab, bad.call), request=bad.request)
    except exceptions.GoogleAPICallError as error:
        return str(error.grpc_status_code).removeprefix("StatusCode."), str(error.message)
    return "OK", str(answer)


async def check(lab: Lab, rows: Iterator[Bad], request: pytest.FixtureRequest) -> None:
    """Send every row; all that are not refused as they should be are told at once."""
    wrong = []
    target = targets.target(request.config)
    for row in rows:
        if row.differs and target == targets.GOOGLE:
            continue
        code, message = await refusal(lab, row)
        # The words are ours; the codes are everybody's.
        if code != row.code or (target == targets.OURS and row.says not in message):
            wrong.append((row, code, message))
    assert wrong == []


@pytest.fixture
async def lab(lab: Lab) -> Lab:
    """One of every kind of resource."""
    await lab.setup()
    await snapshot(lab)
    await create(lab, TITLE)
    return lab


OF_TOPICS = ("get_topic", "delete_topic", "list_topic_subscriptions", "list_topic_snapshots")
OF_SUBSCRIPTIONS: dict[str, dict[str, Any]] = {
    "get_subscription": {},
    "delete_subscription": {},
    "detach_subscription": {},
    "modify_push_config": {"push_config": {}},
    "pull": {"max_messages": 1},
    "acknowledge": {"ack_ids": ["1-1-1"]},
    "modify_ack_deadline": {"ack_ids": ["1-1-1"], "ack_deadline_seconds": 10},
    "seek": {"time": {"seconds": 5}},
}


def names(lab: Lab) -> Iterator[Bad]:
    """Names that are none, and names of nothing, for every call that takes one."""
    for lost, code in (("films", INVALID), ("", INVALID), ("lost", MISSING)):
        topic, subscription, kept, schema = (
            lab.name(kind, "lost") if lost == "lost" else lost
            for kind in ("topics", "subscriptions", "snapshots", "schemas")
        )
        says = "lost" if lost == "lost" else f"name={lost}"
        for call in OF_TOPICS:
            empty = call.startswith("list") and code == MISSING
            yield Bad(call, {"topic": topic}, says, code, differs=empty)
        yield Bad("publish", {"topic": topic, "messages": [{"data": b"x"}]}, says, code)
        change = {"topic": {"name": topic}, "update_mask": {"paths": ["labels"]}}
        yield Bad("update_topic", change, says, code, differs=True)
        for call, rest in OF_SUBSCRIPTIONS.items():
            request = {"subscription": subscription, **rest}
            yield Bad(call, request, says, code, differs=call.startswith("detach"))
        named = {"name": subscription}
        masked = {"subscription": named, "update_mask": {"paths": ["labels"]}}
        yield Bad("update_subscription", masked, says, code, differs=True)
        yield Bad("get_snapshot", {"snapshot": kept}, says, code)
        yield Bad("delete_snapshot", {"snapshot": kept}, says, code)
        masked = {"snapshot": {"name": kept}, "update_mask": {"paths": ["labels"]}}
        yield Bad("update_snapshot", masked, says, code, differs=True)
        yield Bad("get_schema", {"name": schema}, says, code)
        yield Bad("delete_schema", {"name": schema}, says, code)
        yield Bad("list_schema_revisions", {"name": schema}, says, code)
        commit = {"name": schema, "schema": record(TITLE)}
        yield Bad("commit_schema", commit, says, code)
        yield Bad("rollback_schema", {"name": schema, "revision_id": "aaaa1111"}, says, code)
        yield Bad(
            "delete_schema_revision", {"name": f"{schema}@aaaa1111"}, says, code, differs=True
        )


def new_names(lab: Lab) -> Iterator[Bad]:
    """Names that nothing can be given."""
    long = "a" * 256
    for word in ("1film", "ab", "goog-films", "a film", "film/one", long, "fïlm"):
        name = f"{lab.parent}/topics/{word}"
        yield Bad("create_topic", {"name": name}, "Invalid [topics] name")
        name = f"{lab.parent}/subscriptions/{word}"
        request = {"name": name, "topic": lab.topic}
        yield Bad("create_subscription", request, "Invalid [subscriptions] name")
        request = {"name": f"{lab.parent}/snapshots/{word}", "subscription": lab.subscription}
        yield Bad("create_snapshot", request, "Invalid [snapshots] name")
        request = {"parent": lab.parent, "schema_id": word, "schema": record(TITLE)}
        yield Bad("create_schema", request, "Invalid [schemas] name")
    for name in ("", "films", "projects//topics/films", lab.subscription):
        yield Bad("create_topic", {"name": name}, f"name={name}", differs="//" in name)
    new = lab.name("subscriptions", "new")
    yield Bad("create_subscription", {"name": new, "topic": "_deleted-topic_"}, "topics")
    yield Bad(
        "create_subscription", {"name": new, "topic": lab.name("topics", "lost")}, "lost", MISSING
    )
    yield Bad("create_topic", {"name": lab.topic}, "films", "ALREADY_EXISTS")
    again = {"name": lab.subscription, "topic": lab.topic}
    yield Bad("create_subscription", again, "viewer", "ALREADY_EXISTS")
    again = {"name": lab.snapshot, "subscription": lab.subscription}
    yield Bad("create_snapshot", again, "before", "ALREADY_EXISTS")


def pages(lab: Lab) -> Iterator[Bad]:
    """Projects, sizes and tokens of every list."""
    lists = {
        "list_topics": {"project": lab.parent},
        "list_subscriptions": {"project": lab.parent},
        "list_snapshots": {"project": lab.parent},
        "list_schemas": {"parent": lab.parent},
        "list_schema_revisions": {"name": lab.schema},
        "list_topic_subscriptions": {"topic": lab.topic},
        "list_topic_snapshots": {"topic": lab.topic},
    }
    for call, request in lists.items():
        yield Bad(call, {**request, "page_size": -1}, "page_size", differs=True)
        yield Bad(call, {**request, "page_token": "none such"}, "page_token", differs=True)
        [field] = request
        if field in {"project", "parent"}:
            for name in ("", "p", "projects/", f"{lab.parent}/topics"):
                yield Bad(call, {field: name}, f"name={name}", differs=True)


def masks(lab: Lab) -> Iterator[Bad]:
    """Masks that are empty, name no field, name one that stays, lead into a map."""
    resources = {
        "topic": ("update_topic", lab.topic, ("name", "state", "satisfies_pzs")),
        "subscription": (
            "update_subscription",
            lab.subscription,
            ("name", "topic", "filter", "enable_message_ordering", "detached", "state"),
        ),
        "snapshot": ("update_snapshot", lab.snapshot, ("name", "topic")),
    }
    for field, (call, name, fixed) in resources.items():
        differs = field == "snapshot"
        paths = ["", "nothing", "labels.a", "Labels", *fixed]
        for path in paths:
            mask = {"paths": [path] if path else []}
            request = {field: {"name": name, "labels": {"a": "b"}}, "update_mask": mask}
            yield Bad(call, request, path or "update_mask", differs=differs)
    for path in ("ack_deadline_seconds.x", "push_config.nothing", "retry_policy.minimum_backoff.x"):
        masked = {"subscription": {"name": lab.subscription}, "update_mask": {"paths": [path]}}
        yield Bad("update_subscription", masked, path)


def topics(lab: Lab) -> Iterator[Bad]:
    """Values of topics."""
    schema = {"schema": lab.schema, "encoding": "JSON"}
    values: list[tuple[dict[str, Any], str, bool]] = [
        ({"message_retention_duration": {"seconds": 599}}, "message_retention_duration", False),
        ({"message_retention_duration": {"seconds": 32 * 86400}}, "retention", False),
        ({"labels": {"A": "b"}}, "labels[A]", True),
        ({"labels": {"1": "b"}}, "labels[1]", True),
        ({"labels": {"": "b"}}, "labels[]", True),
        ({"labels": {"a": "B"}}, "labels[a]", True),
        ({"labels": {"a" * 64: "b"}}, "labels[", True),
        ({"labels": {"a": "b" * 64}}, "labels[a]", True),
        ({"labels": {f"k{n}": "v" for n in range(65)}}, "labels", True),
        ({"message_storage_policy": {"allowed_persistence_regions": ["mars"]}}, "mars", True),
        ({"message_storage_policy": {"enforce_in_transit": True}}, "regions", True),
        ({"schema_settings": {"schema": "film", "encoding": "JSON"}}, "schemas", True),
        ({"schema_settings": {"schema": lab.schema}}, "encoding", False),
        ({"schema_settings": {"encoding": "JSON"}}, "schemas", False),
    ]
    for value, says, differs in values:
        yield Bad(
            "create_topic", {"name": lab.name("topics", "new"), **value}, says, differs=differs
        )
    for revision in ("first_revision_id", "last_revision_id"):
        settings = {"schema_settings": {**schema, revision: "lost"}}
        request = {"name": lab.name("topics", "new"), **settings}
        yield Bad("create_topic", request, "@lost", MISSING)


def subscriptions(lab: Lab) -> Iterator[Bad]:
    """Values of subscriptions."""
    push = {"push_endpoint": "https://example.com/push"}
    dead = {"dead_letter_topic": lab.topic}
    values: list[tuple[dict[str, Any], str]] = [
        ({"ack_deadline_seconds": 9}, "ack_deadline_seconds"),
        ({"ack_deadline_seconds": 601}, "ack_deadline_seconds"),
        ({"ack_deadline_seconds": -1}, "ack_deadline_seconds"),
        ({"message_retention_duration": {"seconds": 599}}, "message_retention_duration"),
        ({"message_retention_duration": {"seconds": 32 * 86400}}, "message_retention_duration"),
        ({"expiration_policy": {"ttl": {"seconds": 86399}}}, "expiration_policy.ttl"),
        ({"filter": "x" * 257}, "filter"),
        ({"filter": "attributes.a"}, "filter"),
        ({"filter": "attributes:a AND attributes:b OR attributes:c"}, "OR"),
        ({"filter": "hasPrefix(attributes.a)"}, "hasPrefix(attributes.a)"),
        ({"filter": 'attributes.a = "b'}, "filter"),
        ({"dead_letter_policy": {"dead_letter_topic": "films"}}, "name=films"),
        ({"dead_letter_policy": {**dead, "max_delivery_attempts": 4}}, "max_delivery_attempts"),
        ({"dead_letter_policy": {**dead, "max_delivery_attempts": 101}}, "max_delivery_attempts"),
        ({"retry_policy": {"minimum_backoff": {"seconds": 601}}}, "minimum_backoff"),
        ({"retry_policy": {"maximum_backoff": {"seconds": 601}}}, "maximum_backoff"),
        ({"retry_policy": {"minimum_backoff": {"seconds": -1}}}, "minimum_backoff"),
        ({"push_config": {"push_endpoint": "ftp://example.com"}}, "endpoint=ftp"),
        ({"push_config": {"push_endpoint": "https://"}}, "endpoint=https"),
        ({"push_config": {"push_endpoint": "https://[1"}}, "endpoint=https"),
        ({"push_config": {**push, "attributes": {"color": "red"}}}, "attributes[color]"),
        ({"push_config": {**push, "oidc_token": {"audience": "a"}}}, "service_account_email"),
        ({"push_config": push, "enable_exactly_once_delivery": True}, "push_config"),
        ({"labels": {"A": "b"}}, "labels[A]"),
    ]
    for value, says in values:
        request = {"name": lab.name("subscriptions", "new"), "topic": lab.topic, **value}
        yield Bad("create_subscription", request, says, differs=True)
    new = {"name": lab.name("snapshots", "new"), "subscription": lab.subscription}
    yield Bad("create_snapshot", {**new, "labels": {"A": "b"}}, "labels[A]", differs=True)
    past = {"name": lab.snapshot, "expire_time": {"seconds": 5}}
    masked = {"snapshot": past, "update_mask": {"paths": ["expire_time"]}}
    yield Bad("update_snapshot", masked, "expire_time", differs=True)


def messages(lab: Lab) -> Iterator[Bad]:
    """What is published, pulled and answered."""
    given: list[tuple[list[dict[str, Any]], str, bool]] = [
        ([], "0 in the request", False),
        ([{}], "empty", False),
        ([{"ordering_key": "k"}], "empty", False),
        ([{"data": b"x"}] * 1001, "1001", False),
        ([{"data": b"x" * 10_000_001}], "10000000 bytes", True),
        ([{"data": b"x", "attributes": {"": "v"}}], "attributes[]", True),
        ([{"data": b"x", "attributes": {"google": "v"}}], "attributes[google]", True),
        ([{"data": b"x", "attributes": {"a" * 257: "v"}}], "256 bytes", True),
        ([{"data": b"x", "attributes": {"a": "v" * 1025}}], "attributes[a]", True),
        ([{"data": b"x", "attributes": {f"k{n}": "v" for n in range(101)}}], "100", True),
        ([{"data": b"x", "ordering_key": "k" * 1025}], "ordering_key", True),
    ]
    for content, says, differs in given:
        request = {"topic": lab.topic, "messages": content}
        yield Bad("publish", request, says, differs=differs)
    of = {"subscription": lab.subscription}
    for number in (0, -1):
        yield Bad("pull", {**of, "max_messages": number}, "max_messages", differs=number < 0)
    for ids in ([], [""], ["junk"], ["1-1"], ["1-1-1", "x" * 3000]):
        says = f"ack_id={ids[-1]}" if ids else "ack_ids"
        yield Bad("acknowledge", {**of, "ack_ids": ids}, says)
        modify = {**of, "ack_ids": ids, "ack_deadline_seconds": 10}
        yield Bad("modify_ack_deadline", modify, says)
    for seconds in (-1, 601):
        modify = {**of, "ack_ids": ["1-1-1"], "ack_deadline_seconds": seconds}
        yield Bad("modify_ack_deadline", modify, "ack_deadline_seconds")
    yield Bad("seek", of, "target")
    yield Bad("seek", {**of, "time": {"seconds": -(10**11)}}, "time")
    yield Bad("seek", {**of, "snapshot": "before"}, "name=before")


def schemas(lab: Lab) -> Iterator[Bad]:
    """Definitions, revisions and messages of schemas."""
    avro = record(TITLE)
    other = {"type_": "PROTOCOL_BUFFER", "definition": "message Film {}"}
    for schema, says in (
        ({}, "schema type"),
        ({"definition": "x"}, "schema type"),
        ({"type_": "AVRO"}, "definition"),
        ({"type_": "AVRO", "definition": " " * 300_001}, "300000 bytes"),
        ({"type_": 77, "definition": "x"}, "schema type"),
    ):
        given = {"parent": lab.parent, "schema": schema}
        yield Bad("validate_schema", given, says)
        yield Bad("create_schema", {**given, "schema_id": "new"}, says)
        yield Bad("commit_schema", {"name": lab.schema, "schema": schema}, says)
    yield Bad("commit_schema", {"name": lab.schema, "schema": other}, "type", differs=True)
    named = {**avro, "name": f"{lab.schema}2"}
    yield Bad("commit_schema", {"name": lab.schema, "schema": named}, "schema.name", differs=True)
    for call in ("delete_schema", "list_schema_revisions", "commit_schema", "rollback_schema"):
        revision = {"name": f"{lab.schema}@aaaa1111"}
        more = {"commit_schema": {"schema": avro}, "rollback_schema": {"revision_id": "a"}}
        yield Bad(call, {**revision, **more.get(call, {})}, "name=")
    yield Bad("rollback_schema", {"name": lab.schema}, "revision_id")
    yield Bad("get_schema", {"name": f"{lab.schema}@aaaa1111"}, "@aaaa1111", MISSING)
    message = {"parent": lab.parent, "name": lab.schema, "message": b"{}", "encoding": "JSON"}
    yield Bad("validate_message", {**message, "encoding": 0}, "encoding")
    yield Bad("validate_message", {**message, "encoding": 9}, "encoding")
    yield Bad("validate_message", {**message, "message": b"x"}, "JSON")
    yield Bad("validate_message", message, "title")
    yield Bad("validate_message", {**message, "name": "film"}, "name=film")
    nowhere: dict[str, Any] = {"parent": "p", "schema": avro}
    yield Bad("validate_schema", nowhere, "name=p", differs=True)
    yield Bad("create_schema", {**nowhere, "schema_id": "new"}, "name=p")


def policies(lab: Lab) -> Iterator[Bad]:
    """Resources, roles, members and permissions."""
    for resource in ("", "films", lab.parent, f"{lab.parent}/things/film"):
        named = {"resource": resource}
        yield Bad("get_iam_policy", named, f"name={resource}")
        yield Bad("set_iam_policy", {**named, "policy": {}}, f"name={resource}")
        asked = {**named, "permissions": ["pubsub.topics.get"]}
        yield Bad("test_iam_permissions", asked, f"name={resource}")
    lost = {"resource": lab.name("topics", "lost")}
    yield Bad("get_iam_policy", lost, "lost", MISSING, differs=True)
    yield Bad("set_iam_policy", {**lost, "policy": {}}, "lost", MISSING, differs=True)
    others = ("pubsub.subscriptions.get", "pubsub.topics", "storage.buckets.get")
    for permission in ("", "*", "pubsub.topics.*", *others):
        asked = {"resource": lab.topic, "permissions": [permission]}
        yield Bad("test_iam_permissions", asked, f"Permission {permission}", differs=True)


@pytest.mark.parametrize(
    "rows",
    [names, new_names, pages, masks, topics, subscriptions, messages, schemas, policies],
)
async def test_malformed_requests_are_refused_by_the_name_of_what_is_wrong(
    lab: Lab,
    rows: Callable[[Lab], Iterator[Bad]],
    request: pytest.FixtureRequest,
) -> None:
    await check(lab, rows(lab), request)
