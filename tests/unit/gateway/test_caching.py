"""Answers kept and asked for once: hits, stale ones, collapsed questions, purges, outages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.cache_policy import Asked, Scope
from shared.gateway.cache_stores import DegradingCache, LayeredCache, MemoryCache
from shared.gateway.caching import ResponseCache
from shared.gateway.ports import Answer, Entry
from shared.kernel.clock import FixedClock
from shared.kernel.errors import DeniedError, TimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from shared.gateway.ports import CacheStore

ID = "0190a0b0-0000-7000-8000-00000000000a"
HEAT = Asked("GET", f"/api/v1/content/{ID}", cache_seconds=300)
LATER = timedelta(seconds=10)


class Service:
    """Answers with a number that grows, when it is let."""

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.status = 200
        self.asked = 0
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> Answer:
        """Answer once the door is open."""
        self.asked += 1
        said = str(self.asked).encode()
        await self.open.wait()
        if self.error:
            raise self.error
        return Answer(self.status, self.headers, said)


class Gone:
    """A store that does not answer."""

    def __init__(self) -> None:
        self.asked = 0

    async def get(self, key: str) -> Entry | None:
        """Refuse to read."""
        self.asked += 1
        raise UnavailableError(f"no {key}")

    async def put(self, key: str, entry: Entry, *, keep_seconds: float) -> None:
        """Refuse to keep."""
        raise UnavailableError(f"no {key} {entry} {keep_seconds}")

    async def lease(self, key: str, *, seconds: float) -> tuple[bool, Entry | None]:
        """Refuse a lease."""
        raise UnavailableError(f"no {key} {seconds}")

    async def release(self, key: str) -> None:
        """Refuse to take a lease back."""
        raise UnavailableError(f"no {key}")

    async def purge(self, tags: Sequence[str]) -> int:
        """Refuse to purge."""
        raise UnavailableError(f"no {tags}")


class SlowRelease(MemoryCache):
    """A store that takes its time with leases that come back."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock)
        self.slow, self.released = asyncio.Event(), ""

    async def release(self, key: str) -> None:
        """Take a lease back when told to."""
        await self.slow.wait()
        self.released = key
        await super().release(key)


class World:
    """A cache, its clock and its store; waiting moves the clock."""

    def __init__(self, store: CacheStore | None = None) -> None:
        self.clock = FixedClock()
        self.store = store or MemoryCache(self.clock)
        self.cache = self.instance()

    def instance(self) -> ResponseCache:
        """Return one more instance of the gateway."""
        return ResponseCache(self.store, clock=self.clock, random=Random(1), sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass and others run."""
        self.pass_time(seconds)
        await asyncio.sleep(0)

    def pass_time(self, seconds: float) -> None:
        """Move the clock on."""
        self.clock.advance(timedelta(seconds=seconds))


def label(answer: Answer) -> tuple[str, bytes]:
    return answer.headers["x-cache"], answer.body


async def until(flag: Service, asked: int) -> None:
    """Let others run until a service was asked so often."""
    for _ in range(100):
        if flag.asked >= asked:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"asked {flag.asked} times, not {asked}")


async def test_the_second_question_is_answered_from_the_cache_with_its_age() -> None:
    world, service = World(), Service()

    first = await world.cache.answer(HEAT, service)
    world.pass_time(200)
    second = await world.cache.answer(HEAT, service)

    assert label(first) == ("MISS", b"1")
    assert label(second) == ("HIT", b"1")
    assert second.headers["age"] == "200"
    assert "age" not in first.headers
    assert second.headers["etag"] == first.headers["etag"]


async def test_a_known_tag_is_answered_with_304_on_hit_and_miss_alike() -> None:
    world, service = World(), Service()
    tag = (await world.cache.answer(HEAT, service)).headers["etag"]
    knowing = replace(HEAT, headers={"if-none-match": f'"other", W/{tag}'})

    hit = await world.cache.answer(knowing, service)
    missed = await World().cache.answer(knowing, Service())

    assert (hit.status, hit.body, hit.headers["x-cache"]) == (304, b"", "HIT")
    assert set(hit.headers) == {"etag", "cache-control", "age", "x-cache"}
    assert (missed.status, missed.headers["x-cache"]) == (304, "MISS")


async def test_a_client_cannot_make_the_cache_ask_again() -> None:
    world, service = World(), Service()
    await world.cache.answer(HEAT, service)

    for said in ("no-cache", "no-store", "max-age=0", "min-fresh=9999"):
        asked = replace(
            HEAT, headers={"cache-control": said, "pragma": "no-cache"}, query="utm_a=1"
        )
        assert label(await world.cache.answer(asked, service)) == ("HIT", b"1")


async def test_what_may_not_be_kept_is_asked_for_each_time() -> None:
    for headers in ({"cache_control": "no-store"}, {"set_cookie": "a=1"}, {"vary": "*"}):
        world, service = World(), Service(**headers)
        answers = [label(await world.cache.answer(HEAT, service)) for _ in range(2)]
        assert answers == [("MISS", b"1"), ("MISS", b"2")]


async def test_two_viewers_never_share_a_private_answer() -> None:
    world, service = World(), Service(cache_control="private, max-age=60")
    ada, bob = (replace(HEAT, scope=Scope(name, "free", "18")) for name in ("ada", "bob"))

    answers = [label(await world.cache.answer(asked, service)) for asked in (ada, bob, ada)]

    assert answers == [("MISS", b"1"), ("MISS", b"2"), ("HIT", b"1")]


async def test_answers_are_kept_by_the_fields_they_vary_on() -> None:
    world, service = World(), Service(vary="Accept-Language")
    german, french = (replace(HEAT, headers={"accept-language": t}) for t in ("de", "fr"))

    asked = [german, french, HEAT, german, french, HEAT]
    answers = [label(await world.cache.answer(one, service)) for one in asked]

    assert answers == [
        *(("MISS", b"1"), ("MISS", b"2"), ("MISS", b"3")),
        *(("HIT", b"1"), ("HIT", b"2"), ("HIT", b"3")),
    ]


async def test_an_answer_that_forgot_its_vary_does_not_hide_the_others() -> None:
    """RFC 9111 §4.1, last paragraph."""
    world, service = World(), Service(vary="accept-language")
    german = replace(HEAT, headers={"accept-language": "de"})
    await world.cache.answer(german, service)
    service.headers = {}

    await world.cache.answer(HEAT, service)

    assert label(await world.cache.answer(german, service)) == ("HIT", b"1")


async def test_a_stale_answer_is_shown_once_more_while_it_is_renewed() -> None:
    world, service = World(), Service(cache_control="max-age=60")
    await world.cache.answer(HEAT, service)
    world.pass_time(70)

    stale = await world.cache.answer(HEAT, service)
    await world.cache.settle()
    renewed = await world.cache.answer(HEAT, service)

    assert label(stale) == ("STALE", b"1")
    assert stale.headers["age"] == "70"
    assert label(renewed) == ("HIT", b"2")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_stale_answer_stands_in_for_an_error_for_an_hour(status: int) -> None:
    world, service = World(), Service(cache_control="max-age=60")
    await world.cache.answer(HEAT, service)
    service.status = status

    world.pass_time(3650)
    within = await world.cache.answer(HEAT, service)
    world.pass_time(20)
    after = await world.cache.answer(HEAT, service)

    assert label(within) == ("STALE", b"1")
    assert after.status == status


@pytest.mark.parametrize("error", [UnavailableError("its breaker is open"), TimedOutError("slow")])
async def test_a_stale_answer_stands_in_for_a_service_that_cannot_be_asked(
    error: Exception,
) -> None:
    world, service = World(), Service(cache_control="max-age=60")
    await world.cache.answer(HEAT, service)
    service.error = error
    world.pass_time(1000)

    assert label(await world.cache.answer(HEAT, service)) == ("STALE", b"1")


async def test_must_revalidate_means_an_error_rather_than_a_stale_answer() -> None:
    world, service = World(), Service(cache_control="max-age=60, must-revalidate")
    await world.cache.answer(HEAT, service)
    service.error = UnavailableError("gone")
    world.pass_time(61)

    with pytest.raises(UnavailableError):
        await world.cache.answer(HEAT, service)


async def test_a_hundred_who_ask_at_once_ask_the_service_once() -> None:
    world, service = World(), Service()
    service.open.clear()
    asking = [asyncio.create_task(world.cache.answer(HEAT, service)) for _ in range(100)]
    await until(service, 1)
    service.open.set()

    answers = [label(answer) for answer in await asyncio.gather(*asking)]

    assert service.asked == 1
    assert answers == [("MISS", b"1"), *[("HIT", b"1")] * 99]


async def test_two_instances_ask_the_service_once_together() -> None:
    world, service = World(), Service()
    service.open.clear()
    caches = [world.cache, world.instance()]
    first = asyncio.create_task(caches[0].answer(HEAT, service))
    await until(service, 1)
    second = asyncio.create_task(caches[1].answer(HEAT, service))
    await asyncio.sleep(0)
    service.open.set()

    answers = [label(answer) for answer in await asyncio.gather(first, second)]

    assert service.asked == 1
    assert answers == [("MISS", b"1"), ("HIT", b"1")]


async def test_nobody_waits_longer_than_a_lease_for_another_instance() -> None:
    world, service = World(), Service()
    service.open.clear()
    first = asyncio.create_task(world.cache.answer(HEAT, service))
    await until(service, 1)
    second = asyncio.create_task(world.instance().answer(HEAT, service))
    await until(service, 2)
    service.open.set()

    assert (await second).body == b"2"
    assert (await first).body == b"1"


async def test_nobody_waits_for_a_lease_to_be_given_back_but_who_asks_the_same_next() -> None:
    world, service = World(), Service(cache_control="no-store")
    store = SlowRelease(world.clock)
    cache = ResponseCache(store, clock=world.clock, random=Random(1), sleep=world.sleep)
    began = world.clock.now()

    first = await cache.answer(HEAT, service)
    second = asyncio.create_task(cache.answer(HEAT, service))
    for _ in range(5):
        await asyncio.sleep(0)
    asked_meanwhile = service.asked
    store.slow.set()

    assert first.body == b"1"
    assert asked_meanwhile == 1
    assert (await second).body == b"2"
    assert world.clock.now() == began
    await cache.settle()
    assert await store.lease(store.released, seconds=1) == (True, None)


async def test_who_goes_away_leaves_the_answer_to_those_who_wait() -> None:
    world, service = World(), Service()
    service.open.clear()
    first, second = (asyncio.create_task(world.cache.answer(HEAT, service)) for _ in range(2))
    await until(service, 1)
    first.cancel()
    await asyncio.sleep(0)
    service.open.set()

    assert label(await second) == ("HIT", b"1")
    assert first.cancelled()


@pytest.mark.parametrize(
    "headers", [{"cache_control": "private"}, {"set_cookie": "s=1"}, {"cache_control": "no-store"}]
)
async def test_who_waited_for_an_answer_that_is_anothers_asks_alone(
    headers: dict[str, str],
) -> None:
    world, service = World(), Service(**headers)
    service.open.clear()
    asking = [asyncio.create_task(world.cache.answer(HEAT, service)) for _ in range(3)]
    await until(service, 1)
    service.open.set()

    answers = await asyncio.gather(*asking)

    assert sorted(answer.body for answer in answers) == [b"1", b"2", b"3"]


async def test_who_waited_for_another_variant_asks_alone() -> None:
    world, service = World(), Service(vary="accept-language")
    service.open.clear()
    german, french = (replace(HEAT, headers={"accept-language": t}) for t in ("de", "fr"))
    asking = [asyncio.create_task(world.cache.answer(a, service)) for a in (german, french, german)]
    await until(service, 1)
    service.open.set()

    answers = [label(answer) for answer in await asyncio.gather(*asking)]

    assert answers == [("MISS", b"1"), ("MISS", b"2"), ("HIT", b"1")]


async def test_what_the_asker_is_refused_is_not_refused_to_those_who_wait() -> None:
    world, refused, service = World(), Service(), Service()
    refused.open.clear()
    refused.error = DeniedError("not yours")
    first = asyncio.create_task(world.cache.answer(HEAT, refused))
    await until(refused, 1)
    second = asyncio.create_task(world.cache.answer(HEAT, service))
    await asyncio.sleep(0)
    refused.open.set()

    assert (await second).body == b"1"
    with pytest.raises(DeniedError):
        await first


async def test_tags_purge_and_do_not_go_out() -> None:
    world, service = World(), Service(x_cache_tags="heat, ronin")
    answer = await world.cache.answer(HEAT, service)
    world.pass_time(10)

    gone = await world.store.purge(["ronin"])
    world.pass_time(10)

    assert "x-cache-tags" not in answer.headers
    assert gone == 1
    assert label(await world.cache.answer(HEAT, service)) == ("MISS", b"2")


async def test_the_id_in_a_path_is_a_tag() -> None:
    world, service = World(), Service()
    await world.cache.answer(HEAT, service)
    await world.cache.answer(replace(HEAT, path=HEAT.path + "/availability"), service)

    assert await world.store.purge([ID]) == 2


async def test_an_answer_asked_for_before_a_purge_is_not_kept_after_it() -> None:
    world, service = World(), Service()
    service.open.clear()
    old = asyncio.create_task(world.cache.answer(HEAT, service))
    await until(service, 1)
    world.pass_time(1)
    await world.store.purge([ID])
    world.pass_time(9)
    service.open.set()

    assert label(await old) == ("MISS", b"1")
    assert label(await world.cache.answer(HEAT, service)) == ("MISS", b"2")
    assert label(await world.cache.answer(HEAT, service)) == ("HIT", b"2")


async def test_a_write_makes_every_answer_of_its_path_go() -> None:
    world, service = World(), Service(vary="accept-language")
    german = replace(HEAT, headers={"accept-language": "de"})
    put = replace(HEAT, method="PUT", cache_seconds=0, also_cached=True)
    for asked in (HEAT, german):
        await world.cache.answer(asked, service)
    world.pass_time(10)

    written = await world.cache.answer(put, Service())
    world.pass_time(10)

    assert label(written) == ("BYPASS", b"1")
    assert label(await world.cache.answer(HEAT, service)) == ("MISS", b"3")
    assert label(await world.cache.answer(german, service)) == ("MISS", b"4")


async def test_without_its_store_the_cache_lets_everything_through(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone, clock = Gone(), FixedClock()
    world, service = World(DegradingCache(gone, clock)), Service()
    put = replace(HEAT, method="PUT", also_cached=True)

    for _ in range(130):
        assert (await world.cache.answer(HEAT, service)).headers["x-cache"] == "BYPASS"
        assert (await world.cache.answer(put, service)).status == 200
        clock.advance(timedelta(seconds=0.5))

    assert gone.asked <= 65
    assert [r.getMessage() for r in caplog.records] == ["cache.degraded"] * 2


async def test_a_store_that_came_back_is_used_again() -> None:
    clock = FixedClock()
    degrading = DegradingCache(Gone(), clock)
    world, service = World(degrading), Service()
    await world.cache.answer(HEAT, service)

    degrading._store = MemoryCache(clock)
    clock.advance(timedelta(seconds=1.1))
    answers = [label(await world.cache.answer(HEAT, service))[0] for _ in range(2)]

    assert answers == ["MISS", "HIT"]


async def test_memory_answers_for_a_second_before_the_store_is_asked_again() -> None:
    clock = FixedClock()
    far = MemoryCache(clock)
    world, service = World(LayeredCache(MemoryCache(clock), far, clock)), Service()
    world.clock = clock
    world.cache = world.instance()
    for _ in range(2):
        await world.cache.answer(HEAT, service)

    await far.purge([ID])
    near = await world.cache.answer(HEAT, service)
    world.pass_time(1)
    after = await world.cache.answer(HEAT, service)

    assert label(near) == ("HIT", b"1")
    assert label(after) == ("MISS", b"2")


async def test_memory_keeps_what_was_used_last_within_its_bytes() -> None:
    clock = FixedClock()
    memory = MemoryCache(clock, limit_bytes=3000)
    entry = Entry(Answer(200, {}, b"x" * 400), 0.0, 60, ("t",))

    for key in ("a", "b", "c"):
        await memory.put(key, entry, keep_seconds=60)
    assert await memory.get("a")
    await memory.put("d", entry, keep_seconds=60)

    assert [key for key in "abcd" if await memory.get(key)] == ["a", "c", "d"]
    assert await memory.purge(["t"]) == 3
    assert memory._size == 0


STEPS = st.lists(st.sampled_from(["ask", "change", "answer", "wait"]), max_size=30)


@given(STEPS)
def test_nothing_older_than_the_last_purge_is_ever_kept(steps: list[str]) -> None:
    asyncio.run(_never_old(steps))


async def _never_old(steps: list[str]) -> None:
    """Change a title at any moment of a question; what is kept is never from before the change."""
    world, truth = World(), 0
    store = world.store
    assert isinstance(store, MemoryCache)
    waiting: list[tuple[asyncio.Event, asyncio.Task[Answer]]] = []
    for step in steps:
        if step == "ask":
            gate, read = asyncio.Event(), truth
            task = asyncio.create_task(world.cache.answer(HEAT, _reads(read, gate)))
            waiting.append((gate, task))
        elif step == "change":
            truth += 1
            await store.purge([ID])
        elif step == "answer" and waiting:
            waiting.pop(0)[0].set()
        world.pass_time(1.5 if step == "wait" else 0.3)
        for _ in range(5):
            await asyncio.sleep(0)
        kept = [held.entry for held in store._held.values()]
        assert all(int(entry.answer.body) == truth for entry in kept)
    for gate, _ in waiting:
        gate.set()
    await world.cache.settle()


def _reads(value: int, gate: asyncio.Event) -> Callable[[], Awaitable[Answer]]:
    async def fetch() -> Answer:
        await gate.wait()
        return Answer(200, {}, str(value).encode())

    return fetch
