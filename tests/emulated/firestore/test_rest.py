"""Documents and queries by REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.emulated.firestore.conftest import Lab


async def test_documents_are_made_changed_and_listed(lab: Lab) -> None:
    made = await lab.wire.rest("POST", "$D/c?documentId=x", {"fields": {"a": {"nullValue": None}}})
    assert made["fields"] == {"a": {"nullValue": None}}
    path = "$D/c/x?updateMask.fieldPaths=b"
    changed = await lab.wire.rest("PATCH", path, {"fields": {"b": {"integerValue": "1"}}})
    assert sorted(changed["fields"]) == ["a", "b"]
    (listed,) = (await lab.wire.rest("GET", "$D/c?mask.fieldPaths=b"))["documents"]
    assert listed["fields"] == {"b": {"integerValue": "1"}}


async def test_a_document_and_a_list_are_told_apart_at_every_depth(lab: Lab) -> None:
    await lab.db.document("a/b/c/d/e/f").set({"n": 1})
    await lab.db.document("a/b").set({"n": 2})
    for path in ("a/b/c/d/e/f", "a/b"):
        assert (await lab.wire.rest("GET", f"$D/{path}"))["name"].endswith(path)
    for path in ("a/b/c/d/e", "a"):
        assert len((await lab.wire.rest("GET", f"$D/{path}"))["documents"]) == 1
    assert (await lab.wire.rest("GET", "$D/a/b/c/d"))["error"]["status"] == "NOT_FOUND"


async def test_a_query_is_answered_by_one_array(lab: Lab) -> None:
    await lab.fill("c", a={}, b={})
    query = {"structuredQuery": {"from": [{"collectionId": "c"}]}}
    found = await lab.wire.rest("POST", "$D:runQuery", query)
    assert [each["document"]["name"][-1] for each in found] == ["a", "b"]
    refused = await lab.wire.rest("POST", "$D:runQuery", {"structuredQuery": {"limit": -1}})
    assert (refused[0] if isinstance(refused, list) else refused)["error"]["code"] == 400
