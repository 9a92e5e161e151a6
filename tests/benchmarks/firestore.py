"""Firestore: ours against Google's own emulator, both warm, through the official client.

Each measure is taken of one and then of the other, so that both meet the same load of the machine.
"""

from __future__ import annotations

from contextlib import ExitStack
from queue import Queue
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from tests.benchmarks.beside import less, more, ready, sides

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.machine import Row

DOCUMENTS, BATCH, KINDS = 10_000, 500, 20
SETS, TRANSACTIONS, QUERIES, CHANGES = 1000, 300, 20, 150
PAGE = 25
"""Results that a viewer is shown. The client alone took .14 ms to read each, whoever answered."""
WARM = 1.5
"""How often more an act is done before it counts, so that a Java machine has compiled it."""
PATIENCE = 20
"""Seconds that a listener is given."""


class Measured:
    """A client of one emulator, which has answered, and what it measures.

    Args:
        stack: Closes the client.
        address: Of the emulator.
    """

    def __init__(self, stack: ExitStack, address: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FIRESTORE_EMULATOR_HOST", address)
            self.db: Any = firestore.Client(project="measured")
        stack.callback(self.db.close)
        self.db.document("warm/up").get()

    def fill(self) -> None:
        """Write the documents that are asked for."""
        for start in range(0, DOCUMENTS, BATCH):
            batch = self.db.batch()
            for number in range(start, start + BATCH):
                fields = {
                    "kind": f"k{number % KINDS}",
                    "n": number * 7919 % DOCUMENTS,
                    "text": "word " * 20,
                }
                batch.set(self.db.document(f"films/f{number:05}"), fields)
            batch.commit()

    def sets(self) -> float:
        """Return writes a second, one after another."""
        written = (self.db.document(f"sets/s{each % 100}") for each in range(10**9))
        return SETS / _seconds(lambda: next(written).set({"n": perf_counter()}), SETS)

    def transactions(self) -> float:
        """Return transactions a second that read and update one document."""
        document = self.db.document("transactions/one")
        document.set({"n": 0})

        @firestore.transactional
        def add(transaction: Any) -> None:  # noqa: ANN401 - untyped client
            found = document.get(transaction=transaction).get("n")
            transaction.update(document, {"n": found + 1})

        return TRANSACTIONS / _seconds(lambda: add(self.db.transaction()), TRANSACTIONS)

    def query(self, limit: int) -> float:
        """Return the milliseconds of a filtered and ordered query."""
        of_kind = self.db.collection("films").where(filter=FieldFilter("kind", "==", "k7"))
        ordered = of_kind.order_by("n").limit(limit)
        return 1000 * _median(lambda: len(list(ordered.stream())))

    def range(self, limit: int) -> float:
        """Return the milliseconds of a query that is filtered by what it is ordered by."""
        late = self.db.collection("films").where(filter=FieldFilter("n", ">=", DOCUMENTS // 2))
        return 1000 * _median(lambda: len(list(late.order_by("n").limit(limit).stream())))

    def count(self) -> float:
        """Return the milliseconds of a count of all documents."""
        asked = self.db.collection("films").count()
        return 1000 * _median(asked.get)

    def count_filtered(self) -> float:
        """Return the milliseconds of a count of documents of one kind."""
        of_kind = self.db.collection("films").where(filter=FieldFilter("kind", "==", "k7"))
        return 1000 * _median(of_kind.count().get)

    def listener(self) -> tuple[float, float]:
        """Return milliseconds from before a write to its snapshot, p50 and p95."""
        heard: Queue[object] = Queue()
        watch = self.db.collection("heard").on_snapshot(lambda *told: heard.put(told))
        heard.get(timeout=PATIENCE)
        document, seconds = self.db.document("heard/one"), []
        for number in range(int(CHANGES * (1 + WARM))):
            began = perf_counter()
            document.set({"n": number})
            heard.get(timeout=PATIENCE)
            seconds.append(perf_counter() - began)
        watch.unsubscribe()
        warm = sorted(seconds[-CHANGES:])
        return 1000 * median(warm), 1000 * warm[int(len(warm) * 0.95)]


def run() -> list[Row]:
    """Return rows of what was measured, ours, and Google's with how many times better ours is."""
    seconds = ready("firestore", answered=lambda stack, new: Measured(stack, *new.addresses))
    with ExitStack() as stack:
        started = [stack.enter_context(start()) for start in sides("firestore")]
        both = [Measured(stack, *each.addresses) for each in started]
        for each in both:
            each.fill()
        rows = _rows(both)
        memory = [each.memory() for each in started]
    return [
        *rows,
        less("ready and answering (goal ≥ 6.7×)", seconds, "s"),
        less("memory (goal ≥ 4×)", memory, "MiB"),
    ]


def _rows(both: list[Measured]) -> list[Row]:
    listened = [each.listener() for each in both]
    return [
        more("set(), one after another (goal ≥ 0.8×)", [each.sets() for each in both]),
        more("transaction, read and update (goal ≥ 1.2×)", [e.transactions() for e in both]),
        less("kind ==, by n, 1 of 10,000 (goal ≥ 10×)", [e.query(1) for e in both], "ms"),
        less("n >=, by n, 1 of 10,000 (goal ≥ 10×)", [e.range(1) for e in both], "ms"),
        less(f"kind ==, by n, {PAGE} of 10,000", [e.query(PAGE) for e in both], "ms"),
        less(f"n >=, by n, {PAGE} of 10,000", [e.range(PAGE) for e in both], "ms"),
        less("count of 10,000 (goal ≥ 10×)", [each.count() for each in both], "ms"),
        less("count of 500 by a filter (goal ≥ 10×)", [e.count_filtered() for e in both], "ms"),
        less("listener, p50", [each[0] for each in listened], "ms"),
        less("listener, p95 (goal ≥ 0.5×)", [each[1] for each in listened], "ms"),
    ]


def _seconds(act: Callable[[], object], times: int) -> float:
    for _ in range(int(times * WARM)):
        act()
    began = perf_counter()
    for _ in range(times):
        act()
    return perf_counter() - began


def _median(act: Callable[[], object]) -> float:
    for _ in range(int(QUERIES * WARM)):
        act()
    return median(_once(act) for _ in range(QUERIES))


def _once(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began
