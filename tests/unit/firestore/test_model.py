"""Random histories of writes, transactions and queries, against a model that is easy to believe."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from google.cloud.firestore_v1._helpers import decode_dict
from hypothesis import given
from hypothesis import strategies as st

from emulators.core.clock import VirtualClock
from emulators.core.journal import Journal
from emulators.firestore.listening import Target
from emulators.firestore.messages import TransactionOptions, Write
from emulators.firestore.names import Path
from emulators.firestore.store import Database
from tests.unit.firestore.model import ROOT, Fields, Question, as_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Change

Step = tuple[str, str, Fields]
"""What is done, to which document, with which fields."""
ids = st.sampled_from(["a", "b", "c", "d", "e"])
paths = st.sampled_from(["x", "y"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([float("nan"), 0.5, 1.0, -2.5, 2.0**60]),
    st.sampled_from(["", "a", "\u00e9", "z", "\U0001f600", "\uffff", b"", b"a"]),
)
values = st.one_of(scalars, st.lists(scalars, max_size=2))
fields = st.dictionaries(paths, values, max_size=2)
steps = st.tuples(st.sampled_from(["set", "set", "merge", "delete"]), ids, fields)
some = st.lists(scalars, min_size=1, max_size=3)
filters = st.one_of(
    st.tuples(paths, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), values),
    st.tuples(paths, st.just("array-contains"), scalars),
    st.tuples(paths, st.sampled_from(["in", "array-contains-any", "not-in"]), some),
)
orders = st.lists(st.tuples(paths, st.booleans()), max_size=2, unique_by=lambda each: each[0])


def is_allowed(question: Question) -> bool:
    """Leave out what every query is refused for, see `queries.combinations`."""
    operators = [operator for _, operator, _ in question.filters]
    exclusive = sum(each in {"!=", "not-in"} for each in operators)
    arrays = sum(each.startswith("array") for each in operators)
    alone = question.any_of or {"in", "array-contains-any"} & set(operators)
    if question.start is not None and not question.order:
        return False
    return exclusive <= 1 and arrays <= 1 and not ("not-in" in operators and alone)


questions = st.builds(
    Question,
    filters=st.lists(filters, max_size=2).map(tuple),
    any_of=st.booleans(),
    order=orders.map(tuple),
    offset=st.integers(0, 2),
    limit=st.none() | st.integers(0, 3),
    start=st.none() | st.tuples(values, st.booleans()),
).filter(is_allowed)


class Both:
    """A database, and the model of it at every time."""

    def __init__(self) -> None:
        self.journal = Journal(None)
        self.database = Database(ROOT, VirtualClock(), self.journal)
        self.documents: dict[str, Fields] = {}
        self.before: list[tuple[int, dict[str, Fields]]] = []

    async def write(self, steps: Sequence[Step], transaction: Any = None) -> None:  # noqa: ANN401 - one of the emulator's
        """Do steps in one commit."""
        _, time = await self.database.commit(list(map(written, steps)), transaction)
        for kind, name, said in steps:
            if kind == "delete":
                self.documents.pop(name, None)
            else:
                held = self.documents.get(name, {}) if kind == "merge" else {}
                self.documents = {**self.documents, name: {**held, **said}}
        self.documents = dict(self.documents)
        self.before.append((time, dict(self.documents)))

    def agree(self, question: Question) -> None:
        """Compare the answers of both, now and at every time before."""
        query = question.query()
        for time, documents in self.before:
            found = [each.path.id for each in query.run(self.database.data, time)]
            assert found == question.answer(documents)
        now = [each.path.id for each in query.run(self.database.data)]
        assert now == question.answer(self.documents)
        assert query.count(self.database.data) == len(now)


def written(step: Step) -> Proto:
    """Return a step as a write."""
    kind, name, said = step
    path = f"{ROOT}/documents/c/{name}"
    if kind == "delete":
        return Write(delete=path)
    write = Write()
    write.update.name = path
    for key, value in said.items():
        write.update.fields[key].CopyFrom(as_value(value))
    if kind == "merge":
        write.update_mask.field_paths.extend(said)
        write.update_mask.SetInParent()
    return write


@given(
    st.lists(st.lists(steps, min_size=1, max_size=3), max_size=8), st.lists(questions, max_size=6)
)
def test_queries_find_what_the_model_finds_at_every_time(
    commits: list[list[Step]], asked: list[Question]
) -> None:
    async def history() -> None:
        both = Both()
        for commit in [[], *commits]:
            await both.write(commit)
            for question in asked[:1]:  # its indexes are made here, and kept from now on
                both.agree(question)
        for question in asked:
            both.agree(question)
        both.journal.close()

    asyncio.run(history())


@given(st.lists(st.lists(steps, min_size=1, max_size=3), min_size=1, max_size=8), questions)
def test_a_listener_has_after_every_commit_what_the_query_finds(
    commits: list[list[Step]], question: Question
) -> None:
    async def history() -> None:
        both = Both()
        target = Target(1, question.query())

        def told(time: int, changes: Iterable[Change]) -> None:
            target.known = target.after(both.database, time, list(changes))

        both.database.watchers.add(told)
        for commit in commits:
            await both.write(commit)
            assert {path.id for path in target.known} == set(question.answer(both.documents))
        both.journal.close()

    asyncio.run(history())


@given(st.lists(steps, min_size=1, max_size=4), st.sets(ids), st.lists(steps, max_size=3), steps)
def test_what_a_transaction_read_stays_until_it_is_over(
    first: list[Step], read: set[str], then: list[Step], other: Step
) -> None:
    async def history() -> None:
        both = Both()
        await both.write(first)
        held = dict(both.documents)
        transaction = both.database.begin(TransactionOptions())
        for name in sorted(read):
            await both.database.transactions.read(transaction, Path(ROOT, ("c", name)))

        writing = asyncio.create_task(both.write([other]))
        for _ in range(3):
            await asyncio.sleep(0)
        assert writing.done() == (other[1] not in read)
        for name in read:
            assert found(both.database, name) == shown(held.get(name))
        await both.write(then, transaction)
        await writing
        assert all(
            found(both.database, each) == shown(both.documents.get(each)) for each in "abcde"
        )
        both.journal.close()

    asyncio.run(history())


def found(database: Database, name: str) -> str:
    """Return a document's fields as the client reads them, so that NaN is like NaN."""
    version = database.data.find(Path(ROOT, ("c", name)))
    if version is None or version.document is None:
        return repr(None)
    held: Any = decode_dict(version.document.fields, None)
    return shown(held)


def shown(given: Fields | None) -> str:
    """Return the model's fields in the same form."""
    return repr(None if given is None else dict(sorted(given.items())))
