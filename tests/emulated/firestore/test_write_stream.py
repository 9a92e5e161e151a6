"""The Write stream, and how it is taken up again."""

from __future__ import annotations

from base64 import b64encode
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.protobuf import json_format

from emulators.core.methods import methods

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.emulated.firestore.conftest import Lab

pytestmark = pytest.mark.differs("a stream is not resumed there")
METHOD = methods(FirestoreGrpcTransport)["Write"]


class Talk:
    """One call of the stream."""

    def __init__(self, lab: Lab, call: Any) -> None:  # noqa: ANN401 - grpc's own
        self._lab, self._call = lab, call

    async def say(self, **body: Any) -> None:  # noqa: ANN401 - JSON
        """Send a request."""
        placed = self._lab.wire._placed({"database": "$R", **body})
        await self._call.write(json_format.ParseDict(placed, METHOD.request()))

    async def hear(self) -> Any:  # noqa: ANN401 - an answer or a refusal
        """Return the next answer."""
        try:
            answer = await self._call.read()
        except grpc.aio.AioRpcError as error:
            return f"{error.code().name} {error.details()}"
        return answer


@asynccontextmanager
async def talking(lab: Lab) -> AsyncIterator[Talk]:
    """Open the stream; at the end the connection breaks."""
    channel: Any = lab.wire._channel
    call = channel.stream_stream(
        METHOD.path, METHOD.request.SerializeToString, METHOD.response.FromString
    )(timeout=20)
    yield Talk(lab, call)
    call.cancel()


def increment(name: str) -> dict[str, Any]:
    """Return a write that would show if it were done twice."""
    step = {"fieldPath": "n", "increment": {"integerValue": "1"}}
    return {"transform": {"document": f"$D/c/{name}", "fieldTransforms": [step]}}


def token(answer: Any) -> str:  # noqa: ANN401 - a message
    """Return an answer's token, as JSON has it."""
    return b64encode(answer.stream_token).decode()


async def test_a_resumed_stream_repeats_what_was_not_acknowledged_and_does_nothing_twice(
    lab: Lab,
) -> None:
    async with talking(lab) as first:
        await first.say()
        opened = await first.hear()
        await first.say(streamToken=token(opened), writes=[increment("a")])
        one = await first.hear()
        await first.say(streamToken=token(one), writes=[increment("a")])
        await first.say(streamToken=token(one), writes=[increment("a")])
        two, three = await first.hear(), await first.hear()

    async with talking(lab) as second:
        await second.say(streamId=opened.stream_id, streamToken=token(two))
        resumed, repeated = await second.hear(), await second.hear()
        await second.say(streamToken=token(repeated), writes=[increment("a")])
        four = await second.hear()

    assert (resumed.stream_id, resumed.stream_token) == ("", two.stream_token)
    assert repeated == three
    assert four.write_results[0].transform_results[0].integer_value == 4


async def test_without_a_token_all_that_was_not_acknowledged_comes_again(lab: Lab) -> None:
    async with talking(lab) as first:
        await first.say()
        opened = await first.hear()
        await first.say(streamToken=token(opened), writes=[increment("a")])
        one = await first.hear()

    async with talking(lab) as second:
        await second.say(streamId=opened.stream_id)
        assert (await second.hear()).stream_token == opened.stream_token
        assert await second.hear() == one


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"streamId": "none"}, "NOT_FOUND stream_id none"),
        ({"streamToken": b64encode(bytes(8)).decode()}, "INVALID_ARGUMENT stream_token needs"),
        ({"writes": [increment("a")]}, "INVALID_ARGUMENT The first request"),
    ],
)
async def test_a_stream_that_never_was_is_not_resumed(
    lab: Lab, said: dict[str, Any], refusal: str
) -> None:
    async with talking(lab) as talk:
        await talk.say(**said)
        assert (await talk.hear()).startswith(refusal)


async def test_a_token_is_not_used_after_a_later_one(lab: Lab) -> None:
    async with talking(lab) as talk:
        await talk.say()
        opened = await talk.hear()
        await talk.say(streamToken=token(opened), writes=[increment("a")])
        one = await talk.hear()
        await talk.say(streamToken=token(one), writes=[increment("a")])
        await talk.hear()
        await talk.say(streamToken=token(opened), writes=[increment("a")])
        assert (await talk.hear()).startswith("INVALID_ARGUMENT stream_token")


async def test_a_call_whose_stream_another_resumed_goes_on_no_more(lab: Lab) -> None:
    async with talking(lab) as first, talking(lab) as second:
        await first.say()
        opened = await first.hear()
        await second.say(streamId=opened.stream_id, streamToken=token(opened))
        await second.hear()
        await first.say(streamToken=token(opened), writes=[increment("a")])
        assert (await first.hear()).startswith("ABORTED")


async def test_a_stream_of_one_database_is_not_resumed_in_another(lab: Lab) -> None:
    async with talking(lab) as first, talking(lab) as second:
        await first.say()
        opened = await first.hear()
        await second.say(database=lab.root.replace("(default)", "other"), streamId=opened.stream_id)
        assert "another database" in await second.hear()
