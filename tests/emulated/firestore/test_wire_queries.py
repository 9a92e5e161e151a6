"""Queries as they may be on the wire, beyond what the Python client lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulated.firestore.wire import NAN, NULL, array, both, field, integer

if TYPE_CHECKING:
    from tests.emulated.firestore.conftest import Lab

ONE, TWO = integer(1), integer(2)
VALUES: dict[str, dict[str, Any]] = {
    "arr": array(ONE), "arrnan": array(NAN), "arrnull": array(NULL), "nan": NAN, "null": NULL,
    "one": ONE, "two": TWO,
}  # fmt: skip
NAMED: dict[str, Any] = {"referenceValue": "$D/c/a"}


def order(*paths: str, way: str = "ASCENDING") -> list[dict[str, Any]]:
    """Return an order by fields."""
    return [{"field": {"fieldPath": path}, "direction": way} for path in paths]


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("IN", array(NULL), ""),
        ("IN", array(NULL, ONE, NAN), "one"),
        ("NOT_IN", array(NULL), ""),
        ("NOT_IN", array(NAN, ONE), "nan two arrnull arrnan arr"),
        ("ARRAY_CONTAINS", NULL, ""),
        ("ARRAY_CONTAINS", NAN, ""),
        ("ARRAY_CONTAINS_ANY", array(NULL, NAN, ONE), "arr"),
        ("EQUAL", NULL, ""),
        ("EQUAL", NAN, ""),
        ("NOT_EQUAL", NULL, ""),
        ("NOT_EQUAL", NAN, "nan one two arrnull arrnan arr"),
        ("LESS_THAN_OR_EQUAL", NULL, ""),
        ("GREATER_THAN_OR_EQUAL", NAN, ""),
        ("GREATER_THAN", ONE, "two"),
    ],
)
async def test_nothing_is_equal_to_null_or_nan(
    lab: Lab, op: str, value: dict[str, Any], found: str
) -> None:
    await lab.wire.write(**{name: {"z": each} for name, each in VALUES.items()}, none={})
    names = [f"c/{name}" for name in found.split()]
    assert await lab.wire.run({"where": field("z", op, value)}) == names


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"where": both(field("a", "NOT_EQUAL", ONE), field("b", "NOT_EQUAL", ONE))}, "single"),
        ({"where": both(field("a", "IN", array(ONE)), field("b", "NOT_IN", array(ONE)))}, "'IN'"),
        ({"where": both(field("a", "NOT_IN", array(ONE)), op="OR")}, "'OR'"),
        (
            {"where": both(field("a", "ARRAY_CONTAINS", ONE), field("b", "ARRAY_CONTAINS", ONE))},
            "maximum of 1 'ARRAY_CONTAINS'",
        ),
        ({"where": {"compositeFilter": {"filters": [field("a", "EQUAL", ONE)]}}}, "operator"),
        ({"where": field("a", "EQUAL", {})}, "type unset"),
        ({"where": field("a.__x__", "EQUAL", ONE)}, "__x__"),
        ({"where": field("a..b", "EQUAL", ONE)}, "Invalid property path"),
        ({"where": field("__name__", "EQUAL", {"referenceValue": "$D/c"})}, ""),
        ({"where": {"unaryFilter": {"op": "IS_NULL", "field": {"fieldPath": "__name__"}}}}, ""),
        ({"orderBy": order("__name__", "a")}, "more fields after the key"),
        ({"orderBy": order("a", "a")}, ""),
        ({"orderBy": order("__x__")}, "reserved"),
        ({"from": [{"collectionId": "a/b"}]}, 'contains "/"'),
        ({"from": [{"collectionId": "__a__"}]}, "reserved"),
        ({"from": [{"collectionId": "a"}, {"collectionId": "b"}]}, ""),
        ({"limit": -1}, "limit is negative"),
        ({"offset": -1}, "offset is negative"),
        ({"startAt": {"values": [ONE, ONE]}}, "Cursor has too many values"),
    ],
)
async def test_a_query_that_cannot_be_is_refused(
    lab: Lab, query: dict[str, Any], says: str
) -> None:
    answer = await lab.wire.run(query)
    assert answer.startswith("INVALID_ARGUMENT")
    assert says in answer


async def test_inequalities_order_by_their_fields_and_only_then_by_name(lab: Lab) -> None:
    await lab.wire.write(a={"z": integer(3)}, b={"z": ONE}, c={"z": TWO})
    after = field("__name__", "GREATER_THAN", {"referenceValue": "$D/c/0"})
    where = both(after, field("z", "GREATER_THAN", integer(0)))
    assert await lab.wire.run({"where": where}) == ["c/b", "c/c", "c/a"]


async def test_a_cursor_follows_each_field_in_its_own_direction(lab: Lab) -> None:
    await lab.wire.write(a={"z": ONE}, b={"z": ONE}, c={"z": TWO}, d={"z": integer(0)})
    mixed = [*order("z", way="DESCENDING"), *order("__name__")]
    assert await lab.wire.run({"orderBy": mixed}) == ["c/c", "c/a", "c/b", "c/d"]
    after: dict[str, Any] = {"values": [ONE, NAMED], "before": False}
    assert await lab.wire.run({"orderBy": mixed, "startAt": after}) == ["c/b", "c/d"]
    before = {"values": [ONE, NAMED], "before": True}
    assert await lab.wire.run({"orderBy": mixed, "endAt": before}) == ["c/c"]


async def test_a_query_without_collection_is_of_all_that_are_right_there(lab: Lab) -> None:
    await lab.fill("c", a={})
    await lab.fill("d", b={})
    await lab.db.document("c/a/e/f").set({})
    assert await lab.wire.run({"from": []}) == ["c/a", "d/b"]
    assert await lab.wire.run({"from": [{"allDescendants": True}]}) == ["c/a", "c/a/e/f", "d/b"]


async def test_a_group_below_a_document_is_asked_for_by_name_alone(lab: Lab) -> None:
    for path in ("c/a", "c/a/c/b", "c/a/d/e/c/f", "d/a/c/z"):
        await lab.db.document(path).set({})
    group = {"from": [{"collectionId": "c", "allDescendants": True}], "orderBy": order("__name__")}
    answers = await lab.wire.call("RunQuery", {"parent": "$D/c/a", "structuredQuery": group})
    found = [each.document.name.partition("/documents/")[2] for each in answers]
    assert found == ["c/a/c/b", "c/a/d/e/c/f"]


async def test_a_projection_of_no_fields_is_of_names_alone(lab: Lab) -> None:
    await lab.wire.write(a={"z": ONE})
    query = {"from": [{"collectionId": "c"}], "select": {}}
    (answer,) = await lab.wire.call("RunQuery", {"parent": "$D", "structuredQuery": query})
    assert not answer.document.fields


async def test_an_answer_says_what_was_skipped_and_that_it_is_done(lab: Lab) -> None:
    await lab.wire.write(a={}, b={}, c={})
    query = {"from": [{"collectionId": "c"}], "offset": 1}
    answers = await lab.wire.call("RunQuery", {"parent": "$D", "structuredQuery": query})
    assert [(each.skipped_results, each.done) for each in answers] == [(1, False), (0, True)]
