"""Topics and subscriptions: configuration, errors, REST, restarts."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from google.api_core import exceptions

from emulators.core.faults import Rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulators.core.methods import Proto
    from tests.emulated.pubsub.conftest import Lab


async def request(lab: Lab, method: str, path: str, body: Proto = None) -> tuple[int, Any]:
    url = f"http://{lab.address}/v1/{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, json=body) as reply,
    ):
        return reply.status, await reply.json()


@pytest.mark.ours("begins again with its journal")
async def test_unacknowledged_messages_outlive_the_process(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    before: Lab = await start(journal=tmp_path / "emulators.sqlite")
    await before.setup(enable_message_ordering=True)
    await before.publish("Heat", "Ronin", "Thief", key="k", studio="x")
    heat, _ronin, _thief = await before.pull()
    await before.acknowledge(heat)

    # A second reader of the file sees what a process started after a kill would see.
    after: Lab = await start(journal=tmp_path / "emulators.sqlite")
    received = await after.pull()

    assert [r.message.data for r in received] == [b"Ronin", b"Thief"]
    assert dict(received[0].message.attributes) == {"studio": "x"}


@pytest.mark.ours("begins again with its journal")
async def test_delivery_attempts_outlive_the_process(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    before: Lab = await start(journal=tmp_path / "emulators.sqlite")
    await before.setup(dead_letter_policy={"dead_letter_topic": before.topic})
    await before.publish("Heat")
    await before.nack(*await before.pull())
    await before.emulator.context.journal.commit()

    after: Lab = await start(journal=tmp_path / "emulators.sqlite")

    assert [r.delivery_attempt for r in await after.pull()] == [2]


@pytest.mark.local("is REST without TLS")
async def test_rest_publishes_and_pulls_what_grpc_does(lab: Lab) -> None:
    await lab.setup()
    body = {"messages": [{"data": base64.b64encode(b"Heat").decode(), "attributes": {"a": "b"}}]}

    status, published = await request(lab, "POST", f"{lab.topic}:publish", body)
    _, pulled = await request(lab, "POST", f"{lab.subscription}:pull", {"maxMessages": 5})

    [received] = pulled["receivedMessages"]
    assert (status, published["messageIds"]) == (200, [received["message"]["messageId"]])
    assert base64.b64decode(received["message"]["data"]) == b"Heat"
    assert received["message"]["attributes"] == {"a": "b"}


@pytest.mark.local("is REST without TLS")
async def test_rest_creates_and_lists_by_page(lab: Lab) -> None:
    for name in ("one", "two", "three"):
        assert (await request(lab, "PUT", lab.name("topics", name), {}))[0] == 200

    _, first = await request(lab, "GET", f"{lab.parent}/topics?pageSize=2")
    next_page = f"{lab.parent}/topics?pageToken={first['nextPageToken']}"
    _, second = await request(lab, "GET", next_page)

    names = [t["name"].rpartition("/")[2] for t in first["topics"] + second["topics"]]
    assert names == ["one", "three", "two"]
    assert "nextPageToken" not in second


@pytest.mark.differs("has words of its own")
async def test_errors_carry_the_codes_and_words_of_the_service(lab: Lab) -> None:
    await lab.setup()
    get, create = lab.publisher.get_topic, lab.publisher.create_topic

    with pytest.raises(exceptions.NotFound, match=r"Resource not found \(resource=lost\)"):
        await asyncio.to_thread(get, topic=lab.name("topics", "lost"))
    with pytest.raises(exceptions.AlreadyExists, match="Resource already exists"):
        await asyncio.to_thread(create, name=lab.topic)
    with pytest.raises(exceptions.InvalidArgument, match="Invalid \\[topics\\] name"):
        await asyncio.to_thread(create, name=lab.name("topics", "1"))
    with pytest.raises(exceptions.InvalidArgument, match="is empty"):
        await lab.publish("")


@pytest.mark.differs("takes fields that it does not act on")
@pytest.mark.parametrize(
    "field",
    [
        {"bigquery_config": {"table": "p.films.all"}},
        {"bigtable_config": {"table": "projects/p/instances/i/tables/t"}},
        {"cloud_storage_config": {"bucket": "films"}},
        {"message_transforms": [{"disabled": True}]},
        {"tags": {"a": "b"}},
    ],
)
async def test_subscription_field_that_is_not_supported_is_named(lab: Lab, field: Proto) -> None:
    with pytest.raises(
        exceptions.MethodNotImplemented, match=rf"Subscription\.{next(iter(field))}"
    ):
        await lab.setup(**field)


@pytest.mark.differs("takes fields that it does not act on")
@pytest.mark.parametrize(
    "field",
    [
        {"ingestion_data_source_settings": {"aws_kinesis": {"stream_arn": "a"}}},
        {"kms_key_name": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
        {"message_transforms": [{"disabled": True}]},
        {"tags": {"a": "b"}},
    ],
)
async def test_topic_field_that_is_not_supported_is_named(lab: Lab, field: Proto) -> None:
    wanted = {"name": lab.topic, **field}

    with pytest.raises(exceptions.MethodNotImplemented, match=rf"Topic\.{next(iter(field))}"):
        await asyncio.to_thread(lab.publisher.create_topic, request=wanted)


@pytest.mark.differs("has words of its own")
async def test_update_changes_what_the_mask_names_and_nothing_else(lab: Lab) -> None:
    await lab.setup(labels={"team": "a"})
    changed = {"name": lab.subscription, "ack_deadline_seconds": 90, "labels": {"team": "b"}}
    masked = {"subscription": changed, "update_mask": {"paths": ["ack_deadline_seconds"]}}

    await asyncio.to_thread(lab.subscriber.update_subscription, request=masked)
    found = await asyncio.to_thread(lab.subscriber.get_subscription, subscription=lab.subscription)

    assert (found.ack_deadline_seconds, dict(found.labels)) == (90, {"team": "a"})
    masked["update_mask"] = {"paths": ["filter"]}
    with pytest.raises(exceptions.InvalidArgument, match="'filter' can not be updated"):
        await asyncio.to_thread(lab.subscriber.update_subscription, request=masked)


async def test_subscription_of_a_deleted_topic_still_delivers(lab: Lab) -> None:
    await lab.setup()
    await lab.publish("Heat")

    await asyncio.to_thread(lab.publisher.delete_topic, topic=lab.topic)
    found = await asyncio.to_thread(lab.subscriber.get_subscription, subscription=lab.subscription)

    assert found.topic == "_deleted-topic_"
    assert [r.message.data for r in await lab.pull()] == [b"Heat"]


@pytest.mark.differs("takes them away")
async def test_attributes_of_a_push_configuration_stay_until_there_are_others(lab: Lab) -> None:
    push = {"push_endpoint": "https://example.com/", "attributes": {"x-goog-version": "v1"}}
    await lab.setup(push_config=push)

    for config in ({}, {"attributes": {"x-goog-version": "v1beta2"}}):
        changed = {"name": lab.subscription, "push_config": config}
        masked = {"subscription": changed, "update_mask": {"paths": ["push_config"]}}
        found = await asyncio.to_thread(lab.subscriber.update_subscription, request=masked)
        assert found.push_config.push_endpoint == ""
        assert dict(found.push_config.attributes) == config.get("attributes", push["attributes"])


@pytest.mark.ours("has faults on purpose")
async def test_client_retries_a_publish_whose_reply_was_lost(lab: Lab) -> None:
    await lab.setup()
    lab.emulator.context.faults.add(Rule("drop", "pubsub", "Publish", remaining=1))

    await asyncio.wrap_future(lab.publisher.publish(lab.topic, b"Heat"))

    assert [r.message.data for r in await lab.pull()] == [b"Heat", b"Heat"]
