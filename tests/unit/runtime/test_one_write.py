"""An answer that leaves in one piece is, byte for byte, what the server would have sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from shared.gateway.ports import Repeated
from shared.runtime import one_write
from shared.runtime.messages import Reply
from shared.runtime.responses import Again

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

GET = b"GET /api/v1/genres HTTP/1.1\r\nhost: gateway\r\n\r\n"
KEPT = {"content-type": "application/json", "x-cache": "HIT", "etag": '"heat"'}
CHANGED = {"age": "7", "ratelimit": '"second";r=9;t=1'}

texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))


class Connection(asyncio.Transport):
    """A connection that notes what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Note it."""
        self.written.append(bytes(data))

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def pause_reading(self) -> None:
        """Do nothing: all there is was read."""

    def resume_reading(self) -> None:
        """Do nothing, likewise."""


def again(body: bytes, changed: Mapping[str, str], status: int) -> Again:
    """Return an answer as the gateway gives it again."""
    length = {} if status == 304 else {"content-length": str(len(body))}
    lines = "".join(f"{n}: {v}\r\n" for n, v in {**KEPT, **length}.items()).encode("latin-1")
    reply = Reply(body, status, {**KEPT, **changed}, "")
    return Again(reply, Repeated(lines, changed), "0b5e8f6a")


async def served(app: ASGIApp, asked: bytes) -> Connection:
    """Answer requests as uvicorn does; return what went over their connection."""
    config = Config(app, http="httptools", ws="none", lifespan="off", access_log=False)
    config.load()
    state, connection = ServerState(), Connection()
    state.default_headers = [(b"date", b"Sun, 22 Nov 2026 08:00:00 GMT")]
    protocol = HttpToolsProtocol(config, state, {})
    protocol.connection_made(connection)
    protocol.data_received(asked)
    while state.tasks:
        await asyncio.gather(*state.tasks)
    closed = connection.closed
    protocol.connection_lost(None)  # which ends its timers
    connection.closed = closed
    return connection


async def sent(answer: Again, asked: bytes, *, plainly: bool = False) -> Connection:
    """Answer requests, plainly by a way to send that is not the server's own."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def other(message: Message) -> None:
            await send(message)

        await answer(scope, receive, other if plainly else send)

    return await served(app, asked)


@given(body=st.binary(max_size=2000), changed=st.dictionaries(st.just("age"), texts))
def test_one_piece_has_the_bytes_of_two(body: bytes, changed: dict[str, str]) -> None:
    answer = again(body, changed, 200)

    whole = asyncio.run(sent(answer, GET))
    parts = asyncio.run(sent(answer, GET, plainly=True))

    assert len(whole.written) == 1
    assert len(parts.written) == 2
    head, _, rest = whole.written[0].partition(b"\r\n\r\n")
    usual, _, usual_rest = b"".join(parts.written).partition(b"\r\n\r\n")
    assert rest == usual_rest == body
    assert sorted(head.split(b"\r\n")) == sorted(usual.split(b"\r\n"))


async def test_an_answer_without_a_body_is_one_piece_too() -> None:
    connection = await sent(again(b"", CHANGED, 304), GET)

    assert len(connection.written) == 1
    assert connection.written[0].startswith(b"HTTP/1.1 304 ")
    assert b"content-length" not in connection.written[0]


async def test_requests_that_came_together_are_answered_one_after_the_other() -> None:
    connection = await sent(again(b"[]", CHANGED, 200), GET * 3)

    assert [each.partition(b" ")[0] for each in connection.written] == [b"HTTP/1.1"] * 3
    assert not connection.closed


@pytest.mark.parametrize(
    "asked",
    [GET.replace(b"GET", b"HEAD"), GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")],
    ids=["HEAD", "last request"],
)
async def test_what_is_not_plain_goes_the_server_s_way(asked: bytes) -> None:
    ours, usual = [
        await sent(again(b"[]", CHANGED, 200), asked, plainly=plainly) for plainly in (False, True)
    ]

    assert (ours.written, ours.closed) == (usual.written, usual.closed)


@pytest.mark.parametrize("place", ["disconnected", "response_started", "flow.write_paused"])
async def test_nothing_is_written_where_the_server_would_wait_or_refuse(place: str) -> None:
    seen: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        cycle: Any = send.__self__  # type: ignore[attr-defined]
        *path, name = place.split(".")
        at = cycle.flow if path else cycle
        setattr(at, name, True)
        seen.append(one_write.write(send, status=200, head=b"", body=b""))
        setattr(at, name, False)
        await again(b"[]", CHANGED, 200)(scope, receive, send)

    connection = await served(app, GET)

    assert seen == [False]
    assert len(connection.written) == 1
