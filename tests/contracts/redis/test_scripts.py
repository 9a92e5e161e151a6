"""What is sent is what the client would send, and a server that forgot a script is told it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Connection

from shared.adapters.redis.limiter import SCRIPT
from shared.adapters.redis.line import Line
from shared.adapters.redis.scripts import Script, packed

if TYPE_CHECKING:
    from redis.asyncio import Redis as AsyncRedis


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_a_command_is_written_as_the_client_writes_it(parts: list[bytes]) -> None:
    said = [b"EVALSHA", *parts]
    assert packed(*said) == b"".join(Connection().pack_command(*said))


async def test_a_script_that_the_server_does_not_know_is_told(client: AsyncRedis) -> None:
    await client.script_flush()
    line, script = Line(lambda: client), Script(SCRIPT)

    first = await script.run(line, ["rl:a"], ["2 1000000 1"])
    again = await script.run(line, ["rl:a"], ["1 1000000 1"])

    assert first.split()[3::4][0] == b"0"  # the first of two came in, the second has to wait
    assert [int(wait) > 0 for wait in (*first.split()[7::4], *again.split()[3::4])] == [True] * 2
