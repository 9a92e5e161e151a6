"""What searches through the gateway take with one client and with eight, kept, and beside a model.

60,000 made titles as in `tests.benchmarks.search`. A client is a thread with a connection of its
own, all of them in this process, on the same two cores as everything they ask. No question is asked
twice, but where kept answers are measured: then each client asks the same ones again.

What a language model costs is told in process: the same questions are asked of a search without a
model, of one whose model takes calls and never answers, and of one where nobody is, by turns. Their
breakers, limits and queues are those that are served.
"""

from __future__ import annotations

import socket
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from statistics import mean, median
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from shared.adapters.catalog_names import catalog_names
from shared.adapters.language_models.calling import ModelApi, http_client
from shared.adapters.language_models.chosen import THREADS
from shared.adapters.language_models.guarded import Guarded
from shared.adapters.language_models.openai import OpenAi
from shared.adapters.redis.intents import RedisReadings
from shared.adapters.resident import LOOK_SECONDS
from shared.adapters.searching import served_search
from shared.adapters.snapshots import CHECK_SECONDS
from shared.adapters.sql.ranking.catalog_version import SETTLE_SECONDS
from shared.search.languagemodel.race import Raced
from shared.search.query import SearchQuery
from tests.benchmarks.cloud import running_cloud
from tests.benchmarks.machine import percentiles
from tests.benchmarks.search import Catalog, Gateway
from tests.fakes.edge import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import ModuleType

    from shared.search.hybrid import Search
    from tests.benchmarks.machine import Row

SIZE = 60_000
CLIENTS = 8
QUERIES, WARM_UP = 160, 40
ROUNDS = 3
"""Of everything, by turns; of each line the round with the lowest median counts."""
NOBODY = "http://127.0.0.1:9"
Times = list[float]


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    with running_cloud() as cloud:
        catalog = Catalog()
        catalog.grow(SIZE)
        catalog.night()
        load("search_snapshot").handle([])
        sleep(max(CHECK_SECONDS, SETTLE_SECONDS))
        return [*_through(cloud.record().addresses["gateway"], catalog), *_beside_models(catalog)]


@dataclass(frozen=True)
class Round:
    """Seconds of each answer to one client and to eight, and how many a second eight got."""

    alive: Times
    one: Times
    eight: Times
    rate: float
    kept: Times
    eight_kept: Times
    kept_rate: float


def _through(address: str, catalog: Catalog) -> list[Row]:
    """Return the rows of the gateway."""
    gateways = [Gateway(address) for _ in range(CLIENTS)]
    _asked(gateways, catalog.queries(WARM_UP), Gateway.search)
    sleep(LOOK_SECONDS)
    rounds = [_round(gateways, catalog) for _ in range(ROUNDS)]
    alive = percentiles(_best(each.alive for each in rounds))
    one, eight = _best(each.one for each in rounds), _best(each.eight for each in rounds)
    kept, eight_kept = _best(r.kept for r in rounds), _best(r.eight_kept for r in rounds)
    rate, kept_rate = max(r.rate for r in rounds), max(r.kept_rate for r in rounds)
    ones = f"one client: {1 / mean(one):,.0f} a second"
    kept_ones = f"one client: {1 / mean(kept):,.0f} a second"
    what = f"through the gateway, {SIZE:,} titles"
    return [
        (
            f"search {what}, one client (target p50 ≤ 15, p95 ≤ 40 ms)",
            percentiles(one),
            f"/health/live: {alive}",
        ),
        (f"search {what}, {CLIENTS} clients", f"{percentiles(eight)}; {rate:,.0f} a second", ones),
        (
            f"a kept answer {what}, one client (target p95 ≤ 5 ms)",
            percentiles(kept),
            f"/health/live: {alive}",
        ),
        (
            f"a kept answer {what}, {CLIENTS} clients",
            f"{percentiles(eight_kept)}; {kept_rate:,.0f} a second",
            kept_ones,
        ),
    ]


def _round(gateways: Sequence[Gateway], catalog: Catalog) -> Round:
    one, eight = catalog.queries(QUERIES), catalog.queries(CLIENTS * QUERIES)
    alive, _ = _asked(gateways[:1], one, lambda gateway, _: gateway.get("/health/live"))
    first, _ = _asked(gateways[:1], one, Gateway.search)
    kept, _ = _asked(gateways[:1], one, Gateway.search)
    at_once, rate = _asked(gateways, eight, Gateway.search)
    eight_kept, kept_rate = _asked(gateways, eight, Gateway.search)
    return Round(alive, first, at_once, rate, kept, eight_kept, kept_rate)


def _asked(
    gateways: Sequence[Gateway], queries: Sequence[str], ask: Callable[[Gateway, str], None]
) -> tuple[Times, float]:
    """Return the seconds of each answer, and how many a second all clients together got."""

    def client(number: int) -> Times:
        ours = queries[number :: len(gateways)]
        return [_seconds(partial(ask, gateways[number], query)) for query in ours]

    began = perf_counter()
    with ThreadPoolExecutor(len(gateways)) as pool:
        found = [*chain.from_iterable(pool.map(client, range(len(gateways))))]
    return found, len(found) / (perf_counter() - began)


def _best(rounds: Iterable[Times]) -> Times:
    return min(rounds, key=median)


def _beside_models(catalog: Catalog) -> list[Row]:
    """Return the rows of searches beside a model that is of no help."""
    main = load("search_query")
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}"
        searches = {
            "no model": _search(main, None),
            "a model that hangs": _search(main, _raced(stack, main, hanging)),
            "a model that is gone": _search(main, _raced(stack, main, NOBODY)),
        }
        next(iter(searches.values()))(SearchQuery(query="netflix"))  # begins to load the catalog
        sleep(LOOK_SECONDS)
        rounds = [_by_turns(searches, catalog) for _ in range(ROUNDS)]
    best = {name: percentiles(_best(each[name] for each in rounds)) for name in searches}
    alone = f"without one: {best.pop('no model')}"
    return [(f"search in process beside {name}", shown, alone) for name, shown in best.items()]


def _search(main: ModuleType, readings: Raced | None) -> Search:
    resident, embedder = main.resident.current, main.embedder
    return served_search(embedder, catalog_names(), resident, main.clock, readings=readings)


def _raced(stack: ExitStack, main: ModuleType, url: str) -> Raced:
    api = ModelApi("model", f"{url}/v1/chat/completions", dict, http_client)
    pool = stack.enter_context(ThreadPoolExecutor(THREADS))
    model = Guarded(OpenAi(api, "small"), main.clock)
    return Raced(model, main.clock, pool=pool, store=RedisReadings())


def _by_turns(searches: Mapping[str, Search], catalog: Catalog) -> dict[str, Times]:
    """Return the seconds of each search; which is asked first changes with every question."""
    found: dict[str, Times] = {name: [] for name in searches}
    for turn, text in enumerate(catalog.queries(WARM_UP + QUERIES)):
        asked = deque(searches)
        asked.rotate(turn)
        for name in asked:
            seconds = _seconds(partial(searches[name], SearchQuery(query=text)))
            if turn >= WARM_UP:
                found[name].append(seconds)
    return found


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began
