"""Optimistic transactions: nothing waits for what they read, and what has changed aborts them."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.emulated.firestore.conftest import Lab

pytestmark = pytest.mark.differs("all its transactions are alike")
OPTIMISTIC = {"readWrite": {"concurrencyMode": "OPTIMISTIC"}}
CONTENTION = "ABORTED Aborted due to cross-transaction contention."


async def begin(lab: Lab) -> str:
    """Return the id of a new transaction, as JSON has it."""
    answer = await lab.wire.call("BeginTransaction", {"database": "$R", "options": OPTIMISTIC})
    return b64encode(answer.transaction).decode()


async def read(lab: Lab, transaction: str, name: str) -> Any:  # noqa: ANN401 - a document or a refusal
    """Return a document as a transaction sees it."""
    return await lab.wire.call("GetDocument", {"name": f"$D/c/{name}", "transaction": transaction})


async def commit(lab: Lab, transaction: str, name: str, number: int) -> Any:  # noqa: ANN401 - likewise
    """Write a number into a document, and end a transaction."""
    write = {"update": {"name": f"$D/c/{name}", "fields": of(number)}}
    body = {"database": "$R", "transaction": transaction, "writes": [write]}
    return await lab.wire.call("Commit", body)


def of(number: int) -> dict[str, Any]:
    """Return fields with a number."""
    return {"n": {"integerValue": str(number)}}


async def test_nobody_waits_for_what_it_read_and_it_is_aborted_where_that_changed(
    lab: Lab,
) -> None:
    await lab.wire.write(heat=of(1))
    transaction = await begin(lab)
    await read(lab, transaction, "heat")

    await asyncio.wait_for(lab.wire.write(heat=of(2)), 5)

    assert (await commit(lab, transaction, "heat", 3)).startswith(CONTENTION)
    found = await lab.wire.call("GetDocument", {"name": "$D/c/heat"})
    assert found.fields["n"].integer_value == 2


async def test_it_sees_the_moment_of_its_first_read_all_along(lab: Lab) -> None:
    await lab.wire.write(heat=of(1), ronin=of(1))
    transaction = await begin(lab)
    await lab.wire.write(heat=of(2))
    assert (await read(lab, transaction, "heat")).fields["n"].integer_value == 2
    await lab.wire.write(ronin=of(2))
    assert (await read(lab, transaction, "ronin")).fields["n"].integer_value == 1


async def test_what_it_did_not_read_may_change(lab: Lab) -> None:
    await lab.wire.write(heat=of(1))
    transaction = await begin(lab)
    await read(lab, transaction, "heat")
    await lab.wire.write(ronin=of(2))
    assert (await commit(lab, transaction, "ronin", 3)).commit_time.seconds


@pytest.mark.parametrize(("added", "aborted"), [(5, True), (50, False)])
async def test_what_is_added_to_its_results_aborts_it_and_nothing_else_does(
    lab: Lab, added: int, *, aborted: bool
) -> None:
    await lab.wire.write(heat=of(1))
    transaction = await begin(lab)
    below = {"fieldFilter": {"field": {"fieldPath": "n"}, "op": "LESS_THAN", **value(10)}}
    query = {"from": [{"collectionId": "c"}], "where": below}
    body = {"parent": "$D", "structuredQuery": query, "transaction": transaction}
    assert len(await lab.wire.call("RunQuery", body)) == 1

    await lab.wire.write(ronin=of(added))

    answer = await commit(lab, transaction, "heat", 3)
    assert isinstance(answer, str) == aborted


def value(number: int) -> dict[str, Any]:
    """Return what a filter compares with."""
    return {"value": {"integerValue": str(number)}}


async def test_of_many_that_count_at_once_each_that_is_not_aborted_counts(lab: Lab) -> None:
    await lab.wire.write(heat=of(0))

    async def count() -> bool:
        transaction = await begin(lab)
        held = (await read(lab, transaction, "heat")).fields["n"].integer_value
        return not isinstance(await commit(lab, transaction, "heat", held + 1), str)

    counted = sum(await asyncio.gather(*(count() for _ in range(12))))

    found = await lab.wire.call("GetDocument", {"name": "$D/c/heat"})
    assert found.fields["n"].integer_value == counted > 0


@pytest.mark.ours("turns the clock")
async def test_where_time_stands_still_what_is_written_after_a_read_is_later(lab: Lab) -> None:
    lab.clock.freeze()
    await lab.wire.write(heat=of(1))
    transaction = await begin(lab)
    await read(lab, transaction, "heat")
    await lab.wire.write(heat=of(2))
    assert (await read(lab, transaction, "heat")).fields["n"].integer_value == 1
    assert (await commit(lab, transaction, "heat", 3)).startswith(CONTENTION)
