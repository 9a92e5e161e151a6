"""Writes, lists and transactions as they may be on the wire."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulated.firestore.wire import NAN, array, field, integer

if TYPE_CHECKING:
    from tests.emulated.firestore.conftest import Lab

ONE = integer(1)
A: dict[str, Any] = {"name": "$D/c/a"}
ABSENT, PRESENT, OLD = (
    {"currentDocument": each}
    for each in ({"exists": False}, {"exists": True}, {"updateTime": "2020-01-01T00:00:00Z"})
)


def nested(depth: int) -> dict[str, Any]:
    """Return maps in maps."""
    value = ONE
    for _ in range(depth):
        value = {"mapValue": {"fields": {"a": value}}}
    return value


@pytest.mark.parametrize(
    "write",
    [
        {},
        {"delete": "$D/c"},
        {"update": {**A, "fields": {"a": {}}}},
        {"update": {**A, "fields": {"": ONE}}},
        {"update": {**A, "fields": {"a": {"mapValue": {"fields": {"__x__": ONE}}}}}},
        {"update": {**A, "fields": {"a": {"geoPointValue": {"latitude": 91}}}}},
        {"update": {**A, "fields": {"a": {"referenceValue": "$D/c"}}}},
        {"update": {**A, "fields": {"a": nested(21)}}},
        {"update": A, "updateMask": {"fieldPaths": ["a..b"]}},
        {"update": A, "updateMask": {"fieldPaths": ["__x__"]}},
        {"update": A, "updateTransforms": [{"fieldPath": "__a__", "increment": ONE}]},
        {"update": A, "updateTransforms": [{"fieldPath": "a", "increment": {"bytesValue": ""}}]},
        {"transform": {"document": "$D/c/a", "fieldTransforms": []}},
        {"update": {"name": "$D/c/__id07__"}},
        {"update": {"name": "$D/c/__id9223372036854775808__"}},
    ],
)
async def test_a_write_that_cannot_be_is_refused(lab: Lab, write: dict[str, Any]) -> None:
    assert (await lab.wire.commit(write)).startswith("INVALID_ARGUMENT")
    assert await lab.wire.run({}) == []


async def test_maps_are_nested_twenty_deep(lab: Lab) -> None:
    answer = await lab.wire.write(a={"a": nested(20)})
    assert len(answer.write_results) == 1


async def test_of_a_time_microseconds_are_kept(lab: Lab) -> None:
    await lab.wire.write(a={"at": {"timestampValue": "2020-01-01T00:00:00.123456789Z"}})
    found = await lab.wire.call("GetDocument", {"name": "$D/c/a"})
    assert found.fields["at"].timestamp_value.nanos == 123_456_000


async def test_one_commit_may_write_a_document_again_and_again(lab: Lab) -> None:
    mask = {"fieldPaths": ["b"]}
    first = {"update": {**A, "fields": {"a": ONE}}}
    second = {"update": {**A, "fields": {"b": ONE}}, "updateMask": mask}
    third = {
        "update": A,
        "updateMask": {},
        "updateTransforms": [{"fieldPath": "a", "increment": ONE}],
    }
    answer = await lab.wire.commit(first, second, third)
    found = (await lab.db.document("c/a").get()).to_dict()
    assert found == {"a": 2, "b": 1}
    assert len(answer.write_results) == 3


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize(
    ("first", "then", "says"),
    [
        ({"update": A}, {"update": A, **ABSENT}, "upsert then insert"),
        ({"update": A, **ABSENT}, {"delete": A["name"], **ABSENT}, "insert then delete"),
        ({"update": A, **PRESENT}, {"update": A, **ABSENT}, "update then insert"),
        ({"delete": A["name"]}, {"update": A, **PRESENT}, "delete then update"),
        ({"delete": A["name"], **PRESENT}, {"delete": A["name"], **PRESENT}, "delete then delete"),
        ({"delete": A["name"]}, {"update": A, **OLD}, "delete then update"),
        ({"update": A}, {"delete": A["name"], **OLD}, "version preconditions"),
        ({"delete": A["name"]}, {"delete": A["name"], **OLD}, "version preconditions"),
    ],
)
async def test_what_a_commit_asks_of_a_document_fits_what_it_did_to_it(
    lab: Lab, first: dict[str, Any], then: dict[str, Any], says: str, *, there: bool
) -> None:
    if there:
        await lab.wire.commit({"update": A})
    answer = await lab.wire.commit(first, then)
    assert answer.startswith("INVALID_ARGUMENT")
    assert says in answer


async def test_a_document_that_comes_back_is_a_new_one(lab: Lab) -> None:
    heat = lab.db.document("c/a")
    await heat.set({"a": 1})
    first = await heat.get()
    await heat.delete()
    await heat.set({"a": 1})
    assert (await heat.get()).create_time > first.create_time


@pytest.mark.parametrize("operator", ["maximum", "minimum"])
async def test_the_extreme_of_what_is_no_number_is_none(lab: Lab, operator: str) -> None:
    await lab.wire.write(a={"n": ONE})
    transform = {"fieldPath": "n", operator: NAN}
    await lab.wire.commit({"update": A, "updateMask": {}, "updateTransforms": [transform]})
    found = await lab.wire.call("GetDocument", {"name": "$D/c/a"})
    assert found.fields["n"].double_value != found.fields["n"].double_value


async def test_a_version_of_a_later_time_is_no_version(lab: Lab) -> None:
    await lab.wire.write(a={})
    later = {"updateTime": "2199-01-01T00:00:00Z"}
    answer = await lab.wire.commit({"delete": "$D/c/a", "currentDocument": later})
    assert answer.startswith("INVALID_ARGUMENT")
    gone = await lab.wire.commit({"delete": "$D/c/none", "currentDocument": later})
    assert gone.startswith("FAILED_PRECONDITION")


async def test_elements_of_a_set_are_compared_by_value(lab: Lab) -> None:
    await lab.wire.write(a={"v": array(ONE)})
    more = {"fieldPath": "v", "appendMissingElements": {"values": [{"doubleValue": 1.0}, NAN]}}
    await lab.wire.commit({"update": A, "updateMask": {}, "updateTransforms": [more]})
    found = await lab.wire.call("GetDocument", {"name": "$D/c/a"})
    held = found.fields["v"].array_value.values
    assert [each.WhichOneof("value_type") for each in held] == ["integer_value", "double_value"]


@pytest.mark.parametrize(
    "request_",
    [
        {"collectionId": "k", "documentId": "x/a/b"},
        {"collectionId": "k/l/m", "documentId": "x"},
        {"documentId": "x"},
        {"collectionId": "k", "documentId": "x", "document": {"name": "$D/k/x"}},
    ],
)
async def test_a_document_is_created_where_its_collection_is(
    lab: Lab, request_: dict[str, Any]
) -> None:
    answer = await lab.wire.call("CreateDocument", {"parent": "$D", "document": {}, **request_})
    assert answer.startswith("INVALID_ARGUMENT")


async def test_a_created_document_is_answered_by_its_mask(lab: Lab) -> None:
    body = {"parent": "$D", "collectionId": "c", "documentId": "a", "mask": {"fieldPaths": ["a"]}}
    fields = {"document": {"fields": {"a": ONE, "b": ONE}}}
    answer = await lab.wire.call("CreateDocument", body | fields)
    assert list(answer.fields) == ["a"]
    assert (await lab.db.document("c/a").get()).to_dict() == {"a": 1, "b": 1}


@pytest.mark.parametrize("missing", [False, True])
async def test_pages_go_on_behind_the_last_document_whatever_came_or_went(
    lab: Lab, *, missing: bool
) -> None:
    for name in ("b", "c", "d", "e"):
        await lab.db.document(f"c/{name}/x/y" if missing else f"c/{name}").set({})
    body = {"parent": "$D", "collectionId": "c", "pageSize": 2, "showMissing": missing}
    first = await lab.wire.call("ListDocuments", body)
    await lab.db.document("c/b/x/y" if missing else "c/b").delete()
    await lab.db.document("c/a").set({})
    second = await lab.wire.call("ListDocuments", body | {"pageToken": first.next_page_token})
    assert [each.name[-1] for each in (*first.documents, *second.documents)] == list("bcde")
    if second.next_page_token:  # there may be one where nothing follows
        end = await lab.wire.call("ListDocuments", body | {"pageToken": second.next_page_token})
        assert not end.documents


@pytest.mark.parametrize("method", ["Commit", "Rollback"])
async def test_a_transaction_that_never_was_is_refused(lab: Lab, method: str) -> None:
    unknown = {"database": "$R", "transaction": b64encode(b"abc").decode()}
    assert (await lab.wire.call(method, unknown)).startswith("INVALID_ARGUMENT")


async def test_a_finished_transaction_and_one_that_only_reads_write_nothing(lab: Lab) -> None:
    modes: tuple[dict[str, Any], ...] = ({"readWrite": {}}, {"readOnly": {}})
    for options in modes:
        begun = await lab.wire.call("BeginTransaction", {"database": "$R", "options": options})
        body = {"database": "$R", "transaction": b64encode(begun.transaction).decode()}
        if "readWrite" in options:
            await lab.wire.call("Commit", body)
        answer = await lab.wire.call("Commit", body | {"writes": [{"delete": "$D/c/a"}]})
        assert answer.startswith("INVALID_ARGUMENT")


async def test_a_transaction_takes_the_place_of_one_that_was(lab: Lab) -> None:
    unknown = {"readWrite": {"retryTransaction": b64encode(b"abc").decode()}}
    answer = await lab.wire.call("BeginTransaction", {"database": "$R", "options": unknown})
    assert answer.startswith("INVALID_ARGUMENT")


async def test_a_document_that_is_asked_for_twice_is_answered_once(lab: Lab) -> None:
    await lab.wire.write(a={})
    body = {"database": "$R", "documents": ["$D/c/a", "$D/c/none", "$D/c/a"]}
    answers = await lab.wire.call("BatchGetDocuments", body)
    assert [each.found.name[-1:] or each.missing[-4:] for each in answers] == ["a", "none"]


async def test_a_batch_says_of_each_write_what_became_of_it(lab: Lab) -> None:
    there = {"delete": "$D/c/a", "currentDocument": {"exists": True}}
    batch = {"database": "$R", "writes": [there, {"delete": "$D/c/b"}]}
    answer = await lab.wire.call("BatchWrite", batch)
    assert [each.code for each in answer.status] == [5, 0]
    twice = {"database": "$R", "writes": [{"delete": "$D/c/a"}] * 2}
    assert (await lab.wire.call("BatchWrite", twice)).startswith("INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("FIELD_REFERENCE_VALUE", {"fieldReferenceValue": "b"}),
        ("FUNCTION_VALUE", {"functionValue": {"name": "add"}}),
    ],
)
async def test_a_value_of_a_pipeline_is_refused_by_name(
    lab: Lab, kind: str, value: dict[str, Any]
) -> None:
    refused = f"INVALID_ARGUMENT Value type is not supported: {kind}"
    assert (await lab.wire.write(a={"a": value})).startswith(refused)
    assert (await lab.wire.run({"where": field("a", "EQUAL", value)})).startswith(refused)


@pytest.mark.differs("ExecutePipeline is UNKNOWN there")
async def test_pipelines_are_not_for_databases_of_the_standard_edition(lab: Lab) -> None:
    answer = await lab.wire.call("ExecutePipeline", {"database": "$R"})
    assert answer.startswith("FAILED_PRECONDITION")
    assert "only allowed on ENTERPRISE mode" in answer
