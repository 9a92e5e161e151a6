"""Optimistic transactions in random turns: those that commit could have come one after another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from emulators.core.clock import VirtualClock
from emulators.core.errors import EmulatorError
from emulators.core.journal import Journal
from emulators.firestore.messages import StructuredQuery, TransactionOptions, Write
from emulators.firestore.names import Path
from emulators.firestore.queries.query import Query
from emulators.firestore.store import Database
from tests.unit.firestore.model import ROOT, as_value

if TYPE_CHECKING:
    from emulators.core.methods import Proto
    from emulators.firestore.transactions import Transaction

LEAST = 3
"""Queries ask for numbers from this one on."""
Held = dict[str, int]


@dataclass
class Turn:
    """A transaction, and what it was told."""

    transaction: Transaction
    documents: dict[str, int | None] = field(default_factory=dict)
    results: list[tuple[str, int]] | None = None


class History:
    """Some transactions at once, and what documents hold by those that committed."""

    def __init__(self) -> None:
        self.journal, self.held = Journal(None), Held()
        self.clock = VirtualClock()
        self.clock.freeze()
        self.database = Database(ROOT, self.clock, self.journal)
        self.database.transactions.optimistic = True
        self.turns: dict[int, Turn] = {}
        self.committed = self.aborted = 0

    def turn(self, number: int) -> Turn:
        """Return a transaction that is under way, a new one where it is not."""
        if number not in self.turns:
            self.turns[number] = Turn(self.database.begin(TransactionOptions()))
        return self.turns[number]

    async def read(self, number: int, name: str) -> None:
        """Read a document."""
        turn = self.turn(number)
        at = self.database.moment(turn.transaction)
        path = Path(ROOT, ("c", name))
        await self.database.transactions.read(turn.transaction, path)
        version = self.database.data.find(path, at)
        found = None if version is None else version.document.fields["n"].integer_value  # type: ignore[union-attr]
        assert turn.documents.setdefault(name, found) == found, "it sees one moment"

    async def ask(self, number: int) -> None:
        """Ask for the greater numbers."""
        turn, query = self.turn(number), greater()
        at = self.database.moment(turn.transaction)
        await self.database.transactions.ask(turn.transaction, query)
        found = [
            (each.path.id, int(each.document.fields["n"].integer_value))  # type: ignore[union-attr]
            for each in query.run(self.database.data, at)
        ]
        assert turn.results in (None, found), "it sees one moment"
        turn.results = found

    async def commit(self, number: int, name: str, value: int) -> None:
        """Write a number; who is told anything that is no more so has to be aborted."""
        turn = self.turn(number)
        del self.turns[number]
        now = sorted((n, v) for n, v in self.held.items() if v >= LEAST)
        known = all(self.held.get(each) == told for each, told in turn.documents.items())
        known = known and turn.results in (None, sorted(now, key=lambda pair: (pair[1], pair[0])))
        try:
            await self.database.commit([write(name, value)], turn.transaction)
        except EmulatorError as error:
            if error.status.name != "ABORTED":
                raise
            self.aborted += 1
            return
        assert known, "what it was told was so when it committed"
        self.committed += 1
        self.held[name] = value

    async def write(self, name: str, value: int) -> None:
        """Write a number, without a transaction."""
        await self.database.commit([write(name, value)])
        self.held[name] = value


def write(name: str, value: int) -> Proto:
    """Return what writes a number."""
    made = Write()
    made.update.name = f"{ROOT}/documents/c/{name}"
    made.update.fields["n"].CopyFrom(as_value(value))
    return made


def greater() -> Query:
    """Return the query for the greater numbers."""
    said = StructuredQuery()
    said.from_.add(collection_id="c")
    said.where.field_filter.field.field_path = "n"
    said.where.field_filter.op = 4
    said.where.field_filter.value.CopyFrom(as_value(LEAST))
    return Query(Path(ROOT, ()), said)


names = st.sampled_from("ab")
turns, numbers = st.integers(0, 2), st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("read"), turns, names),
    st.tuples(st.just("ask"), turns),
    st.tuples(st.just("commit"), turns, names, numbers),
    st.tuples(st.just("write"), names, numbers),
)


async def run(history: list[tuple[object, ...]]) -> History:
    """Do what a history says."""
    made = History()
    for act, *given_to_it in history:
        await getattr(made, str(act))(*given_to_it)
    made.database.transactions.close()
    made.journal.close()
    return made


@given(st.lists(steps, max_size=25))
def test_whoever_commits_was_told_what_was_so_when_it_did(
    history: list[tuple[object, ...]],
) -> None:
    asyncio.run(run(history))


async def test_nobody_is_aborted_whom_nothing_concerns() -> None:
    history: list[tuple[object, ...]] = [("write", "a", 1)]
    history += [("read", 0, "a"), ("read", 1, "b"), ("ask", 2), ("write", "c", 1)]
    history += [("commit", 0, "a", 2), ("commit", 1, "b", 2), ("commit", 2, "d", 1)]
    made = await run(history)
    assert (made.committed, made.aborted) == (3, 0)
