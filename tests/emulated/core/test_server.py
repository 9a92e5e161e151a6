"""One port answers gRPC and REST with the same errors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import grpc
import pytest
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.types import pubsub

from emulators.core import errors
from emulators.core.faults import Rule
from emulators.core.methods import described
from emulators.core.server import Endpoint
from emulators.core.transcoder import rest_routes
from emulators.core.wire import grpc_handler

if TYPE_CHECKING:
    from emulators.core.context import Context
    from emulators.core.methods import Proto
    from tests.emulated.conftest import Emulator, ServeEmulator

Topic: Any = pubsub.Topic.pb()


class Echo:
    """Knows one method and one topic."""

    async def GetTopic(self, request: Proto, _context: object) -> Proto:  # noqa: N802 - the RPC's name
        """Return the topic if it is the known one."""
        if not request.topic.endswith("known"):
            raise errors.not_found(f"Resource not found (resource={request.topic}).")
        return Topic(name=request.topic, labels={"a": "b"})


async def echo(context: Context) -> Endpoint:
    methods = described(PublisherGrpcTransport)
    handler = grpc_handler(methods, Echo(), service="echo", context=context)
    routes = rest_routes(methods, Echo(), service="echo", context=context)
    return Endpoint("echo", [handler], lambda: routes)


async def call(emulator: Emulator, method: str, topic: str) -> Proto:
    async with grpc.aio.insecure_channel(emulator.address) as channel:
        rpc = channel.unary_unary(
            f"/google.pubsub.v1.Publisher/{method}",
            request_serializer=pubsub.GetTopicRequest.serialize,
            response_deserializer=pubsub.Topic.deserialize,
        )
        return await rpc(pubsub.GetTopicRequest(topic=topic))


async def get(emulator: Emulator, path: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{emulator.address}{path}") as reply,
    ):
        return reply.status, await reply.json()


async def test_one_port_answers_grpc_and_rest_alike(serve_emulator: ServeEmulator) -> None:
    emulator = await serve_emulator(echo)

    topic = await call(emulator, "GetTopic", "projects/p/topics/known")
    status, body = await get(emulator, "/v1/projects/p/topics/known")

    assert (topic.name, dict(topic.labels)) == ("projects/p/topics/known", {"a": "b"})
    assert (status, body) == (200, {"name": "projects/p/topics/known", "labels": {"a": "b"}})


async def test_an_error_reads_the_same_on_both_wires(serve_emulator: ServeEmulator) -> None:
    emulator = await serve_emulator(echo)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(emulator, "GetTopic", "projects/p/topics/lost")
    status, body = await get(emulator, "/v1/projects/p/topics/lost")

    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert (status, body["error"]["status"]) == (404, "NOT_FOUND")
    assert caught.value.details() == body["error"]["message"]


async def test_a_method_without_implementation_answers_unimplemented_with_its_name(
    serve_emulator: ServeEmulator,
) -> None:
    emulator = await serve_emulator(echo)

    with pytest.raises(grpc.aio.AioRpcError) as known:
        await call(emulator, "DeleteTopic", "projects/p/topics/known")
    with pytest.raises(grpc.aio.AioRpcError) as unheard:
        await call(emulator, "Juggle", "projects/p/topics/known")
    status, body = await get(emulator, "/v1/projects/p/topics")

    assert known.value.code() == unheard.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "google.pubsub.v1.Publisher.DeleteTopic" in (known.value.details() or "")
    assert "google.pubsub.v1.Publisher.Juggle" in (unheard.value.details() or "")
    assert (status, body["error"]["status"]) == (501, "UNIMPLEMENTED")


async def test_a_fault_strikes_as_often_as_its_rule_says(serve_emulator: ServeEmulator) -> None:
    emulator = await serve_emulator(echo)
    emulator.context.faults.add(Rule("error", method="GetTopic", remaining=1))

    first, _ = await get(emulator, "/v1/projects/p/topics/known")
    second, _ = await get(emulator, "/v1/projects/p/topics/known")

    assert (first, second) == (503, 200)


async def test_an_unknown_path_answers_google_style_json(serve_emulator: ServeEmulator) -> None:
    emulator = await serve_emulator(echo)

    status, body = await get(emulator, "/nowhere")

    assert (status, body["error"]["status"]) == (404, "NOT_FOUND")


class Both:
    """Tells which of two methods was called."""

    async def GetTopic(self, _request: Proto, _context: object) -> Proto:  # noqa: N802 - the RPC's name
        """Answer as the general one."""
        return Topic(name="general")

    async def CreateTopic(self, _request: Proto, _context: object) -> Proto:  # noqa: N802 - as above
        """Answer as the special one."""
        return Topic(name="special")


async def overlapping(context: Context) -> Endpoint:
    found = {method.name: method for method in described(PublisherGrpcTransport)}
    general = replace(found["GetTopic"], rules=({"method": "get", "uri": "/v1/{topic=**}"},))
    special = replace(
        found["CreateTopic"], rules=({"method": "get", "uri": "/v1/{name=projects/*/topics/*}"},)
    )
    routes = rest_routes([general, special], Both(), service="echo", context=context)
    return Endpoint("echo", [], lambda: routes)


async def test_of_two_rules_for_a_path_the_most_specific_answers(
    serve_emulator: ServeEmulator,
) -> None:
    emulator = await serve_emulator(overlapping)

    status, special = await get(emulator, "/v1/projects/p/topics/t")
    _, general = await get(emulator, "/v1/anything")

    assert (status, special["name"], general["name"]) == (200, "special", "general")
