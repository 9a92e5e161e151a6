"""Breakers in Redis: the same machine as the pure one, one for all instances, quick to adopt."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Self

import pytest
import redis
from redis.asyncio import Redis as AsyncRedis

from emulators.managed.redis import Redis, RedisOptions, temporary_redis
from shared.adapters.redis.breakers import SCRIPT, RedisBreakers, policy_arguments
from shared.gateway.breaker import (
    BreakerPolicy,
    Circuit,
    Phase,
    counted,
    held,
    probed,
    settled,
)
from shared.gateway.ports import Outcome, Permit
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_767_225_600_000
SERVER_CLOCK = "redis.call('TIME')"
AREA = "identity"
QUICK = {AREA: BreakerPolicy(volume=4, open_seconds=0.02, error_rate=0.5, lease_seconds=30)}
SLOW = {AREA: BreakerPolicy(volume=4, open_seconds=30, error_rate=0.5)}
FAILURE, SUCCESS = Outcome.FAILURE, Outcome.SUCCESS

Told = tuple[str, object]


def random_policy(draw: Random) -> BreakerPolicy:
    return BreakerPolicy(
        volume=draw.randint(1, 12),
        open_seconds=draw.choice([0.5, 2, 3, 30]),
        error_rate=draw.choice([0, 0, 0.1, 0.4, 0.5, 1]),
        lease_seconds=draw.choice([1, 3, 5]),
        closes_after=draw.randint(1, 3),
    )


def random_operation(draw: Random, phase: Phase) -> Told:
    """Return mostly what happens in such a phase, so that every phase is reached and left."""
    usual = {Phase.CLOSED: "count", Phase.OPEN: "probe", Phase.HALF_OPEN: "settle"}[phase]
    name = usual if draw.random() < 0.9 else draw.choice(["count", "probe", "settle", "hold"])
    match name:
        case "count":
            return name, draw.choice([(1, 0), (1, 0), (0, 1), (3, 1), (1, 2)])
        case "settle":
            return name, draw.choice([SUCCESS, SUCCESS, SUCCESS, FAILURE, Outcome.IGNORED])
        case "hold":
            return name, draw.randint(1, 90_000)
        case _:
            return name, None


def expected(circuit: Circuit, policy: BreakerPolicy, now: int, told: Told) -> Circuit:
    match told:
        case ("count", (int(good), int(bad))):
            return counted(circuit, policy, now, (good, bad))
        case ("probe", None):
            return probed(circuit, policy, now)[0]
        case ("settle", Outcome() as outcome):
            return settled(circuit, policy, now, outcome)
        case ("hold", int(milliseconds)):
            return held(circuit, now, milliseconds)
        case _:
            raise AssertionError(told)


def arguments(told: Told, generation: int) -> list[str | int]:
    match told:
        case ("count", (int(good), int(bad))):
            return [generation, good, bad]
        case ("settle", Outcome() as outcome):
            return [generation, outcome.value]
        case ("hold", int(milliseconds)):
            return [milliseconds]
        case _:
            return []


@pytest.mark.parametrize("seed", range(20))
def test_script_and_pure_machine_say_the_same(server: Redis, seed: int) -> None:
    draw = Random(seed)
    policy, now = random_policy(draw), NOW
    circuit = Circuit(now)

    with GivenClock(server, policy) as scripted:
        assert scripted.run(now, ("count", (0, 0)), now) == said(circuit, now)
        for _ in range(300):
            now += draw.choice([0, 100, 400, 1000, max(0, circuit.until - now)])
            told = random_operation(draw, circuit.phase)
            late = draw.random() < 0.2
            found = scripted.run(now, told, circuit.generation - late)
            if not (late and told[0] in {"count", "settle"}):
                circuit = expected(circuit, policy, now, told)

            assert found == said(circuit, now)


def said(circuit: Circuit, now: int) -> list[object]:
    return [circuit.phase.value.encode(), circuit.generation, max(0, circuit.until - now)]


class GivenClock:
    """The script as it is, but for its clock, which is the last two arguments."""

    def __init__(self, server: Redis, policy: BreakerPolicy) -> None:
        text = SCRIPT.read_text(encoding="utf-8")
        assert text.count(SERVER_CLOCK) == 1
        self._client = redis.Redis.from_url(server.url)
        given = text.replace(SERVER_CLOCK, "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
        self._script = self._client.register_script(given)
        self._policy = policy_arguments(policy)

    def __enter__(self) -> Self:
        self._client.flushall()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def run(self, now: int, told: Told, generation: int) -> list[object]:
        """Run one operation at a moment and return what the script says of the state."""
        clock = [now // 1000, now % 1000 * 1000]
        sent = [told[0], *self._policy, *arguments(told, generation), *clock]
        found: list[object] = self._script(["state"], sent)
        return found[:3]


def instance(
    clock: FixedClock, client: AsyncRedis, policies: dict[str, BreakerPolicy]
) -> RedisBreakers:
    return RedisBreakers(clock, lambda: client, policies=policies)


async def fail(breakers: RedisBreakers, times: int = 4) -> None:
    for _ in range(times):
        await breakers.record(AREA, await breakers.permit(AREA), FAILURE)


async def first_probe(breakers: RedisBreakers, clock: FixedClock) -> Permit:
    """Ask until the open time is over; the server's clock decides."""
    clock.advance(timedelta(seconds=1))
    while not (permit := await breakers.permit(AREA)).allowed:
        clock.advance(timedelta(seconds=1))
    return permit


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


async def test_breaker_opened_by_one_instance_is_open_for_the_other_within_a_second(
    client: AsyncRedis, other_client: AsyncRedis, clock: FixedClock
) -> None:
    one, other = (instance(clock, each, SLOW) for each in (client, other_client))
    assert (await other.permit(AREA)).allowed
    await fail(one)

    clock.advance(timedelta(seconds=0.51))
    permit = await other.permit(AREA)

    assert not permit.allowed
    assert 29 < permit.retry_after_seconds <= 30


async def test_failures_of_both_instances_add_up(
    client: AsyncRedis, other_client: AsyncRedis, clock: FixedClock
) -> None:
    one, other = (instance(clock, each, SLOW) for each in (client, other_client))
    await fail(one, 2)
    await fail(other, 2)

    assert not (await other.permit(AREA)).allowed


async def test_successes_travel_with_the_next_failure(
    client: AsyncRedis, clock: FixedClock
) -> None:
    breakers = instance(clock, client, SLOW)
    for _ in range(5):
        await breakers.record(AREA, await breakers.permit(AREA), SUCCESS)

    await fail(breakers, 4)
    assert (await breakers.permit(AREA)).allowed
    await fail(breakers, 1)

    assert not (await breakers.permit(AREA)).allowed


async def test_one_probe_is_let_out_for_both_instances(
    client: AsyncRedis, other_client: AsyncRedis, clock: FixedClock
) -> None:
    both = [instance(clock, each, QUICK) for each in (client, other_client)]
    await fail(both[0])
    allowed: list[Permit] = []
    while await client.hget(f"circuit_breaker:{AREA}:state", "phase") == b"open":
        clock.advance(timedelta(seconds=1))
        permits = await asyncio.gather(*(both[i % 2].permit(AREA) for i in range(20)))
        allowed += [permit for permit in permits if permit.allowed]

    assert [permit.probe for permit in allowed] == [True]


async def test_two_probes_that_succeed_close_it_for_everyone(
    client: AsyncRedis, other_client: AsyncRedis, clock: FixedClock
) -> None:
    one, other = (instance(clock, each, QUICK) for each in (client, other_client))
    await fail(one)
    await one.record(AREA, await first_probe(one, clock), SUCCESS)
    await other.record(AREA, await first_probe(other, clock), SUCCESS)

    clock.advance(timedelta(seconds=0.51))
    permits = [await each.permit(AREA) for each in (one, other)]

    assert all(permit.allowed and not permit.probe for permit in permits)


async def test_probe_that_fails_opens_it_again_for_longer(
    client: AsyncRedis, clock: FixedClock
) -> None:
    breakers = instance(clock, client, QUICK)
    await fail(breakers)
    await breakers.record(AREA, await first_probe(breakers, clock), FAILURE)

    permit = await breakers.permit(AREA)

    assert not permit.allowed
    assert 0.02 < permit.retry_after_seconds <= 0.04


async def test_late_outcome_from_before_changes_nothing(
    client: AsyncRedis, other_client: AsyncRedis, clock: FixedClock
) -> None:
    one, other = (instance(clock, each, SLOW) for each in (client, other_client))
    early = [await other.permit(AREA) for _ in range(4)]
    await fail(one)
    before = await client.hgetall(f"circuit_breaker:{AREA}:state")

    for permit in early:
        await other.record(AREA, permit, FAILURE)

    assert await client.hgetall(f"circuit_breaker:{AREA}:state") == before


async def test_new_instance_finds_what_the_old_one_left(
    client: AsyncRedis, other_client: AsyncRedis, clock: FixedClock
) -> None:
    await fail(instance(clock, client, SLOW))

    fresh = instance(clock, other_client, SLOW)

    assert not (await fresh.permit(AREA)).allowed


async def test_service_that_asks_for_a_pause_gets_it_from_all_instances(
    client: AsyncRedis, other_client: AsyncRedis, clock: FixedClock
) -> None:
    one, other = (instance(clock, each, SLOW) for each in (client, other_client))
    await one.hold(AREA, seconds=5)

    permit = await other.permit(AREA)

    assert not permit.allowed
    assert 4 < permit.retry_after_seconds <= 5


async def test_changes_of_phase_are_told(client: AsyncRedis, clock: FixedClock) -> None:
    seen: list[tuple[str, Phase]] = []
    breakers = RedisBreakers(
        clock, lambda: client, policies=QUICK, on_change=lambda *change: seen.append(change)
    )
    await fail(breakers)
    for _ in range(2):
        await breakers.record(AREA, await first_probe(breakers, clock), SUCCESS)

    assert seen == [(AREA, Phase.OPEN), (AREA, Phase.HALF_OPEN), (AREA, Phase.CLOSED)]


async def test_permits_cost_no_round_trip_while_the_copy_is_fresh(
    client: AsyncRedis, clock: FixedClock
) -> None:
    breakers = instance(clock, client, SLOW)
    await breakers.permit(AREA)
    before = (await client.info("stats"))["total_commands_processed"]

    for _ in range(100):
        await breakers.record(AREA, await breakers.permit(AREA), SUCCESS)

    assert (await client.info("stats"))["total_commands_processed"] - before == 1


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[Redis]:
    """A server that keeps its file."""
    server = Redis(RedisOptions(tmp_path, tmp_path / "redis.log", durable=True)).start()
    yield server
    server.stop()


async def test_open_breaker_outlives_a_restart_of_redis(durable: Redis, clock: FixedClock) -> None:
    async with AsyncRedis.from_url(durable.url) as before:
        await fail(instance(clock, before, SLOW))
    durable.stop()
    durable.start()

    async with AsyncRedis.from_url(durable.url) as after:
        assert not (await instance(clock, after, SLOW).permit(AREA)).allowed


async def test_redis_that_lost_everything_does_not_mistake_old_permits(
    client: AsyncRedis, clock: FixedClock
) -> None:
    breakers = instance(clock, client, SLOW)
    old = [await breakers.permit(AREA) for _ in range(4)]
    await asyncio.sleep(0.002)  # a generation is the server's millisecond in which it began
    await client.flushall()

    for permit in old:
        await breakers.record(AREA, permit, FAILURE)

    assert (await breakers.permit(AREA)).allowed


async def test_server_that_is_gone_is_unavailable(clock: FixedClock) -> None:
    with temporary_redis() as own:
        address = own.url
    async with AsyncRedis.from_url(address) as client:
        began = perf_counter()

        with pytest.raises(UnavailableError, match="redis does not answer for breakers"):
            await RedisBreakers(clock, lambda: client).permit(AREA)

    assert perf_counter() - began < 3
