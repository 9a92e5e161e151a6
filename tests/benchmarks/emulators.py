"""Pub/Sub and Firestore together: ours in one process, as ``mg up`` has them, beside Google's two.

Memory is that after both have worked, what they were told still kept.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.benchmarks import firestore, pubsub
from tests.benchmarks.beside import less, ready, sides

if TYPE_CHECKING:
    from tests.benchmarks.beside import Started
    from tests.benchmarks.machine import Row

SERVICES = ("pubsub", "firestore")


def run() -> list[Row]:
    """Return rows of what was measured, ours, and Google's with how many times better ours is."""
    seconds = ready(*SERVICES, answered=_clients)
    memory = []
    for start in sides(*SERVICES):
        with ExitStack() as stack:
            started = stack.enter_context(start())
            messages, documents = _clients(stack, started)
            messages.publish()
            messages.stream()
            documents.fill()
            documents.sets()
            documents.count()
            memory.append(started.memory())
    return [
        less("both ready and answering (goal ≥ 6.7×)", seconds, "s"),
        less("memory of both (goal ≥ 4×)", memory, "MiB"),
    ]


def _clients(stack: ExitStack, started: Started) -> tuple[pubsub.Measured, firestore.Measured]:
    messages, documents = started.addresses
    return pubsub.Measured(stack, messages), firestore.Measured(stack, documents)
