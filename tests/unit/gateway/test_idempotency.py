"""One effect for one key, whatever callers, failures and instances do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.idempotency import (
    Attempt,
    IdempotentDoor,
    KeyInUseError,
    KeyReusedError,
    MemoryIdempotency,
    key_of,
)
from shared.gateway.ports import Answer, Claim
from shared.kernel.clock import FixedClock
from shared.kernel.errors import AppError, MalformedError, TimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ORDER = Attempt("user:ada", "/api/v1/sessions", "POST", "/api/v1/sessions", b'{"title":"heat"}')
CREATED = Answer(201, {"location": "/api/v1/sessions/1", "connection": "close"}, b'{"id":1}')


class Handler:
    """Counts how often it runs, and answers when it is let."""

    def __init__(self, answer: Answer = CREATED) -> None:
        self.answer, self.runs = answer, 0
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> Answer:
        """Answer once it is let."""
        self.runs += 1
        await self.open.wait()
        if self.error:
            raise self.error
        return self.answer


class Gone:
    """A store that does not answer from some moment on."""

    def __init__(self, store: MemoryIdempotency) -> None:
        self._store, self.gone, self.asked = store, True, 0

    async def claim(self, key: str, fingerprint: str) -> Claim:
        """Pass a claim on, or refuse."""
        self.asked += 1
        self._check()
        return await self._store.claim(key, fingerprint)

    async def finish(self, key: str, fingerprint: str, answer: Answer) -> None:
        """Pass an answer on, or refuse."""
        self._check()
        await self._store.finish(key, fingerprint, answer)

    async def abandon(self, key: str) -> None:
        """Pass an end on, or refuse."""
        self._check()
        await self._store.abandon(key)

    def _check(self) -> None:
        if self.gone:
            raise UnavailableError("redis does not answer")


def door(clock: FixedClock | None = None) -> IdempotentDoor:
    at = clock or FixedClock()
    return IdempotentDoor(MemoryIdempotency(at), clock=at)


@pytest.mark.parametrize(
    ("given_key", "key"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        (' "a b" ', "a b"),
        (r'"say \"hi\" \\"', r'say "hi" \ '.strip()),
        ("x" * 255, "x" * 255),
    ],
)
def test_a_key_is_a_string_in_quotes_or_a_plain_word(given_key: str, key: str) -> None:
    assert key_of({"idempotency-key": given_key}) == key


def test_without_its_header_there_is_no_key() -> None:
    assert key_of({}) is None


@pytest.mark.parametrize(
    "given_key",
    ["", '""', '"a', 'a"', '"a", "b"', "a, b", "a b", "é", '"é"', r'"\a"', '"\x07"', "x" * 256],
)
def test_anything_else_is_malformed_and_the_field_is_named(given_key: str) -> None:
    with pytest.raises(MalformedError) as raised:
        key_of({"idempotency-key": given_key})
    assert [issue.field for issue in raised.value.issues] == ["Idempotency-Key"]


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255))
def test_every_printable_key_survives_its_quoting(key: str) -> None:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert key_of({"idempotency-key": f'"{quoted}"'}) == key


async def test_the_second_attempt_gets_the_first_ones_answer() -> None:
    at, handler = door(), Handler()

    first = await at.answer(ORDER, "k", handler)
    second = await at.answer(ORDER, "k", handler)

    assert handler.runs == 1
    assert first is CREATED
    assert (second.status, second.body) == (201, CREATED.body)
    assert second.headers == {"location": "/api/v1/sessions/1", "idempotency-replayed": "true"}


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, body=b'{"title":"ronin"}'),
        replace(ORDER, target="/api/v1/sessions?dry=1"),
    ],
)
async def test_a_key_of_another_request_is_refused(other: Attempt) -> None:
    at, handler = door(), Handler()
    await at.answer(ORDER, "k", handler)

    with pytest.raises(KeyReusedError) as raised:
        await at.answer(other, "k", handler)

    assert handler.runs == 1
    assert raised.value.issues[0].field == "Idempotency-Key"


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, principal="user:bob"),
        replace(ORDER, route="/api/v1/devices"),
        replace(ORDER, method="PATCH"),
    ],
)
async def test_another_callers_or_routes_key_is_another_key(other: Attempt) -> None:
    at, handler = door(), Handler()
    await at.answer(ORDER, "k", handler)

    await at.answer(other, "k", handler)

    assert handler.runs == 2


def test_a_fingerprint_cannot_be_moved_between_target_and_body() -> None:
    moved = replace(ORDER, target="/a", body=b'"]:b')
    assert moved.fingerprint != replace(ORDER, target='/a"]:b', body=b"").fingerprint


async def test_an_attempt_beside_a_running_one_is_told_when_to_come_again() -> None:
    at, handler = door(), Handler()
    handler.open.clear()
    first = asyncio.create_task(at.answer(ORDER, "k", handler))
    await asyncio.sleep(0.0)

    with pytest.raises(KeyInUseError) as raised:
        await at.answer(ORDER, "k", handler)
    handler.open.set()
    await first

    assert raised.value.retry_after_seconds == 1
    assert handler.runs == 1


@pytest.mark.parametrize("status", [500, 503, 504, 408, 409, 425, 429])
async def test_an_answer_that_a_repetition_may_mend_is_not_remembered(status: int) -> None:
    at, handler = door(), Handler(Answer(status, {}, b""))
    await at.answer(ORDER, "k", handler)
    handler.answer = CREATED

    assert await at.answer(ORDER, "k", handler) is CREATED


@pytest.mark.parametrize("status", [200, 303, 400, 404, 410, 422])
async def test_an_answer_about_the_request_is_remembered(status: int) -> None:
    at, handler = door(), Handler(Answer(status, {}, b""))
    await at.answer(ORDER, "k", handler)

    again = await at.answer(ORDER, "k", handler)

    assert (again.status, handler.runs) == (status, 1)


async def test_an_error_frees_the_key() -> None:
    at, handler = door(), Handler()
    handler.error = TimedOutError("slow")
    with pytest.raises(TimedOutError):
        await at.answer(ORDER, "k", handler)
    handler.error = None

    assert await at.answer(ORDER, "k", handler) is CREATED


async def test_a_caller_who_goes_away_finds_the_answer_when_it_comes_back() -> None:
    at, handler = door(), Handler()
    handler.open.clear()
    first = asyncio.create_task(at.answer(ORDER, "k", handler))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    handler.open.set()
    await at.settle()

    again = await at.answer(ORDER, "k", handler)

    assert (again.status, handler.runs) == (201, 1)


async def test_a_key_is_forgotten_after_a_day() -> None:
    clock, handler = FixedClock(), Handler()
    at = door(clock)
    await at.answer(ORDER, "k", handler)

    clock.advance(timedelta(hours=24))
    await at.answer(ORDER, "k", handler)

    assert handler.runs == 2


async def test_without_its_store_requests_go_on_and_one_process_still_runs_each_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FixedClock()
    store = Gone(MemoryIdempotency(clock))
    at, handler = IdempotentDoor(store, clock=clock), Handler()

    for turn in range(130):
        await at.answer(ORDER, f"{turn % 10}", handler)
        clock.advance(timedelta(seconds=0.5))

    assert handler.runs == 10
    assert store.asked <= 65
    assert [r.getMessage() for r in caplog.records] == ["idempotency.degraded"] * 2


async def test_an_answer_that_could_not_be_remembered_is_answered_all_the_same() -> None:
    clock = FixedClock()
    store = Gone(MemoryIdempotency(clock))
    store.gone = False
    at, handler = IdempotentDoor(store, clock=clock), Handler()
    handler.open.clear()
    first = asyncio.create_task(at.answer(ORDER, "k", handler))
    await asyncio.sleep(0)
    store.gone = True
    handler.open.set()

    assert await first is CREATED


async def test_one_process_remembers_a_bounded_number_of_keys() -> None:
    store = MemoryIdempotency(FixedClock(), most=3)
    for key in "abcd":
        await store.claim(key, "f")
    assert list(store._keys) == ["b", "c", "d"]


SCRIPT = st.lists(
    st.tuples(st.sampled_from(["ask", "end", "fail", "leave"]), st.integers(0, 1)), max_size=25
)


@given(SCRIPT)
def test_no_interleaving_of_two_instances_runs_a_remembered_request_again(
    script: list[tuple[str, int]],
) -> None:
    asyncio.run(_play(script))


class Play:
    """What two instances do with one key, and what must hold of it."""

    def __init__(self) -> None:
        clock = FixedClock()
        store = MemoryIdempotency(clock)
        self.doors = [IdempotentDoor(store, clock=clock) for _ in range(2)]
        self.running: list[asyncio.Future[Answer]] = []
        self.succeeded = 0
        self.broken: list[str] = []
        self.asked: list[asyncio.Task[Answer]] = []

    async def run(self) -> Answer:
        """Run until the script ends it; note what must not happen."""
        if self.running or self.succeeded:
            self.broken.append("two at once" if self.running else "again after a success")
        gate: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.running.append(gate)
        return await gate

    def step(self, what: str, instance: int, run: Callable[[], Awaitable[Answer]]) -> None:
        """Do one thing of the script."""
        if what == "ask":
            answering = self.doors[instance].answer(ORDER, "k", run)
            self.asked.append(asyncio.create_task(answering))
        elif what == "leave" and self.asked:
            self.asked[-1].cancel()
        elif self.running:
            gate = self.running.pop()
            gate.set_result(CREATED if what == "end" else Answer(503, {}, b""))
            self.succeeded += what == "end"


async def _play(script: list[tuple[str, int]]) -> None:
    play = Play()
    for what, instance in [*script, ("end", 0)]:
        play.step(what, instance, play.run)
        for _ in range(6):
            await asyncio.sleep(0)
    results = await asyncio.gather(*play.asked, return_exceptions=True)

    assert play.broken == []
    for found in results:
        assert isinstance(found, Answer | AppError | asyncio.CancelledError), repr(found)
