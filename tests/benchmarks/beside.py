"""An emulator of ours beside Google's own: started alike, and told in one row."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil

from tests.emulated import alone, google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.machine import Row


@contextmanager
def ours(service: str, journal: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Start ours on a journal, and yield its address and process."""
    before = set(psutil.Process().children())
    with alone.process(service, journal) as address:
        (started,) = set(psutil.Process().children()) - before
        yield address, started


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
