"""The limiter in Redis: the same numbers as the pure function, shared, one round trip."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis as AsyncRedis

from emulators.managed.redis import temporary_redis
from shared.adapters.redis.limiter import SCRIPT, RedisLimiter, parsed, written
from shared.gateway.gcra import Quotas, admission, decide
from shared.gateway.limits import standard_limits
from shared.gateway.ports import MICROSECONDS, Quota
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.managed.redis import Redis

ADA = Quota("playback", "playback:free:user:ada", 60, 60.0, 10)
SERVER_CLOCK = "redis.call('TIME')"
START = 1_767_225_600 * MICROSECONDS

quotas = st.builds(
    Quota,
    name=st.sampled_from(["second", "minute", "day"]),
    key=st.just("all:free:user:ada"),
    limit=st.integers(1, 500),
    window_seconds=st.floats(10_000, 86_400),  # a key outlives the test, whose clock is its own
    burst=st.integers(1, 8),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    several=st.lists(quotas, min_size=1, max_size=3, unique_by=lambda quota: quota.name),
    gaps=st.lists(st.integers(0, 10_000 * MICROSECONDS), min_size=1, max_size=30),
)
def test_script_and_pure_function_say_the_same(
    server: Redis, several: list[Quota], gaps: list[int]
) -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert text.count(SERVER_CLOCK) == 1
    given_clock = text.replace(SERVER_CLOCK, "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
    now, arrivals = START, [0] * len(several)

    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        script = client.register_script(given_clock)
        for gap in gaps:
            now += gap
            expected, arrivals = decide(several, arrivals, now)
            numbers = written([(Quotas(several), 1)])
            said: Any = script([q.name for q in several], [numbers, *divmod(now, MICROSECONDS)])
            assert [admission(several, one) for one in parsed(said)] == [expected]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    callers=st.lists(
        st.tuples(st.lists(quotas, min_size=1, max_size=3), st.integers(1, 4)),
        min_size=1,
        max_size=8,
    )
)
def test_requests_of_one_round_trip_are_judged_one_after_the_other(
    server: Redis, callers: list[tuple[list[Quota], int]]
) -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    given_clock = text.replace(SERVER_CLOCK, "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
    sent = [(Quotas({q.name: q for q in several}.values()), many) for several, many in callers]
    requests = [quotas for quotas, many in sent for _ in range(many)]
    arrivals: dict[str, int] = {}
    expected = []
    for several in requests:
        admitted, after = decide(several, [arrivals.get(q.name, 0) for q in several], START)
        expected.append(admitted)
        if admitted.admitted:
            arrivals |= {q.name: at for q, at in zip(several, after, strict=True)}

    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        script = client.register_script(given_clock)
        keys = [q.name for several, _ in sent for q in several]
        said: Any = script(keys, [written(sent), *divmod(START, MICROSECONDS)])

    assert [admission(q, one) for q, one in zip(requests, parsed(said), strict=True)] == expected


async def test_two_instances_share_one_quota(client: AsyncRedis, other_client: AsyncRedis) -> None:
    instances = [RedisLimiter(lambda: client), RedisLimiter(lambda: other_client)]
    began = perf_counter()

    found = [await instances[i % 2].admit([ADA]) for i in range(30)]

    passed = perf_counter() - began
    admitted = sum(each.admitted for each in found)
    assert 10 <= admitted <= 10 + passed * ADA.limit / ADA.window_seconds


async def test_requests_at_the_same_time_do_not_come_in_twice(client: AsyncRedis) -> None:
    limiter = RedisLimiter(lambda: client)
    hourly = Quota("register", "register:anonymous:ip:192.0.2.1", 5, 3600.0, 5)

    found = await asyncio.gather(*(limiter.admit([hourly]) for _ in range(40)))

    assert sum(each.admitted for each in found) == 5


async def test_who_goes_away_takes_nobody_along(client: AsyncRedis) -> None:
    limiter = RedisLimiter(lambda: client)
    asked = [asyncio.create_task(limiter.admit([ADA])) for _ in range(6)]
    await asyncio.sleep(0)
    asked[0].cancel()  # on whose round trip the others wait
    asked[3].cancel()

    found = await asyncio.gather(*asked, return_exceptions=True)

    gone = [isinstance(each, asyncio.CancelledError) for each in found]
    assert gone == [True, False, False, True, False, False]
    assert (await limiter.admit([ADA])).admitted


async def test_all_who_wait_hear_that_the_server_is_gone() -> None:
    with temporary_redis() as own:
        address = own.url
    async with AsyncRedis.from_url(address) as client:
        limiter = RedisLimiter(lambda: client)

        found = await asyncio.gather(
            *(limiter.admit([ADA]) for _ in range(4)), return_exceptions=True
        )

    assert [type(each) for each in found] == [UnavailableError] * 4


async def test_refused_request_counts_against_no_quota(client: AsyncRedis) -> None:
    limiter = RedisLimiter(lambda: client)
    once = Quota("resend", "resend:free:user:ada", 1, 3600.0, 1)
    await limiter.admit([ADA, once])
    before = await client.get("rl:playback:free:user:ada:playback")

    found = await limiter.admit([ADA, once])

    assert (found.admitted, found.quota) == (False, once)
    assert await client.get("rl:playback:free:user:ada:playback") == before


async def test_retry_after_falls_to_the_microsecond_with_the_server_clock(
    client: AsyncRedis,
) -> None:
    limiter = RedisLimiter(lambda: client)
    quick = Quota("quick", "quick:free:user:ada", 50, 1.0, 1)
    await limiter.admit([quick])
    arrival = int(await client.get("rl:quick:free:user:ada:quick") or 0)

    refused = await limiter.admit([quick])
    while not (await limiter.admit([quick])).admitted:
        seconds, micros = await client.time()
        assert seconds * MICROSECONDS + micros < arrival + MICROSECONDS

    seconds, micros = await client.time()
    assert 0 < refused.retry_after_seconds <= 0.02
    assert seconds * MICROSECONDS + micros >= arrival


async def test_keys_go_when_they_say_nothing_any_more(client: AsyncRedis) -> None:
    await RedisLimiter(lambda: client).admit(
        standard_limits().quotas_for("user:ada", "free", "playback")
    )

    left = {key: await client.pttl(key) for key in await client.keys()}

    assert len(left) == 5
    assert all(0 < milliseconds <= 9_000 for milliseconds in left.values())


async def test_script_comes_back_after_the_server_forgot_it(client: AsyncRedis) -> None:
    limiter = RedisLimiter(lambda: client)
    await limiter.admit([ADA])
    await client.script_flush()

    assert (await limiter.admit([ADA])).admitted


async def test_server_that_is_gone_is_unavailable_before_the_client_stops_repeating() -> None:
    with temporary_redis() as own:
        address = own.url
    async with AsyncRedis.from_url(address) as client:
        began = perf_counter()

        with pytest.raises(UnavailableError, match="redis does not answer for limits"):
            await RedisLimiter(lambda: client).admit([ADA])

    assert perf_counter() - began < 3  # the client alone would repeat for longer


async def test_callers_of_an_answer_that_says_too_little_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def too_little(callers: object) -> Iterator[tuple[int, int, int, int]]:
        del callers  # whatever is asked
        return iter(())

    limiter = RedisLimiter()
    monkeypatch.setattr(limiter, "_judged", too_little)
    with pytest.raises(ValueError, match="shorter"):
        async with asyncio.timeout(5):
            await limiter.admit([ADA])
