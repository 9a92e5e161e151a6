"""What cannot be is refused by every method with Google's code, and its field is named."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.emulated.firestore import bad_input
from tests.emulated.firestore.bad_input import DOCUMENT, LONG, ONE, OTHER, commit, transform
from tests.emulated.firestore.wire import DOCUMENTS, integer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.emulated.firestore.bad_input import Case
    from tests.emulated.firestore.conftest import Lab


async def refused(lab: Lab, cases: Iterable[Case]) -> list[str]:
    """Return what was not refused, or in words that do not name what is wrong."""
    asked = list(cases)
    answers = await asyncio.gather(*(lab.wire.call(method, body) for method, body, _ in asked))
    found = []
    for (method, body, says), answer in zip(asked, answers, strict=True):
        placed = says.replace("$D", f"{lab.root}{DOCUMENTS}"[:-1]).replace("$R", lab.root)
        is_refused = isinstance(answer, str) and answer.startswith("INVALID_ARGUMENT")
        if not is_refused or (lab.running is not None and placed not in answer):
            found.append(f"{method} {str(body)[:200]} should say {says!r}: {str(answer)[:200]}")
    return found


@pytest.mark.parametrize(
    "cases",
    [
        bad_input.of_documents,
        bad_input.of_places,
        bad_input.of_paths,
        bad_input.of_values,
        bad_input.of_filters,
        bad_input.of_searches,
        bad_input.of_writes,
    ],
)
async def test_what_cannot_be_is_refused_and_named(
    lab: Lab, cases: Callable[[], Iterable[Case]]
) -> None:
    await lab.wire.write(a={"a": ONE})

    assert await refused(lab, cases()) == []

    found = await lab.wire.call("GetDocument", {"name": DOCUMENT})
    assert found.fields["a"].integer_value == 1


@pytest.mark.differs("is accepted there, or UNKNOWN")
async def test_what_google_lets_pass_is_refused_and_named(lab: Lab) -> None:
    many = [{"fieldPath": f"a{each}", "increment": ONE} for each in range(501)]
    counts: list[dict[str, dict[str, str]]] = [{"count": {}}] * 6
    cases = [
        ("GetDocument", {"name": f"$D/c/{LONG}"}, "1500"),
        ("Commit", commit(delete=OTHER), "another database"),
        ("BatchWrite", commit(delete=OTHER), "another database"),
        ("Commit", transform(fieldPath="__name__", increment=ONE), "__name__"),
        ("Commit", commit(update={"name": DOCUMENT}, updateTransforms=many), "500"),
        ("RunAggregationQuery", bad_input.aggregation(*counts), "5"),
        ("ListDocuments", {"parent": "$D", "collectionId": "c", "pageToken": "!"}, "page_token"),
        *(
            ("Commit", transform(fieldPath="a", appendMissingElements={"values": [value]}), says)
            for value, says in bad_input.UNFIT_VALUES
        ),
    ]
    assert await refused(lab, cases) == []


async def test_a_batch_with_one_write_that_cannot_be_does_none(lab: Lab) -> None:
    writes = [{"update": {"name": DOCUMENT, "fields": {"a": integer(2)}}}, {"delete": "$D/c"}]
    answer = await lab.wire.call("BatchWrite", {"database": "$R", "writes": writes})
    assert answer.startswith("INVALID_ARGUMENT")
    assert await lab.wire.run({}) == []


async def test_a_write_that_cannot_be_is_told_before_a_precondition_that_does_not_hold(
    lab: Lab,
) -> None:
    gone = {"delete": DOCUMENT, "currentDocument": {"exists": True}}
    answer = await lab.wire.commit(gone, {"update": {"name": DOCUMENT, "fields": {"a": {}}}})
    assert answer.startswith("INVALID_ARGUMENT")
