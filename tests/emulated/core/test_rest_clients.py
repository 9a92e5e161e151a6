"""The clients' own REST transports, and answers that stream."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_admin_v1 import FirestoreAdminClient
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.pubsub_v1 import PublisherClient, SchemaServiceClient, SubscriberClient

from emulators.firestore.service import endpoint as firestore
from emulators.pubsub.service import endpoint as pubsub

if TYPE_CHECKING:
    from tests.emulated.conftest import Laboratory

DATABASE = "projects/p/databases/(default)"
DOCUMENTS = f"{DATABASE}/documents"
AVRO = '{"type": "record", "name": "film", "fields": [{"name": "title", "type": "string"}]}'
FILMS: dict[str, Any] = {"from": [{"collectionId": "films"}]}


def made(client: Any, address: str) -> Any:  # noqa: ANN401 - every client has types of its own
    """Return a client that speaks REST to an emulator."""
    return client(
        transport="rest",
        credentials=cast("Any", AnonymousCredentials)(),
        client_options=ClientOptions(api_endpoint=f"http://{address}"),
    )


def message_by_rest(address: str) -> tuple[bytes, dict[str, str]]:
    """Publish, pull and acknowledge; what there is not is told by its error."""
    publisher, subscriber = made(PublisherClient, address), made(SubscriberClient, address)
    topic, subscription = "projects/p/topics/films", "projects/p/subscriptions/viewer"
    publisher.create_topic(name=topic)
    subscriber.create_subscription(name=subscription, topic=topic)
    publisher.publish(topic=topic, messages=[{"data": b"\xffheat", "attributes": {"año": "1995"}}])
    (received,) = subscriber.pull(subscription=subscription, max_messages=1).received_messages
    subscriber.acknowledge(subscription=subscription, ack_ids=[received.ack_id])
    changed = {"name": topic, "labels": {"kind": "film"}}
    updated = publisher.update_topic(topic=changed, update_mask={"paths": ["labels"]})
    assert dict(updated.labels) == {"kind": "film"}
    with pytest.raises(exceptions.NotFound, match="nobody"):
        publisher.get_topic(topic="projects/p/topics/nobody")
    with pytest.raises(exceptions.Conflict):
        publisher.create_topic(name=topic)
    return received.message.data, dict(received.message.attributes)


def schema_by_rest(address: str) -> list[str]:
    """Make a schema, page through the list and validate."""
    client = made(SchemaServiceClient, address)
    schema = {"type_": "AVRO", "definition": AVRO}
    for name in ("one", "two"):
        client.create_schema(parent="projects/p", schema=schema, schema_id=name)
    film = b'{"title": "Heat"}'
    client.validate_message(
        request={"parent": "projects/p", "schema": schema, "message": film, "encoding": "JSON"}
    )
    with pytest.raises(exceptions.BadRequest):
        client.validate_schema(parent="projects/p", schema={"type_": "AVRO", "definition": "{"})
    request = {"parent": "projects/p", "page_size": 1, "view": "FULL"}
    return [schema.name for schema in client.list_schemas(request=request)]


def documents_by_rest(address: str) -> list[str]:
    """Write and query; an error of a stream is the client's own exception."""
    client = made(FirestoreClient, address)
    fields = {"year": {"integer_value": "1995"}}
    writes = [
        {"update": {"name": f"{DOCUMENTS}/films/{name}", "fields": fields}}
        for name in ("heat", "año ü")
    ]
    client.commit(database=DATABASE, writes=writes)
    names = [f"{DOCUMENTS}/films/{name}" for name in ("heat", "none")]
    read = client.batch_get_documents(request={"database": DATABASE, "documents": names})
    assert [(bool(each.found.name), each.missing) for each in read] == [
        (True, ""),
        (False, names[1]),
    ]
    query = {"from_": [{"collection_id": "films"}]}
    refused = {"parent": DOCUMENTS, "structured_query": {**query, "limit": -1}}
    with pytest.raises(exceptions.BadRequest, match="limit"):
        list(client.run_query(request=refused))
    with pytest.raises(exceptions.NotFound):
        client.get_document(request={"name": names[1]})
    found = client.run_query(request={"parent": DOCUMENTS, "structured_query": query})
    return [each.document.name.rpartition("/")[2] for each in found]


def admin_by_rest(address: str) -> str:
    """Make an index by an operation."""
    client = made(FirestoreAdminClient, address)
    parent = f"{DATABASE}/collectionGroups/films"
    fields = [{"field_path": name, "order": "ASCENDING"} for name in ("title", "year")]
    index = {"query_scope": "COLLECTION", "fields": fields}
    operation = client.create_index(parent=parent, index=index)
    return str(operation.result(20).state.name)


async def test_pubsubs_clients_speak_rest(serve_emulator: Laboratory) -> None:
    emulator = await serve_emulator(pubsub)

    message = await asyncio.to_thread(message_by_rest, emulator.address)
    schemas = await asyncio.to_thread(schema_by_rest, emulator.address)

    assert message == (b"\xffheat", {"año": "1995"})
    assert schemas == ["projects/p/schemas/one", "projects/p/schemas/two"]


async def test_firestores_clients_speak_rest(serve_emulator: Laboratory) -> None:
    emulator = await serve_emulator(firestore)

    assert await asyncio.to_thread(documents_by_rest, emulator.address) == ["año ü", "heat"]
    assert await asyncio.to_thread(admin_by_rest, emulator.address) == "READY"


async def test_a_stream_is_an_array_or_events(serve_emulator: Laboratory) -> None:
    emulator = await serve_emulator(firestore)
    query = f"http://{emulator.address}/v1/{DOCUMENTS}:runQuery"
    films = {
        "writes": [
            {"update": {"name": f"{DOCUMENTS}/films/{number}", "fields": {}}} for number in (1, 2)
        ]
    }
    async with aiohttp.ClientSession() as http:
        await http.post(f"http://{emulator.address}/v1/{DOCUMENTS}:commit", json=films)
        array = await http.post(query, json={"structuredQuery": FILMS})
        events = await http.post(f"{query}?alt=sse", json={"structuredQuery": FILMS})
        wrong = {"structuredQuery": FILMS | {"limit": -1}}
        refused = await http.post(f"{query}?alt=sse", json=wrong)
        unary = await http.get(f"http://{emulator.address}/v1/{DOCUMENTS}/films/1?alt=sse")

        assert [name_of(each) for each in await array.json()] == ["1", "2"]
        assert events.content_type == "text/event-stream"
        told = [event.removeprefix("data: ") for event in (await events.text()).split("\r\n\r\n")]
        assert [name_of(json.loads(event)) for event in told if event] == ["1", "2"]
        assert refused.status == 400
        assert (await refused.text()).startswith('data: {"error": {"code": 400')
        assert unary.status == 400


async def test_an_enum_is_a_number_for_who_asks(serve_emulator: Laboratory) -> None:
    emulator = await serve_emulator(pubsub)
    topic = f"http://{emulator.address}/v1/projects/p/topics/films"
    async with aiohttp.ClientSession() as http:
        by_name = await (await http.put(topic, json={})).json()
        by_number = await (await http.get(f"{topic}?$alt=json;enum-encoding=int")).json()

    assert (by_name["state"], by_number["state"]) == ("ACTIVE", 1)


def name_of(answer: dict[str, Any]) -> str:
    """Return the id of the document in an answer."""
    return str(answer["document"]["name"]).rpartition("/")[2]
