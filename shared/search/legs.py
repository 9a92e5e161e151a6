"""Retrievers side by side, each re-checked against every hard filter by itself."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from time import monotonic

from shared.kernel.errors import UnavailableError
from shared.search.ports import Asked, Candidate, Hit, Retriever, Seed, Titles
from shared.search.query import Strategy
from shared.search.understanding.model import Understood

logger = logging.getLogger(__name__)

KEYWORD = "keyword"
TOP_HITS = 10
"""Hits of the keyword leg that are started from too, a page of them (docs/decisions/0046), all of
which have every word where one has: what is near a title that has some of the words says little."""


@dataclass(frozen=True)
class Leg:
    """What one retriever found.

    Attributes:
        hits: Best first.
        candidates: Those of it that passed every hard filter.
    """

    hits: Sequence[Hit]
    candidates: Sequence[Candidate]

    def cut(self, depth: int) -> "Leg":
        """Return what a retriever asked for so many would have found."""
        return Leg(self.hits[:depth], self.candidates)


Legs = dict[str, Leg]


@dataclass(frozen=True)
class Retrieval:
    """Asks retrievers at the same time and waits for them as long as a viewer would.

    A retriever whose class says ``seeded = True`` begins where the keyword leg has ended, from its
    best hits; no other one waits for it.

    Attributes:
        executor: Runs the retrievers. Work is begun in the order it is given, so that what waits
            for another leg waits for one that has begun.
        budget_seconds: After this long, a retriever that has not answered is left behind.
        patience_seconds: How much longer to wait for the first while none has answered.
    """

    retrievers: Sequence[Retriever]
    titles: Titles
    executor: Executor
    budget_seconds: float
    patience_seconds: float

    def __call__(
        self, asked: Understood, strategy: Strategy, *, depth: int
    ) -> tuple[Legs, list[str]]:
        """Return what the sources found that answered, and the names of the others.

        Raises:
            UnavailableError: None answered.
        """
        if asked.is_open:
            popular = self.titles.popular(asked.filters, limit=depth)
            return {"popularity": self._judged(popular, asked)}, []
        running = self._started(asked, strategy, depth)
        _wait(list(running.values()), self.budget_seconds, self.patience_seconds)
        answers = {name: _answer(name, future) for name, future in running.items()}
        legs = {name: leg for name, leg in answers.items() if leg is not None}
        late = sorted(answers.keys() - legs.keys())
        if not legs:
            raise UnavailableError(f"no source answered: {', '.join(late)}")
        return legs, late

    def _started(
        self, asked: Understood, strategy: Strategy, depth: int
    ) -> dict[str, "Future[Leg]"]:
        asking = {r.name for r in self.retrievers if strategy in {Strategy.HYBRID, r.name}}
        seeded = any(_is_seeded(r) for r in self.retrievers if r.name in asking)
        begun = asking | ({KEYWORD} if seeded else set())
        running: dict[str, Future[Leg]] = {}
        for retriever in sorted(self.retrievers, key=_is_seeded):
            if retriever.name not in begun:
                continue
            before = running.get(KEYWORD) if _is_seeded(retriever) else None
            question = _seeding(asked.asked, before, self.budget_seconds)
            running[retriever.name] = self.executor.submit(
                self._leg, retriever, question, asked, depth
            )
        return {name: future for name, future in running.items() if name in asking}

    def _leg(
        self, retriever: Retriever, question: Callable[[], Asked], asked: Understood, depth: int
    ) -> Leg:
        return self._judged(retriever.retrieve(question(), limit=depth), asked)

    def _judged(self, hits: Sequence[Hit], asked: Understood) -> Leg:
        """Re-check every hard filter; each retriever by itself, so that none waits for another."""
        ids = [hit.content_id for hit in hits if hit.content_id not in asked.references]
        return Leg(hits, self.titles.candidates(ids, asked.filters))


def _is_seeded(retriever: Retriever) -> bool:
    return getattr(retriever, "seeded", False)


def _seeding(asked: Asked, before: "Future[Leg] | None", budget: float) -> Callable[[], Asked]:
    """Return what a retriever is asked, with the best of the leg before it once that has ended."""

    def question() -> Asked:
        if before is None:
            return asked
        wait([before], timeout=budget)
        if not _has_answer(before):
            return asked
        own = {seed.content_id for seed in asked.seeds}
        hits = before.result().hits
        best = ([hit for hit in hits if hit.complete] or hits)[:TOP_HITS]
        more = tuple(Seed(hit.content_id) for hit in best if hit.content_id not in own)
        return replace(asked, seeds=(*asked.seeds, *more))

    return question


def _wait(running: Sequence["Future[Leg]"], budget: float, patience: float) -> None:
    """Wait for all within the budget; while none has an answer, on for the first that has one."""
    _, pending = wait(running, timeout=budget)
    deadline = monotonic() + patience
    while pending and not any(_has_answer(future) for future in running):
        done, pending = wait(
            pending, timeout=max(0.0, deadline - monotonic()), return_when=FIRST_COMPLETED
        )
        if not done:
            return


def _has_answer(future: "Future[Leg]") -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _answer(name: str, future: "Future[Leg]") -> Leg | None:
    """Return what a retriever found, or None where it was late or its service is down."""
    if not future.done():
        future.cancel()
        logger.warning("retriever.late", extra={"retriever": name})
        return None
    error = future.exception()
    if error is None:
        return future.result()
    if not isinstance(error, UnavailableError):
        # A fault of ours costs one source, not the answer; the trace says where it lies.
        logger.error("retriever.failed", exc_info=error, extra={"retriever": name})
    else:
        logger.warning("retriever.down", extra={"retriever": name, "detail": error.message})
    return None
