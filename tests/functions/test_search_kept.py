"""Search as it is served: answers are kept in Redis, and end with the ranking they were made by."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest
import redis

from emulators.managed.redis import Redis, temporary_redis
from shared.adapters import answering, connect
from shared.adapters.redis.answers import RedisAnswers
from shared.adapters.sql.ranking.store import read_standing
from shared.kernel.clock import SystemClock
from shared.search.answer import SearchAnswer
from shared.search.answers.kept import KeptAnswers
from shared.search.answers.serving import Served, ServedAnswers
from shared.search.query import SearchQuery, Strategy
from shared.search.tuning.traffic import slot_of
from shared.search.tuning.tunings import RENEW_SECONDS, Tunings
from tests.fakes.ranking import change, weights
from tests.fakes.surroundings import change as change_environment
from tests.fakes.tokens import trusted
from tests.functions.test_search_query import SearchClient
from tests.functions.test_search_ranking import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from shared.search.hybrid import Search

VIEWERS = [f"0190a0b0-0000-7000-8000-{n:012d}" for n in range(40)]
HEAT = SearchQuery(query="heat", strategy=Strategy.KEYWORD, explain=True, facets=True)
BY_WORDS = weights(vector=0.05, graph=0.05, keyword=0.85, popularity=0.05)


@dataclass
class Shelf:
    """Searches as one process serves them.

    Attributes:
        now: Of the clock by which the ranking is read again.
        catalog: Version of what is searched.
    """

    client: Callable[[], redis.Redis]
    search: Callable[[], Search]
    now: float = 0.0
    catalog: str = "c1"

    def __post_init__(self) -> None:
        self.redis = RedisAnswers(self.client, budget_seconds=5)
        tunings = Tunings(read_standing, seconds=lambda: self.now)
        kept = KeptAnswers(self.redis)
        self.serve = ServedAnswers(self.search, tunings, kept, lambda: self.catalog)

    async def ask(self, query: SearchQuery = HEAT, **more: Any) -> Served:  # noqa: ANN401 - who asks
        """Return an answer, off the event loop as handlers are."""
        return await asyncio.to_thread(self.serve, query, **more)

    async def settle(self) -> None:
        """Wait until what was kept is kept: a later command is not done before an earlier one."""
        await asyncio.to_thread(self.redis.close)
        self.redis = RedisAnswers(self.client, budget_seconds=5)
        self.serve.kept._store = self.redis

    def reread(self, version: int) -> bool:
        """Tell whether a version is in force here, once what was read is old."""
        self.now += RENEW_SECONDS
        known = self.serve.tunings.of
        return any(known().version == version or Event().wait(0.005) for _ in range(400))


@dataclass
class Likes:
    """Somebody who likes one title."""

    title: str

    def scores(self, ids: Sequence[str]) -> Mapping[str, float]:
        """Return 1 for it and 0 for every other."""
        return {each: float(each == self.title) for each in ids}


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with temporary_redis() as running:
        yield running


@pytest.fixture
def shelf(catalogue: connect.Addresses, server: Redis) -> Iterator[Shelf]:
    """One process over the catalogue and an empty Redis."""
    assert catalogue.database_url
    main = SearchClient().main
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        made = Shelf(lambda: client, main.search_titles)
        yield made
        made.redis.close()


@pytest.fixture
def desk(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The administrator's function beside it."""
    assert shelf.now == 0
    with trusted(monkeypatch) as authority:
        yield Desk(authority)


@pytest.mark.behavior("search:11:9")
async def test_a_kept_answer_is_the_fresh_one_but_for_its_id_and_time(shelf: Shelf) -> None:
    fresh = await shelf.ask()
    await shelf.settle()
    kept = await shelf.ask()

    ids = (UUID(int=1), UUID(int=2))
    bodies = [s.body(id_, 1.0) for s, id_ in zip((fresh, kept), ids, strict=True)]
    said = [orjson.loads(body) for body in bodies]
    assert (fresh.cached, kept.cached) == (False, True)
    assert [each.pop("search_id") for each in said] == [str(one) for one in ids]
    assert said[0] == said[1]
    assert kept.parts == fresh.parts
    assert kept.parts.shown == tuple(each["content"]["id"] for each in said[0]["results"][:10])
    assert SearchAnswer.model_validate_json(bodies[1], strict=True).results


async def test_what_is_kept_is_what_the_function_answers(shelf: Shelf) -> None:
    asked = {"q": "heat", "strategy": "keyword", "explain": "true", "facets": "true"}
    answered = (await SearchClient().get(**asked)).json
    served = await shelf.ask()

    own = {"search_id": answered["search_id"], "search_time_ms": answered["search_time_ms"]}
    assert orjson.loads(served.parts.body) | own == answered


@pytest.mark.behavior("search:11:9")
async def test_other_weights_are_another_answer_and_the_old_ones_are_asked_for_no_more(
    shelf: Shelf, desk: Desk
) -> None:
    before = await shelf.ask()
    await shelf.settle()
    changed = await desk.put(change(sources=BY_WORDS))
    assert (await shelf.ask()).cached

    assert shelf.reread(changed.json["version"])
    after = await shelf.ask()
    assert (after.cached, after.tuned.version) == (False, changed.json["version"])
    assert after.parts.body != before.parts.body
    assert after.parts.shown[0] == before.parts.shown[0]


async def test_another_catalog_another_page_and_another_caller_are_other_answers(
    shelf: Shelf,
) -> None:
    await shelf.ask()
    await shelf.settle()
    second = HEAT.model_copy(update={"page": 2})
    others = [await shelf.ask(second), await shelf.ask(principal=VIEWERS[0])]
    shelf.catalog = "c2"
    others.append(await shelf.ask())

    assert [one.cached for one in others] == [False] * 3


async def test_an_answer_in_which_taste_counts_is_neither_kept_nor_given(shelf: Shelf) -> None:
    usual = await shelf.ask(principal=VIEWERS[0])
    await shelf.settle()
    assert (await shelf.ask(principal=VIEWERS[0])).cached

    shelf.serve = replace(shelf.serve, taste=lambda _: Likes(usual.parts.shown[0]))
    own = [await shelf.ask(principal=VIEWERS[0]) for _ in range(2)]
    assert [each.cached for each in own] == [False, False]
    said = [orjson.loads(each.parts.body)["results"][0] for each in (usual, own[0])]
    assert said[1]["component_scores"].pop("personal") == 1
    assert said[1]["relevance_score"] > said[0]["relevance_score"]
    assert (await shelf.ask()).parts.shown == usual.parts.shown


async def test_while_nobody_knows_what_is_searched_nothing_is_kept(shelf: Shelf) -> None:
    shelf.catalog = ""
    await shelf.ask()
    await shelf.settle()
    assert not (await shelf.ask()).cached


@pytest.mark.behavior("search:11:8")
async def test_viewers_of_a_variant_get_it_and_everybody_else_the_control(
    shelf: Shelf, desk: Desk
) -> None:
    usual = await shelf.ask()
    made = await desk.vary(50, sources=BY_WORDS)
    assert made.status == 200
    slots = set(read_standing().by_slot)
    shelf.now += RENEW_SECONDS
    inside = next(viewer for viewer in VIEWERS if slot_of(viewer) in slots)
    outside = next(viewer for viewer in VIEWERS if slot_of(viewer) not in slots)
    of = shelf.serve.tunings.of
    assert any(of(inside).variant or Event().wait(0.005) for _ in range(400))

    one, other, nobody = [await shelf.ask(principal=who) for who in (inside, outside, "")]
    assert (one.tuned.variant, one.tuned.version) == ("more-words", made.json["version"])
    assert (other.tuned, nobody.tuned) == (usual.tuned, usual.tuned)
    assert orjson.loads(one.body(UUID(int=1), 1.0))["experiment_variant"] == "more-words"
    assert b"experiment_variant" not in other.body(UUID(int=1), 1.0)
    assert one.parts.body != usual.parts.body
    assert other.parts.body == nobody.parts.body == usual.parts.body


async def test_where_a_source_is_lost_the_answer_says_so_and_is_not_kept(shelf: Shelf) -> None:
    both = HEAT.model_copy(update={"strategy": Strategy.HYBRID})
    given = []
    for _ in range(2):
        given.append(await shelf.ask(both))
        await shelf.settle()

    assert [one.cached for one in given] == [False, False]
    assert all("vector" in one.parts.degraded for one in given)


async def test_without_redis_every_search_is_made(shelf: Shelf) -> None:
    def nowhere() -> redis.Redis:
        raise redis.ConnectionError("gone")

    alone = Shelf(nowhere, shelf.search)
    first, second = [await alone.ask() for _ in range(2)]
    alone.redis.close()

    assert (first.cached, second.cached) == (False, False)
    assert first.parts == second.parts


async def test_two_processes_as_they_are_wired_share_what_they_keep(
    shelf: Shelf, server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_environment(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": server.url})
    stores = [RedisAnswers(budget_seconds=5) for _ in range(2)]
    monkeypatch.setattr(answering, "RedisAnswers", iter(stores).__next__)
    one, other = [answering.served_answers(shelf.search, SystemClock()) for _ in range(2)]

    first = await asyncio.to_thread(one, HEAT)
    await asyncio.to_thread(stores[0].close)
    second = await asyncio.to_thread(other, HEAT)
    stores[1].close()
    connect.redis().close()
    assert (first.cached, second.cached) == (False, True)
    assert first.parts == second.parts
