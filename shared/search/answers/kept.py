"""The answer to a search: kept, being made by another request right now, or made."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from shared.search.answers.parts import Parts
from shared.search.answers.question import Question

USUAL_SECONDS = 300
"""How long an answer is kept (spec/discovery §9): offers change hourly."""
OPEN_SECONDS = 1800
"""How long one is kept that no filter holds for, of callers who did not sign in."""
PENDING_SECONDS = 2
"""How long one is kept whose question a language model still reads: as long as that may take."""
PATIENCE_SECONDS = 0.45
"""How long a request waits for another that asks the same: the budget of one search (§5.1)."""

Make = Callable[[], Mapping[str, Any]]


class AnswerStore(Protocol):
    """Where answers are kept; what is slow or gone has nothing and keeps nothing."""

    def get(self, key: str) -> bytes | None:
        """Return what is kept under a key."""

    def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keep a value so long."""


@dataclass(frozen=True)
class Given:
    """An answer, and whether this request had to make it.

    Attributes:
        cached: It was kept, or another request made it meanwhile.
    """

    parts: Parts
    cached: bool


class KeptAnswers:
    """Answers by question.

    Args:
        store: Keeps them for all processes.
        usual_seconds: See `USUAL_SECONDS`.
        open_seconds: See `OPEN_SECONDS`.
        patience_seconds: See `PATIENCE_SECONDS`.
    """

    def __init__(
        self,
        store: AnswerStore,
        *,
        usual_seconds: int = USUAL_SECONDS,
        open_seconds: int = OPEN_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._store, self._patience = store, patience_seconds
        self._usual, self._open = usual_seconds, open_seconds
        self._lock, self._flights = Lock(), dict[str, Future[Parts]]()

    def answer(self, question: Question | None, make: Make) -> Given:
        """Return the answer to a question.

        Args:
            question: None where the answer is somebody's own: it is made, and not kept.
            make: Searches, and returns what `search_answer` makes.

        Raises:
            AppError: As ``make`` does; who waited for another request fails as that one did.
        """
        if question is None:
            return Given(Parts.of(make()), cached=False)
        key = question.key
        kept = self._store.get(key)
        parts = Parts.unpacked(kept) if kept is not None else None
        return Given(parts, cached=True) if parts else self._made(question, key, make)

    def _made(self, question: Question, key: str, make: Make) -> Given:
        with self._lock:
            flight = self._flights.get(key)
            mine = self._flights.setdefault(key, Future())
        if flight is None:
            with self._landing(key, mine):
                parts = Parts.of(make())
                mine.set_result(parts)
                self._keep(question, key, parts)
            return Given(parts, cached=False)
        try:
            return Given(flight.result(self._patience), cached=True)
        except TimeoutError:
            return Given(Parts.of(make()), cached=False)

    @contextmanager
    def _landing(self, key: str, mine: Future[Parts]) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if not mine.done():
                mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flights[key]

    def _keep(self, question: Question, key: str, parts: Parts) -> None:
        if parts.degraded:
            return
        is_open = question.anonymous and not parts.filtered
        seconds = self._open if is_open else self._usual
        self._store.put(key, parts.packed(), seconds=PENDING_SECONDS if parts.pending else seconds)
