"""What is told and refused when things happen in an order that a quick client never sees."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from google.cloud.firestore_v1.types import firestore

from emulators.core.errors import EmulatorError
from emulators.firestore.listening import Listener
from emulators.firestore.messages import StructuredQuery, TransactionOptions, Write
from emulators.firestore.names import Path
from emulators.firestore.streams import Listening
from tests.unit.firestore.model import ROOT, as_value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from emulators.core.methods import Proto
    from emulators.firestore.data import Change
    from emulators.firestore.store import Database, Store

ListenRequest, Target = firestore.ListenRequest.pb(), firestore.Target.pb()


def written(name: str, number: int) -> Proto:
    """Return a write of one number."""
    write = Write()
    write.update.name = f"{ROOT}/documents/c/{name}"
    write.update.fields["n"].CopyFrom(as_value(number))
    return write


def first_by_number(limit: int) -> Proto:
    """Return a target of the first documents by their numbers."""
    query = StructuredQuery()
    query.from_.add(collection_id="c")
    query.order_by.add().field.field_path = "n"
    query.limit.value = limit
    target = Target(target_id=1)
    target.query.parent = f"{ROOT}/documents"
    target.query.structured_query.CopyFrom(query)
    return target


def told(answers: Iterable[Proto]) -> list[str]:
    """Return what is told of documents, with their numbers where they are results."""
    found = []
    for answer in answers:
        kind = answer.WhichOneof("response_type")
        if kind == "document_change":
            document = answer.document_change.document
            found.append(f"{document.name[-1]}={document.fields['n'].integer_value}")
        elif kind in {"document_remove", "document_delete"}:
            found.append(f"{kind} {getattr(answer, kind).document[-1]}")
    return found


async def test_a_commit_that_a_new_target_has_seen_is_told_no_more(database: Database) -> None:
    commits: list[tuple[int, list[Change]]] = []
    database.watchers.add(lambda *commit: commits.append(commit))
    await database.commit([written("a", 1)])
    await database.commit([written("a", 2)])
    listener = Listener(database)

    assert told(listener.add(first_by_number(1))) == ["a=2"]
    assert [each for commit in commits for each in listener.committed(*commit)] == []
    await database.commit([written("a", 3)])
    assert told(listener.committed(*commits[-1])) == ["a=3"]


async def test_each_commit_is_told_as_it_was_whatever_came_after(database: Database) -> None:
    listener = Listener(database)
    await database.commit([written("a", 1), written("b", 2)])
    list(listener.add(first_by_number(1)))
    commits: list[tuple[int, list[Change]]] = []
    database.watchers.add(lambda *commit: commits.append(commit))
    await database.commit([Write(delete=f"{ROOT}/documents/c/a")])
    await database.commit([written("b", 5)])
    await database.commit([written("a", 0)])

    assert [sorted(told(listener.committed(*commit))) for commit in commits] == [
        ["b=2", "document_delete a"],
        ["b=5"],
        ["a=0", "document_remove b"],
    ]


async def test_a_transaction_that_lost_a_deadlock_commits_nothing_not_even_reads(
    database: Database,
) -> None:
    lost: Any = database.begin(TransactionOptions())
    await database.transactions.read(lost, Path(ROOT, ("c", "a")))
    lost.owner.aborted = True

    with pytest.raises(EmulatorError, match="contention") as refused:
        await database.commit([], lost)
    assert refused.value.status.name == "ABORTED"


async def test_a_number_in_use_is_given_to_no_other_target(database: Database) -> None:
    listener = Listener(database)
    list(listener.add(first_by_number(1)))
    with pytest.raises(EmulatorError, match="Target 1 is in use"):
        list(listener.add(first_by_number(2)))


async def test_what_is_there_by_now_is_told_of_every_target_before_a_new_one(
    database: Database,
) -> None:
    class OfOne:
        def database(self, _root: str) -> Database:
            return database

    async def asked() -> AsyncIterator[Proto]:
        yield ListenRequest(database=ROOT, add_target=first_by_number(2))
        await asyncio.sleep(0)
        later = first_by_number(1)
        later.target_id = 2
        yield ListenRequest(database=ROOT, add_target=later)
        await database.commit([written("a", 1)])  # behind the request, before it is answered
        await forever.wait()

    forever = asyncio.Event()
    answers = Listening(cast("Store", OfOne())).answers(asked())
    found = []
    async for answer in answers:
        change = answer.target_change
        if answer.HasField("document_change"):
            found.append(f"a of {list(answer.document_change.target_ids)}")
        elif change.target_ids and change.target_change_type in {1, 3}:
            found.append(f"{change.target_change_type} of {list(change.target_ids)}")
        if found[-1:] == ["3 of [2]"]:
            break
    await answers.aclose()

    assert found == ["1 of [1]", "3 of [1]", "a of [1]", "1 of [2]", "a of [2]", "3 of [2]"]
