"""Waiting for what a thread does in its own time."""

from __future__ import annotations

import asyncio
import threading
from threading import Event
from typing import TYPE_CHECKING

from shared.runtime.audit_queue import queue

if TYPE_CHECKING:
    from collections.abc import Callable


def until(condition: Callable[[], bool]) -> bool:
    """Return whether something came true, asking again and again for five seconds at most."""
    return any(condition() or Event().wait(0.005) for _ in range(1000))


def renewals_end() -> None:
    """Wait for what `Renewed` is getting behind the scenes."""
    for thread in threading.enumerate():
        if thread.name == "renewal":
            thread.join()


def audits_end() -> None:
    """Wait for what is written to the audit log behind the answers; what it does not take is lost.

    The queue is the process's: it would write to the next test's database.
    """
    if queue.cache_info().currsize:
        # In a thread: where a fixture ends, a loop may be running in this one.
        settling = threading.Thread(target=lambda: asyncio.run(queue().settle()), name="settling")
        settling.start()
        settling.join()
