"""Transactions by the official client: locks, retries, time limits."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore

from tests.emulated.firestore.conftest import ids

if TYPE_CHECKING:
    from tests.emulated.firestore.conftest import Lab

THREADS, TIMES = 8, 5


@firestore.transactional
def increment(transaction: Any, document: Any) -> int:  # noqa: ANN401 - untyped clients
    """Add one to a document's number."""
    found = int(document.get(transaction=transaction).get("n")) + 1
    transaction.update(document, {"n": found})
    return found


@pytest.mark.differs("concurrent counts in one document fail there after five attempts")
async def test_of_many_who_count_in_one_document_none_is_lost_and_none_fails(lab: Lab) -> None:
    await lab.db.document("hot/one").set({"n": 0})

    def count(_: int) -> list[int]:
        document = lab.blocking.document("hot/one")
        return [increment(lab.blocking.transaction(), document) for _ in range(TIMES)]

    with ThreadPoolExecutor(THREADS) as pool:
        loop = asyncio.get_running_loop()
        jobs = [loop.run_in_executor(pool, count, each) for each in range(THREADS)]
        found = sorted(n for part in await asyncio.gather(*jobs) for n in part)

    assert found == list(range(1, THREADS * TIMES + 1))


async def test_a_write_waits_for_a_transaction_that_read_the_document(lab: Lab) -> None:
    document = lab.db.document("films/heat")
    await document.set({"n": 1})
    transaction = lab.db.transaction()
    await transaction._begin()
    await document.get(transaction=transaction)

    writing = asyncio.create_task(document.set({"n": 9}))
    await asyncio.sleep(0.05)
    assert not writing.done()
    transaction.update(document, {"n": 2})
    await transaction._commit()
    await writing

    assert (await document.get()).to_dict() == {"n": 9}


async def test_nothing_is_added_to_what_a_transaction_asked_for(lab: Lab) -> None:
    films = await lab.fill("films", heat={"n": 1})
    transaction = lab.db.transaction()
    await transaction._begin()
    assert [each.id async for each in films.stream(transaction=transaction)] == ["heat"]

    adding = asyncio.create_task(films.document("up").set({"n": 2}))
    await asyncio.sleep(0.05)
    assert not adding.done()
    await transaction._rollback()
    await adding

    assert await ids(films) == ["heat", "up"]


@pytest.mark.differs("both of a deadlock wait there until their locks time out")
async def test_of_two_that_wait_for_each_other_the_younger_is_aborted(lab: Lab) -> None:
    one, two = lab.db.document("a/one"), lab.db.document("a/two")
    await one.set({"n": 1})
    await two.set({"n": 1})
    older, younger = lab.db.transaction(), lab.db.transaction()
    for transaction, document in ((older, one), (younger, two)):
        await transaction._begin()
        await document.get(transaction=transaction)
    older.update(two, {"n": 2})
    younger.update(one, {"n": 3})

    committing = asyncio.create_task(older._commit())
    await asyncio.sleep(0.05)
    with pytest.raises(exceptions.Aborted, match="contention"):
        await lab.db._firestore_api.commit(
            request={
                "database": lab.db._database_string,
                "writes": younger._write_pbs,
                "transaction": younger._id,
            },
            retry=None,
        )
    await committing

    assert (await two.get()).to_dict() == {"n": 2}


async def test_a_transaction_that_only_reads_sees_one_moment_and_locks_nothing(lab: Lab) -> None:
    document = lab.db.document("films/heat")
    await document.set({"n": 1})
    transaction = lab.db.transaction(read_only=True)
    await transaction._begin()
    await document.set({"n": 2})
    (found,) = [each async for each in lab.db.get_all([document], transaction=transaction)]
    assert found.to_dict() == {"n": 1}


@pytest.mark.ours("turns the clock")
async def test_a_transaction_that_nobody_uses_ends_and_lets_others_write(lab: Lab) -> None:
    document = lab.db.document("films/heat")
    await document.set({"n": 1})
    transaction = lab.db.transaction()
    await transaction._begin()
    await document.get(transaction=transaction)
    writing = asyncio.create_task(document.set({"n": 2}))
    await asyncio.sleep(0.05)

    lab.clock.advance(61)

    await writing
    transaction.update(document, {"n": 3})
    with pytest.raises(exceptions.InvalidArgument, match="expired or is no longer valid"):
        await transaction._commit()


async def test_nothing_is_added_to_what_a_transaction_listed(lab: Lab) -> None:
    films = await lab.fill("films", heat={"n": 1})
    transaction = lab.db.transaction()
    await transaction._begin()
    token = b64encode(transaction._id).decode()
    body = {"parent": "$D", "collectionId": "films", "transaction": token}
    assert len((await lab.wire.call("ListDocuments", body)).documents) == 1

    adding = asyncio.create_task(films.document("up").set({"n": 2}))
    await asyncio.sleep(0.05)
    assert not adding.done()
    await transaction._rollback()
    await adding

    assert await ids(films) == ["heat", "up"]
