"""What is kept of answers that depend on what a caller may see, and on nothing else of them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest

from shared.gateway.cache_stores import MemoryCache
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

    from shared.gateway.routes import Route
    from shared.kernel.errors import AppError

ROW = {
    "service": "catalog-read", "area": "catalog", "method": "GET", "auth": "optional",
    "view": "limits", "path": "/heat", "cache_seconds": 60, "timeout_seconds": 5, "body_limit": 100,
}  # fmt: skip
ADULT = Principal(Kind.USER, "ada", pid="ada", tier=Tier.FREE)
CHILD = ADULT._replace(pid="kim", max_rating="PG")
OTHER_CHILD = Principal(Kind.USER, "bob", pid="bob", tier=Tier.PREMIUM, max_rating="PG")
TEEN = OTHER_CHILD._replace(max_rating="PG-13")
NO_HORROR = ADULT._replace(blocked_genres=("Horror",))
PEOPLE = {
    "adult": ADULT, "child": CHILD, "other-child": OTHER_CHILD, "teen": TEEN,
    "no-horror": NO_HORROR,
}  # fmt: skip


class Service:
    """Says who asked, as far as it can tell."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Answer one request."""
        del route, target, body
        self.asked.append(headers.get("authorization", "nobody"))
        told = {"cache-control": "public, max-age=60", "content-type": "text/plain"}
        return Answer(200, told, self.asked[-1].encode())


class Watched:
    """Hears nothing."""

    def routed(self, route: Route) -> None:
        """Hear of a route."""

    def limited(self, tier: str, rate_class: str) -> None:
        """Hear of a refusal."""

    def cached(self, label: str) -> None:
        """Hear of a hit or a miss."""


class Gateway:
    """A door with one service and a cache."""

    def __init__(self) -> None:
        clock, self.service = FixedClock(), Service()
        steps = Steps(
            authorize=self._authorize,
            cors=Cors([]),
            limits=standard_limits(),
            limiter=MemoryLimiter(clock),
            idempotent=IdempotentDoor(MemoryIdempotency(clock), clock=clock),
            cache=ResponseCache(MemoryCache(clock), clock=clock, random=Random(7)),
            upstream=cast("Any", self.service),
            watch=Watched(),
            problem=self._problem,
        )
        self.door = Door(RouteTable([ROW]), steps)

    @staticmethod
    async def _authorize(auth: str, scopes: Sequence[str], headers: Mapping[str, str]) -> Principal:
        del auth, scopes
        return PEOPLE.get(headers.get("authorization", ""), ANONYMOUS)

    @staticmethod
    def _problem(error: AppError, identifier: str) -> Answer:
        del identifier
        return Answer(500, {}, error.message.encode())

    async def ask(self, who: str = "") -> Answer:
        """Return what somebody is answered."""
        headers = {"authorization": who} if who else {}
        answer = await self.door.answer(Incoming("GET", "/heat", headers, b"", "192.0.2.1", "r"))
        await self.door.settle()
        assert answer.status == 200, answer.body
        return answer


async def test_who_may_see_everything_is_answered_as_nobody_and_shares_what_is_kept() -> None:
    gateway = Gateway()

    answers = [await gateway.ask(who) for who in ("adult", "", "adult", "")]

    assert gateway.service.asked == ["nobody"]
    assert {answer.body for answer in answers} == {b"nobody"}
    assert [answer.headers["x-cache"] for answer in answers] == ["MISS", "HIT", "HIT", "HIT"]


async def test_viewers_with_the_same_limits_share_and_others_do_not() -> None:
    gateway = Gateway()

    told = [(await gateway.ask(who)).body.decode() for who in [*PEOPLE, "", *PEOPLE]]

    assert gateway.service.asked == ["nobody", "child", "teen", "no-horror"]
    one_round = ["nobody", "child", "child", "teen", "no-horror"]
    assert told == [*one_round, "nobody", *one_round]


@pytest.mark.parametrize("who", ["", "adult", "child"])
async def test_other_caches_are_told_that_a_token_makes_a_difference(who: str) -> None:
    gateway = Gateway()
    await gateway.ask(who)

    for _ in range(2):  # the second is remembered as a whole
        vary = (await gateway.ask(who)).headers["vary"].lower().split(", ")
        assert {"authorization", "x-api-key", "origin"} == set(vary)


async def test_nothing_of_an_anonymous_way_that_is_remembered_reaches_a_limited_viewer() -> None:
    gateway = Gateway()
    for _ in range(3):
        await gateway.ask()

    assert (await gateway.ask("child")).body == b"child"
    assert (await gateway.ask()).body == b"nobody"
