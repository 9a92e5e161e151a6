"""What stands in for a lost service: nobody's answer, given only where it hurts nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.gateway.cache_stores import MemoryCache
from shared.gateway.fallback import KEEP_SECONDS, RENEW_SECONDS, Fallbacks, Request
from shared.gateway.ports import Answer
from shared.gateway.routes import RouteTable
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from tests.fakes.catalog import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.gateway.ports import Entry
    from shared.gateway.routes import Route

PLACE = {"path": "/popular", "ignores": ["q"]}
PLAIN: dict[str, Any] = {
    "service": "search-query",
    "area": "search",
    "method": "GET",
    "auth": "public",
    "timeout_seconds": 5,
    "body_limit": 10,
}
TABLE = RouteTable([{**PLAIN, "path": "/popular"}, {**PLAIN, "path": "/find", "fallback": PLACE}])
FALLBACK = TABLE.find("GET", "/find").fallback
ASKED = Request("q=heat", b"", "abc-12345")
GOOD = Answer(200, {"content-type": "application/json"}, b'{"results": ["heat"]}')
LOST = Answer(503, {"content-type": "application/problem+json"}, b'{"code": "unavailable"}')


class Service:
    """Says what is popular, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer | UnavailableError = Answer(
            200, {"content-type": "application/json"}, b'{"popular": ["ronin"]}'
        )
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Answer one request."""
        assert (route.path, body) == (target, b"")
        self.asked.append((target, headers))
        if isinstance(self.answer, UnavailableError):
            raise self.answer
        return self.answer


class Store(MemoryCache):
    """A store that may be gone."""

    gone = False

    async def get(self, key: str) -> Entry | None:
        """Return what is kept under `key`."""
        if self.gone:
            raise UnavailableError("redis does not answer")
        return await super().get(key)


class World:
    """Instances of the gateway over one store and one service."""

    def __init__(self) -> None:
        self.clock, self.service = FixedClock(NOW), Service()
        self.store = Store(self.clock)

    def instance(self) -> Fallbacks:
        """Return another one."""
        return Fallbacks(TABLE, self.store, self.service, clock=self.clock)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))


async def answered(found: Fallbacks, answer: Answer, asked: Request = ASKED) -> Any:  # noqa: ANN401 - JSON
    """Return the body that a caller gets for an answer of the service."""
    assert FALLBACK is not None
    told = await found.beside(FALLBACK, asked, answer)
    await found.settle()
    assert (told.status, told.headers) == (answer.status, answer.headers)
    return json.loads(told.body)


async def test_a_loss_is_told_with_the_last_good_answer_of_the_other_operation() -> None:
    world = World()
    one = world.instance()
    assert await answered(one, GOOD) == {"results": ["heat"]}

    world.later(60)

    stands_in = {
        "path": "/popular",
        "as_of": "2026-01-01T00:00:00+00:00",
        "answer": {"popular": ["ronin"]},
    }
    said = {"code": "unavailable", "fallback": stands_in}
    assert await answered(one, LOST) == said
    assert await answered(world.instance(), LOST) == said


async def test_it_is_asked_for_as_nobody_and_once_in_five_minutes_by_all_instances() -> None:
    world = World()
    instances = [world.instance(), world.instance()]

    for seconds in (0, 1, RENEW_SECONDS - 2, 2):
        world.later(seconds)
        for each in instances:
            await answered(each, GOOD)

    assert len(world.service.asked) == 2
    target, headers = world.service.asked[0]
    assert target == "/popular"
    assert set(headers) == {"accept", "x-request-id", "x-request-deadline-ms"}


@pytest.mark.parametrize(
    ("query", "body", "limited"),
    [
        ("q=heat&content_rating_limit=PG", b"", False),
        ("q=heat&new_filter=", b"", False),
        ("", b'{"q": "heat", "filters": {"genres": ["drama"]}}', False),
        ("", b"[]", False),
        ("", b"{", False),
        ("q=heat", b"", True),
    ],
)
async def test_who_asked_not_to_see_something_gets_nothing(
    query: str, body: bytes, *, limited: bool
) -> None:
    one = World().instance()
    await answered(one, GOOD)

    asked = Request(query, body, "abc-12345", limited)

    assert await answered(one, LOST, asked) == {"code": "unavailable"}


async def test_fields_that_ask_for_nothing_are_no_reason_to_give_nothing() -> None:
    one = World().instance()
    await answered(one, GOOD)

    asked = Request("", b'{"q": "heat", "filters": {}, "region": null}', "abc-12345")

    assert "fallback" in await answered(one, LOST, asked)


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500])
async def test_any_other_problem_is_told_as_it_is(status: int) -> None:
    one = World().instance()
    await answered(one, GOOD)

    said = Answer(status, LOST.headers, LOST.body)

    assert await answered(one, said) == {"code": "unavailable"}


@pytest.mark.parametrize(
    "answer",
    [
        UnavailableError("gone"),
        LOST,
        Answer(200, {}, b"<html>"),
        Answer(200, {}, b"[]"),
        Answer(200, {"x-cache-tags": "no tag"}, GOOD.body),
    ],
)
async def test_what_is_no_good_answer_is_not_kept(answer: Answer | UnavailableError) -> None:
    world = World()
    world.service.answer = answer
    one = world.instance()
    await answered(one, GOOD)

    assert await answered(one, LOST) == {"code": "unavailable"}


async def test_it_is_given_for_an_hour_and_renewed_as_soon_as_all_is_well() -> None:
    world = World()
    one = world.instance()
    await answered(one, GOOD)

    world.later(KEEP_SECONDS)
    assert await answered(one, LOST) == {"code": "unavailable"}

    await answered(one, GOOD)
    assert "fallback" in await answered(one, LOST)


async def test_without_the_store_each_instance_has_its_own() -> None:
    world = World()
    one, other = world.instance(), world.instance()
    await answered(one, GOOD)

    world.store.gone = True

    assert "fallback" in await answered(one, LOST)
    assert "fallback" not in await answered(other, LOST)


@pytest.mark.parametrize("tags", ["", "heat"])
async def test_a_title_that_is_gone_takes_the_answer_with_it(tags: Sequence[str]) -> None:
    world = World()
    one = world.instance()
    world.service.answer = Answer(200, {"x-cache-tags": str(tags)}, GOOD.body)
    await answered(one, GOOD)

    await world.store.purge(["heat"])

    assert ("fallback" in await answered(one, LOST)) == (not tags)
