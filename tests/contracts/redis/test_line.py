"""Many commands share one connection: each gets its own answer, and a loss is everybody's, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import ResponseError

from shared.adapters.redis.line import Line
from shared.adapters.redis.scripts import packed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from emulators.managed.redis import Redis

SECONDS = 0.5
PING = packed(b"PING")
WAIT = packed(b"BLPOP", b"nothing", b"5")
"""A command that is answered later than anybody waits: nothing is ever put on that list."""


def client_of(server: Redis, *, protocol: int = 2, seconds: float | None = SECONDS) -> AsyncRedis:
    """Return a client of one connection that waits so long for each answer."""
    pool = BlockingConnectionPool.from_url(
        server.url, max_connections=1, timeout=1, socket_timeout=seconds, protocol=protocol
    )
    return AsyncRedis.from_pool(pool)


@pytest.fixture
async def line(server: Redis) -> AsyncIterator[Line]:
    """A line whose client has no second connection."""
    async with client_of(server) as client:
        yield Line(lambda: client)


async def all_of(asked: Sequence[asyncio.Task[Any]]) -> list[Any]:
    return await asyncio.gather(*asked, return_exceptions=True)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    turns=st.lists(
        st.lists(st.tuples(st.integers(0, 70_000), st.booleans()), max_size=8), max_size=6
    )
)
def test_each_command_gets_its_own_answer_whoever_gives_up(
    server: Redis, turns: list[list[tuple[int, bool]]]
) -> None:
    async def run() -> None:
        async with client_of(server, seconds=5) as client:
            line = Line(lambda: client)
            stay: list[tuple[bytes, asyncio.Task[bytes]]] = []
            assert await line.ask(PING) == b"PONG"
            for turn in turns:
                for length, gives_up in turn:
                    said = b"%d " % len(stay) + b"x" * length
                    asked = asyncio.create_task(line.ask(packed(b"ECHO", said)))
                    if gives_up:
                        asyncio.get_running_loop().call_later(length / 1e8, asked.cancel)
                    else:
                        stay.append((said, asked))
                await asyncio.sleep(0)
            assert [await asked for _, asked in stay] == [said for said, _ in stay]

    asyncio.run(run())


async def test_what_is_asked_in_one_turn_leaves_together(
    line: Line, other_client: AsyncRedis
) -> None:
    await line.ask(PING)
    before = (await other_client.info("stats"))["total_reads_processed"]

    found = await asyncio.gather(*(line.ask(packed(b"ECHO", b"%d" % i)) for i in range(100)))

    after = (await other_client.info("stats"))["total_reads_processed"]
    assert found == [b"%d" % i for i in range(100)]
    assert after - before == 2  # theirs, and the question how many there were


async def test_who_comes_while_it_opens_waits_for_the_same_connection(
    line: Line, other_client: AsyncRedis
) -> None:
    before = (await other_client.info("stats"))["total_connections_received"]
    asked = [asyncio.create_task(line.ask(PING)) for _ in range(20)]
    await asyncio.sleep(0)
    asked[0].cancel()  # on whose account it opens

    found = await all_of(asked)

    after = (await other_client.info("stats"))["total_connections_received"]
    assert isinstance(found[0], asyncio.CancelledError)
    assert (found[1:], after - before) == ([b"PONG"] * 19, 1)


async def test_a_lost_connection_fails_all_who_wait_and_the_next_opens_another(
    server: Redis, other_client: AsyncRedis
) -> None:
    async with client_of(server, seconds=5) as client:
        line = Line(lambda: client)
        number = await line.ask(packed(b"CLIENT", b"ID"))
        asked = [asyncio.create_task(line.ask(each)) for each in (WAIT, PING, PING)]
        await asyncio.sleep(0)
        await other_client.client_kill_filter(_id=str(number))

        found = await all_of(asked)

        assert [type(each) for each in found] == [LostError] * 3
        assert await line.ask(PING) == b"PONG"
        assert await line.ask(packed(b"CLIENT", b"ID")) != number


async def test_an_answer_that_comes_too_late_fails_all_behind_it_and_is_nobody_s(
    line: Line,
) -> None:
    number = await line.ask(packed(b"CLIENT", b"ID"))
    asked = [asyncio.create_task(line.ask(each)) for each in (WAIT, PING)]

    found = await all_of(asked)

    assert [type(each) for each in found] == [TimeoutError] * 2
    assert await line.ask(packed(b"ECHO", b"in time")) == b"in time"
    assert await line.ask(packed(b"CLIENT", b"ID")) != number


async def test_answers_in_time_keep_a_connection_however_long_it_is_used(line: Line) -> None:
    number = await line.ask(packed(b"CLIENT", b"ID"))
    began = asyncio.get_running_loop().time()

    while asyncio.get_running_loop().time() < began + 2 * SECONDS:
        assert await line.ask(packed(b"BLPOP", b"nothing", b"0.01")) is None

    assert await line.ask(packed(b"CLIENT", b"ID")) == number


async def test_an_error_of_the_server_is_its_asker_s_alone(line: Line) -> None:
    asked = [PING, packed(b"NO-SUCH-COMMAND"), PING]

    found = await all_of([asyncio.create_task(line.ask(each)) for each in asked])

    assert (found[0], found[2]) == (b"PONG", b"PONG")
    assert isinstance(found[1], ResponseError)


async def test_who_gives_up_leaves_no_answer_to_others(line: Line) -> None:
    await line.ask(PING)
    asked = asyncio.create_task(line.ask(packed(b"ECHO", b"unread")))
    await asyncio.sleep(0)
    asked.cancel()

    assert await line.ask(packed(b"ECHO", b"mine")) == b"mine"
    assert asked.cancelled()


async def test_what_the_server_says_of_its_own_accord_answers_nobody(
    server: Redis, other_client: AsyncRedis
) -> None:
    async with client_of(server, protocol=3) as client:
        line = Line(lambda: client)
        await line.ask(packed(b"CLIENT", b"TRACKING", b"ON"))
        await line.ask(packed(b"GET", b"title"))
        await other_client.set("title", "heat")  # of which the line is told

        assert await line.ask(packed(b"ECHO", b"mine")) == b"mine"
        assert await line.ask(packed(b"GET", b"title")) == b"heat"


async def test_a_connection_that_is_lost_before_it_is_used_is_told_at_once(
    client: AsyncRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = client.connection_pool
    opened = pool.get_connection

    async def closing() -> object:
        given: Any = await opened()
        given._writer.transport.abort()
        return given

    monkeypatch.setattr(pool, "get_connection", closing)
    line = Line(lambda: client)

    with pytest.raises(LostError):
        await line.ask(WAIT)
    monkeypatch.undo()
    assert await line.ask(PING) == b"PONG"


async def test_a_client_that_ends_ends_its_line(server: Redis) -> None:
    async with client_of(server) as client:
        line = Line(lambda: client)
        await line.ask(PING)
        asked = asyncio.create_task(line.ask(WAIT))
        await asyncio.sleep(0)

    with pytest.raises(LostError):
        await asked
