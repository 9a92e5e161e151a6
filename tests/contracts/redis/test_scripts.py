"""A held connection says what the client's own would, and is good for others afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import BlockingConnectionPool, Connection
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import ResponseError

from shared.adapters.redis.limiter import SCRIPT
from shared.adapters.redis.scripts import Line, Script, packed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emulators.managed.redis import Redis

SECONDS = 0.2


@pytest.fixture
async def hasty(server: Redis) -> AsyncIterator[AsyncRedis]:
    """A client of one connection that waits a fifth of a second for each answer."""
    pool = BlockingConnectionPool.from_url(
        server.url, max_connections=1, timeout=1, socket_timeout=SECONDS
    )
    async with AsyncRedis.from_pool(pool) as made:
        yield made


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_a_command_is_written_as_the_client_writes_it(parts: list[bytes]) -> None:
    said = [b"EVALSHA", *parts]
    assert packed(*said) == b"".join(Connection().pack_command(*said))


async def test_a_script_that_the_server_does_not_know_is_told(hasty: AsyncRedis) -> None:
    await hasty.script_flush()
    line, script = Line(lambda: hasty), Script(SCRIPT)

    first = await script.run(line, ["rl:a"], ["2 1000000 1"])
    again = await script.run(line, ["rl:a"], ["1 1000000 1"])
    await line.give_back()

    assert first.split()[3::4][0] == b"0"  # the first of two came in, the second has to wait
    assert [int(wait) > 0 for wait in (*first.split()[7::4], *again.split()[3::4])] == [True] * 2


async def test_a_connection_that_is_given_back_has_its_own_deadline_again(
    hasty: AsyncRedis,
) -> None:
    line = Line(lambda: hasty)
    assert await line.ask(packed(b"PING")) == b"PONG"
    await line.give_back()
    await line.give_back()  # nothing is held any more

    pool: Any = hasty.connection_pool
    connection = await pool.get_connection()
    await pool.release(connection)
    assert connection.socket_timeout == SECONDS
    assert await hasty.ping()


async def test_an_answer_that_comes_too_late_is_nobody_s(hasty: AsyncRedis, server: Redis) -> None:
    line = Line(lambda: hasty)
    await line.ask(packed(b"PING"))
    async with AsyncRedis.from_url(server.url) as other:
        await other.client_pause(400)

    with pytest.raises(TimeoutError):
        await line.ask(packed(b"ECHO", b"late"))
    while True:
        try:
            found = await line.ask(packed(b"ECHO", b"in time"))
        except TimeoutError:  # paused still; it connects itself anew each time
            continue
        break
    await line.give_back()

    assert found == b"in time"


async def test_an_error_of_the_server_leaves_the_connection_good(hasty: AsyncRedis) -> None:
    line = Line(lambda: hasty)

    with pytest.raises(ResponseError):
        await line.ask(packed(b"NO-SUCH-COMMAND"))

    assert await line.ask(packed(b"PING")) == b"PONG"
    await line.give_back()


async def test_who_gives_up_leaves_no_answer_behind(hasty: AsyncRedis) -> None:
    line = Line(lambda: hasty)
    await line.ask(packed(b"PING"))

    asked = asyncio.create_task(line.ask(packed(b"ECHO", b"unread")))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked

    assert await line.ask(packed(b"ECHO", b"mine")) == b"mine"
    await line.give_back()
