"""Emulators of ours beside Google's own: started alike, and told in one row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import psutil

from tests.emulated import alone, google

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from tests.benchmarks.machine import Row

STARTS = 3
"""How often each is started to say when it is ready: the median counts."""


@dataclass(frozen=True)
class Started:
    """Emulators that run.

    Attributes:
        addresses: Of each service, in the order that was asked for.
        processes: Ours is one for all of them, Google's one for each.
    """

    addresses: tuple[str, ...]
    processes: tuple[psutil.Process, ...]

    def memory(self) -> float:
        """Return the mebibytes of the processes and their children."""
        everyone = {each for own in self.processes for each in (own, *own.children(recursive=True))}
        return float(sum(each.memory_info().rss for each in everyone)) / 2**20


def sides(*services: str) -> Sequence[Callable[[], AbstractContextManager[Started]]]:
    """Return what starts ours and, where there is one, Google's: all services of each at once."""
    return [partial(ours, services)] + ([] if google.missing() else [partial(theirs, services)])


@contextmanager
def ours(services: Sequence[str]) -> Iterator[Started]:
    """Start ours, on a new journal."""
    before = set(psutil.Process().children())
    with TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.sqlite"
        with alone.together(services, journal) as addresses:
            (process,) = set(psutil.Process().children()) - before
            yield Started(tuple(addresses), (process,))


@contextmanager
def theirs(services: Sequence[str]) -> Iterator[Started]:
    """Start Google's, side by side."""
    with ExitStack() as stack:
        with ThreadPoolExecutor(len(services)) as pool:
            enter = stack.enter_context
            found = list(pool.map(lambda each: enter(google.running(each)), services))
        addresses, processes = zip(*found, strict=True)
        yield Started(addresses, processes)


def ready(*services: str, answered: Callable[[ExitStack, Started], object]) -> list[float]:
    """Return the seconds from the start until every service has answered a client, by side.

    The first start is not counted: it pays for what the client itself does once.

    Args:
        services: Started together.
        answered: Makes a client of each on a stack, and returns once each has an answer.
    """
    every = sides(*services)
    _once(every[0], answered)
    rounds = [[_once(start, answered) for start in every] for _ in range(STARTS)]
    return [median(seconds) for seconds in zip(*rounds, strict=True)]


def _once(
    start: Callable[[], AbstractContextManager[Started]],
    answered: Callable[[ExitStack, Started], object],
) -> float:
    began = perf_counter()
    with ExitStack() as stack:
        answered(stack, stack.enter_context(start()))
        return perf_counter() - began


def more(what: str, found: list[float]) -> Row:
    """Return a row of figures a second, ours and Google's if there is one: more is better."""
    return what, f"{found[0]:,.0f}/s", _theirs(found, found[0] / found[-1], "/s")


def less(what: str, found: list[float], unit: str) -> Row:
    """Return a row of figures of a unit, ours and Google's if there is one: less is better."""
    return what, f"{found[0]:,.2f} {unit}", _theirs(found, found[-1] / found[0], f" {unit}")


def _theirs(found: list[float], times: float, unit: str) -> str:
    if len(found) == 1:
        return f"Google's emulator {google.missing()}"
    return f"Google's emulator {found[1]:,.2f}{unit}: ours is {times:.2f}×"
