"""A door that remembers ways answers as one that does not, whatever happens in between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.gateway import recall
from shared.gateway.cache_stores import LayeredCache, MemoryCache
from shared.gateway.caching import ResponseCache
from shared.gateway.cors import Cors
from shared.gateway.gcra import MemoryLimiter
from shared.gateway.idempotency import IdempotentDoor, MemoryIdempotency
from shared.gateway.limits import standard_limits
from shared.gateway.passage import Incoming, Steps
from shared.gateway.pipeline import Door
from shared.gateway.ports import Answer
from shared.gateway.routes import RouteTable
from shared.kernel.clock import FixedClock
from shared.kernel.principal import ANONYMOUS, Kind, Principal, Tier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from shared.gateway.recall import Key, Recalled
    from shared.gateway.routes import Route
    from shared.kernel.errors import AppError

ADA = Principal(Kind.USER, "ada", tier=Tier.FREE)
PAGE = "https://tv.example"
TAG = "heat"


def row(path: str, **traits: object) -> dict[str, object]:
    plain = {"service": "s", "area": "a", "method": "GET", "auth": "optional", "cache_seconds": 60}
    return {**plain, "path": path, "timeout_seconds": 5, "body_limit": 100, **traits}


TABLE = RouteTable(
    [
        row("/kept"),
        row("/brief", cache_seconds=2),
        row("/open", auth="public", rate="playback"),
        row("/never", cache_seconds=0),
        row("/kept", method="POST", cache_seconds=0),
        row("/posted", idempotent=True),
    ]
)


@dataclass
class Service:
    """Says how often it was asked, and what it was told to say."""

    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Answer one request."""
        self.asked += 1
        language = headers.get("accept-language", "")
        said = f"{route.method} {target} {language} {self.asked} {body!r}"
        return Answer(200, {"content-type": "text/plain", **self.headers}, said.encode())


class Forgetful(recall.Recall):
    """Remembers nothing."""

    def find(self, key: Key | None) -> Recalled | None:
        """Return that nothing is known."""
        del key
        return None


class Watched:
    """Hears what becomes of requests."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def routed(self, route: Route) -> None:
        """Note the route."""
        self.heard.append(route.path)

    def limited(self, tier: str, rate_class: str) -> None:
        """Note a refusal."""
        self.heard.append(f"{tier} {rate_class}")

    def cached(self, label: str) -> None:
        """Note what the cache said."""
        self.heard.append(label)


class Gateway:
    """A door with one service and a store in two layers."""

    def __init__(self, memory: recall.Recall) -> None:
        self.clock, self.service, self.watch = FixedClock(), Service(), Watched()
        self.far = MemoryCache(self.clock)
        store = LayeredCache(MemoryCache(self.clock), self.far, self.clock)
        steps = Steps(
            authorize=self._authorize,
            cors=Cors([PAGE]),
            limits=standard_limits(),
            limiter=MemoryLimiter(self.clock),
            idempotent=IdempotentDoor(MemoryIdempotency(self.clock), clock=self.clock),
            cache=ResponseCache(store, clock=self.clock, random=Random(7)),
            upstream=cast("Any", self.service),
            watch=self.watch,
            problem=self._problem,
        )
        self.store, self.door = store, Door(TABLE, steps)
        self.door._recall = memory
        self.answers: list[Answer] = []

    async def _authorize(
        self, auth: str, scopes: Sequence[str], headers: Mapping[str, str]
    ) -> Principal:
        del auth, scopes
        return ADA if "authorization" in headers else ANONYMOUS

    @staticmethod
    def _problem(error: AppError, identifier: str) -> Answer:
        return Answer(429, {"content-type": identifier}, type(error).__name__.encode())

    async def ask(self, target: str, method: str = "GET", /, **headers: str) -> Answer:
        """Return the answer to one request."""
        peer = headers.pop("peer", "192.0.2.1")
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        if known.get("if-none-match") == "last":
            tags = [a.headers["etag"] for a in self.answers if "etag" in a.headers]
            known["if-none-match"] = tags[-1] if tags else '"none"'
        asked = Incoming(method, target, known, b"", peer, "request-1")
        self.answers.append(await self.door.answer(asked))
        await self.door.settle()
        return self.answers[-1]

    async def do(self, step: Step) -> None:
        """Ask, purge, wait, or let the service say something else."""
        match step:
            case ("ask", target, method, headers):
                await self.ask(target, method, **headers)
            case ("purge", "here"):
                await self.store.purge([TAG])
            case ("purge", _):
                await self.far.purge([TAG])  # as another instance, or an event, does it
            case ("wait", seconds):
                self.clock.advance(timedelta(seconds=seconds))
            case _:
                said = step[1]
                self.service.headers = {"x-cache-tags": TAG, **said}


Step = tuple[Any, ...]
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "accept_language": st.sampled_from(["de", "en", "en, de"]),
        "authorization": st.just("Bearer mine"),
        "if_none_match": st.sampled_from(["last", '"other"', "*"]),
        "origin": st.sampled_from([PAGE, "https://evil.example"]),
        "user_agent": st.sampled_from(["tv", "phone"]),
        "idempotency_key": st.just("watch-heat"),
        "peer": st.sampled_from(["192.0.2.1", "192.0.2.2"]),
    },
)
TARGETS = ["/kept", "/kept", "/kept?utm_source=x", "/brief", "/open", "/never", "/posted", "/none"]
ASKED = st.tuples(
    st.just("ask"), st.sampled_from(TARGETS), st.sampled_from(["GET"] * 7 + ["POST"]), HEADERS
)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "cache-control": st.sampled_from(["private", "no-store", "public, max-age=3", "public"]),
        "vary": st.sampled_from(["accept-language", "user-agent", "Accept-Encoding"]),
        "etag": st.sampled_from(['"1"', '"2"']),
    },
)
EVENTS = st.one_of(
    st.tuples(st.just("purge"), st.sampled_from(["here", "elsewhere"])),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.4, 1.1, 2.5, 31.0])),
    st.tuples(st.just("say"), SAID),
)


@st.composite
def days(draw: st.DrawFn) -> list[Step]:
    """Return what happens to a gateway where much the same requests come again and again."""
    ask, target, method, headers = draw(ASKED)
    others = draw(st.lists(HEADERS, min_size=1, max_size=2))
    few = [(ask, target, method, found) for found in ({}, headers, *others)]
    event = st.one_of(st.sampled_from(few), st.sampled_from(few), EVENTS)
    found = draw(st.lists(st.tuples(event, st.integers(1, 3)), min_size=4, max_size=14))
    return [step for step, often in found for _ in range(often)]


@settings(max_examples=100, deadline=None)
@given(steps=days())
def test_a_door_that_remembers_answers_as_one_that_does_not(steps: list[Step]) -> None:
    async def run(memory: recall.Recall) -> Gateway:
        gateway = Gateway(memory)
        for step in steps:
            await gateway.do(step)
        return gateway

    remembering, forgetful = asyncio.run(run(recall.Recall())), asyncio.run(run(Forgetful()))

    assert remembering.answers == forgetful.answers
    assert remembering.watch.heard == forgetful.watch.heard
    assert remembering.service.asked == forgetful.service.asked


async def test_an_answer_that_is_given_again_has_the_same_head_in_both_its_forms() -> None:
    for condition in ({}, {"if_none_match": "last"}):
        gateway, _ = await asked_thrice("/kept", origin=PAGE, **condition)
        again = gateway.answers[-1]

        assert again.repeated is not None
        lines = again.repeated.lines.decode("latin-1").splitlines()
        written = dict(line.split(": ", 1) for line in lines)
        length = {} if again.status == 304 else {"content-length": str(len(again.body))}
        assert again.status == (304 if condition else 200)
        assert not written.keys() & again.repeated.changed.keys()
        assert {**written, **again.repeated.changed} == {**again.headers, **length}


async def asked_thrice(
    target: str, *, vary: str = "", **headers: str
) -> tuple[Gateway, recall.Recall]:
    memory = recall.Recall()
    gateway = Gateway(memory)
    gateway.service.headers = {"vary": vary} if vary else {}
    for _ in range(3):
        await gateway.ask(target, **headers)
    return gateway, memory


async def test_the_second_hit_of_a_kind_needs_no_way_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway, memory = await asked_thrice("/kept", origin=PAGE)
    monkeypatch.setattr(gateway.door, "_passed", None)

    again = await gateway.ask("/kept", origin=PAGE, peer="192.0.2.2")

    assert memory.find(("/kept", None, None, None, PAGE)) is not None
    assert (again.headers["x-cache"], again.headers["access-control-allow-origin"]) == ("HIT", PAGE)
    assert again.headers["x-ratelimit-remaining"] == "9"  # another caller's, not the first one's


async def test_a_way_whose_answer_was_made_anew_for_another_request_tells_of_the_new_one() -> None:
    gateway = Gateway(recall.Recall())
    await gateway.do(("say", {}))
    for _ in range(3):
        await gateway.ask("/kept")
    await gateway.do(("purge", "here"))
    await gateway.do(("wait", 2.5))  # so soon after a purge nothing is kept
    renewed = await gateway.ask("/kept", origin=PAGE)  # the same entry by another way

    again = await gateway.ask("/kept")

    assert again.headers["x-cache"] == "HIT"
    assert (again.headers["etag"], again.body) == (renewed.headers["etag"], renewed.body)


async def test_nothing_is_remembered_of_who_says_who_they_are() -> None:
    _, memory = await asked_thrice("/open", authorization="Bearer mine")
    assert memory._known == {}


async def test_nothing_is_remembered_that_another_field_or_a_key_may_change() -> None:
    for target, vary in (("/kept", "user-agent"), ("/posted", ""), ("/kept", "x-request-id")):
        _, memory = await asked_thrice(target, vary=vary, user_agent="tv")
        assert memory._known == {}
    for vary in ("", "accept-language", "accept-encoding"):  # the last reaches no service
        _, memory = await asked_thrice("/kept", vary=vary, user_agent="tv")
        assert len(memory._known) == 1


async def test_memory_has_a_bound() -> None:
    memory = recall.Recall()
    gateway = Gateway(memory)
    await gateway.ask("/kept")
    await gateway.ask("/kept")
    (known,) = memory._known.values()

    for number in range(recall.MOST + 10):
        memory.keep((str(number),), known.way, gateway.answers[-1], known.standing)
    memory.keep(("x" * 2000,), known.way, gateway.answers[-1], known.standing)

    assert len(memory._known) <= recall.MOST
    assert ("x" * 2000,) not in memory._known
