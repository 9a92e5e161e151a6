"""What a language model costs a search that does not wait for it, whatever becomes of the model.

Each row takes turns with the rules alone, question by question, so that what else the machine does
falls on both; the wall clock counts, over a real Redis. A model that hangs or is not there is
asked another question every time, as many as its queue takes.
"""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING

from emulators.managed.redis import temporary_redis
from shared.adapters.language_models.calling import ModelApi, http_client
from shared.adapters.language_models.guarded import Guarded
from shared.adapters.language_models.openai import OpenAi
from shared.adapters.redis.intents import RedisReadings
from shared.kernel.clock import SystemClock
from shared.search.languagemodel.assisted import Assisted
from shared.search.languagemodel.race import Raced
from shared.search.query import SearchQuery
from tests.fakes.language_models import HeldPool, ScriptedModel, reading
from tests.unit.search.understanding.known import NAMES, with_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis

    from shared.search.languagemodel.ports import LanguageModel
    from tests.benchmarks.machine import Row

TURNS = 600
WARM = 50
QUESTIONS = (
    "that one where letters get lost in the war years",
    "a quiet film about a lighthouse on netflix",
    "sad stories of people who build things, since 2010",
    "anything with the atmosphere that heat had, long shots",
    "the tom hanks one with the volleyball",
)
FOUND = reading(genres=("Drama",), themes=("lost letters",), mood=("funny",))


def run() -> list[Row]:
    """Return (what, measured, rules alone) per state of the model."""
    from redis import Redis  # noqa: PLC0415 - with its server

    with ExitStack() as stack:
        server = stack.enter_context(temporary_redis())
        client = stack.enter_context(Redis.from_url(server.url))
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        hangs = f"http://127.0.0.1:{silent.getsockname()[1]}"
        return [
            _row("the model hangs", _live(stack, client, hangs), other=True),
            _row("nobody is there", _live(stack, client, "http://127.0.0.1:9"), other=True),
            _row("read before", _read_before(), other=False),
        ]


def _live(stack: ExitStack, client: Redis, url: str) -> Assisted:
    """Return who understands with a model at an address, as it is served."""
    api = ModelApi("model", f"{url}/v1/chat/completions", dict, http_client)
    pool = stack.enter_context(ThreadPoolExecutor(2))
    return _assisted(Guarded(OpenAi(api, "small"), SystemClock()), pool, client)


def _read_before() -> Assisted:
    """Return who has every reading."""
    pool = HeldPool()
    understand = _assisted(ScriptedModel(FOUND), pool, None)
    for question in QUESTIONS:
        understand(SearchQuery(query=question))
        pool.run()
    return understand


def _assisted(
    model: LanguageModel, pool: ThreadPoolExecutor | HeldPool, client: Redis | None
) -> Assisted:
    store = None if client is None else RedisReadings(lambda: client)
    raced = Raced(model, SystemClock(), pool=pool, store=store)
    return Assisted(with_names, raced, lambda: NAMES)


def _questions(*, other: bool) -> Iterator[SearchQuery]:
    """Yield questions of which the rules leave something, each another one if asked to."""
    for number, question in enumerate(cycle(QUESTIONS)):
        yield SearchQuery(query=f"{question} {number}" if other else question)


def _row(what: str, understand: Assisted, *, other: bool) -> Row:
    assisted: list[float] = []
    alone: list[float] = []
    for turn, query in enumerate(islice(_questions(other=other), TURNS + WARM)):
        for times, ask in ((assisted, understand), (alone, with_names)):
            began = perf_counter()
            ask(query)
            if turn >= WARM:
                times.append(perf_counter() - began)
    return what, _said(assisted), f"rules alone {_said(alone)}"


def _said(seconds: list[float]) -> str:
    return f"p50 {median(seconds) * 1e6:.0f} us · p95 {quantiles(seconds, n=20)[-1] * 1e6:.0f} us"


if __name__ == "__main__":
    for line in run():
        print(*line, sep=" · ")  # noqa: T201 - a benchmark's output
