"""Readings that are there in time, and the others asked for behind the search.

A search takes a reading where one is kept and goes on without it where none is: the model is asked
by a few threads of its own, and its answer serves whoever asks the same next. A search looks into
the memory of its process alone: it waits neither for the model nor for the store of all instances,
so that either of them may hang.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from shared.kernel.clock import Clock
from shared.kernel.errors import AppError
from shared.search.languagemodel.ports import LanguageModel, Readings
from shared.search.languagemodel.prompt import reading_key
from shared.search.languagemodel.question import ReadQuestion
from shared.search.languagemodel.sharing import SharedReadings

logger = logging.getLogger(__name__)

KEPT = timedelta(seconds=600)
SURE = 0.7
"""Least confidence of a reading that is kept (spec/discovery §2)."""
QUIET = timedelta(seconds=30)
"""How long a question is left alone of which nothing came (spec/discovery §7)."""
MOST_WAITING = 32
"""Questions that are being read or wait for it; further ones are let go."""
MOST_A_MINUTE = 60
"""Questions that one process gives the model in a minute of the clock: each of them is paid for."""
REMEMBERED = 2048
"""Questions that one process knows something of."""


class Happened(StrEnum):
    """What became of a search's wish for a reading, and of a question given to the model."""

    HIT = "hit"
    MISS = "miss"
    """There was none, and the model is asked."""
    JOINED = "joined"
    """There was none, and the model is asked already, or was a moment ago without success."""
    DROPPED = "dropped"
    """There was none, and too many wait, or were read in this minute."""
    SHARED = "shared"
    """Another instance had read it."""
    READ = "read"
    DOUBTED = "doubted"
    """The model was not sure enough, so that its answer is not kept."""
    FAILED = "failed"


@dataclass(frozen=True)
class _Known:
    """What a process knows of a question: its reading, or that none came.

    Attributes:
        until: When that is forgotten.
    """

    until: datetime
    reading: ReadQuestion | None


@dataclass(frozen=True)
class Look:
    """What there is of a question's reading.

    Attributes:
        reading: None where there is none yet, or none came.
        pending: The model is asked right now.
    """

    reading: ReadQuestion | None = None
    pending: bool = False


def _uncounted(_happened: Happened) -> None:
    pass


class Raced:
    """Reads questions without making anybody wait; safe to share between threads.

    Args:
        model: Asked in ``pool`` alone.
        clock: Tells how old a reading is.
        pool: A few threads; `MOST_WAITING` bounds what waits in it.
        store: Readings of all instances; without it, each process has its own.
        count: Told what happened, once for every search and for every question that was read.
    """

    def __init__(
        self,
        model: LanguageModel,
        clock: Clock,
        *,
        pool: Executor,
        store: Readings | None = None,
        count: Callable[[Happened], None] = _uncounted,
    ) -> None:
        self._model, self._clock, self._pool, self._count = model, clock, pool, count
        self._shared = SharedReadings(store, clock)
        self._lock = Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asked: set[str] = set()
        self._minute, self._spent, self._is_down = 0, 0, False

    def __call__(self, text: str) -> Look:
        """Return what there is of the reading of ``text``; where there is nothing, ask for it."""
        key = reading_key(text, self._model.name)
        known = self._remembered(key)
        if known is None:
            happened = self._hand_over(key, text)
            self._count(happened)
            return Look(pending=happened is not Happened.DROPPED)
        self._count(Happened.JOINED if known.reading is None else Happened.HIT)
        return Look(known.reading)

    def _remembered(self, key: str) -> _Known | None:
        with self._lock:
            known = self._known.get(key)
            if known is not None and known.until <= self._clock.now():
                del self._known[key]
                return None
            return known

    def _hand_over(self, key: str, text: str) -> Happened:
        """Give a question to the pool, unless it is there already or too many are."""
        with self._lock:
            if key in self._asked:
                return Happened.JOINED
            if len(self._asked) >= MOST_WAITING:
                return Happened.DROPPED
            self._asked.add(key)
        try:
            self._pool.submit(self._settle, key, text)
        except RuntimeError:  # the process ends
            self._forget(key)
            return Happened.DROPPED
        return Happened.MISS

    def _forget(self, key: str) -> None:
        with self._lock:
            self._asked.discard(key)

    def _settle(self, key: str, text: str) -> None:
        try:
            self._count(self._found(key, text))
        except Exception:  # a thread of ours: nobody else would see it
            logger.exception("question.not_read")
        finally:
            self._forget(key)

    def _found(self, key: str, text: str) -> Happened:
        """Get a reading from another instance, or from the model while that may be paid for."""
        kept = self._shared.get(key)
        if kept is not None:
            self._remember(key, kept.reading, timedelta(seconds=kept.seconds))
            return Happened.SHARED
        return self._read(key, text) if self._may_spend() else Happened.DROPPED

    def _may_spend(self) -> bool:
        minute = int(self._clock.now().timestamp() // 60)
        with self._lock:
            self._spent = self._spent + 1 if minute == self._minute else 1
            self._minute = minute
            return self._spent <= MOST_A_MINUTE

    def _read(self, key: str, text: str) -> Happened:
        """Ask the model and keep what it says, if it is sure of it."""
        try:
            reading = self._model.read(text)
        except AppError as error:
            self._tell_down(error)
            self._remember(key, None, QUIET)
            return Happened.FAILED
        self._is_down = False
        if reading.confidence < SURE:
            self._remember(key, None, QUIET)
            return Happened.DOUBTED
        self._remember(key, reading, KEPT)
        self._shared.put(key, reading, seconds=KEPT.total_seconds())
        return Happened.READ

    def _tell_down(self, error: AppError) -> None:
        """Log the first failure after an answer; what happened since is counted."""
        if not self._is_down:
            self._is_down = True
            logger.warning("question.model_down", extra={"detail": error.message})

    def _remember(self, key: str, reading: ReadQuestion | None, how_long: timedelta) -> None:
        with self._lock:
            self._known[key] = _Known(self._clock.now() + how_long, reading)
            self._known.move_to_end(key)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
