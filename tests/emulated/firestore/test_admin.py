"""Databases, indexes and settings of fields by the official admin client."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.cloud.firestore import AsyncClient
from google.cloud.firestore_admin_v1 import types

from emulators.firestore.service import endpoint
from tests.emulated.firestore.admin import Client, Untyped, admin, project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulated.conftest import Laboratory
    from tests.emulated.firestore.conftest import Lab

__all__ = ["admin"]
pytestmark = pytest.mark.differs("the admin service is not there")
Ascending = types.Index.IndexField.Order.ASCENDING


async def made(lab: Lab, admin: Client, name: str = "films", **settings: object) -> Untyped:
    """Return a new database."""
    database = types.Database(location_id="europe-west1", type_="FIRESTORE_NATIVE", **settings)
    operation = await admin.create_database(
        parent=project(lab), database=database, database_id=name
    )
    return await operation.result()


def index(*paths: str, scope: str = "COLLECTION") -> Untyped:
    """Return a composite index of fields, ascending."""
    return types.Index(
        query_scope=scope, fields=[{"field_path": path, "order": Ascending} for path in paths]
    )


async def test_a_database_is_made_changed_listed_and_deleted(lab: Lab, admin: Client) -> None:
    database = await made(lab, admin)
    assert (database.location_id, database.concurrency_mode.name) == ("europe-west1", "PESSIMISTIC")

    database.delete_protection_state = "DELETE_PROTECTION_ENABLED"
    changed = await (await admin.update_database(database=database)).result()
    assert changed.etag != database.etag
    with pytest.raises(exceptions.FailedPrecondition, match="delete protection"):
        await admin.delete_database(name=database.name)
    changed.delete_protection_state = "DELETE_PROTECTION_DISABLED"
    mask = {"paths": ["delete_protection_state"]}
    await admin.update_database(database=changed, update_mask=mask)
    await (await admin.delete_database(name=database.name)).result()

    with pytest.raises(exceptions.NotFound):
        await admin.get_database(name=database.name)
    listed = await admin.list_databases(parent=project(lab))
    assert database.name not in [each.name for each in listed.databases]
    request = {"parent": project(lab), "show_deleted": True}
    listed = await admin.list_databases(request=request)
    assert "films" in [each.previous_id for each in listed.databases]


async def test_a_database_changes_by_what_can_change_of_it_alone(lab: Lab, admin: Client) -> None:
    database = await made(lab, admin)
    for path, word in (
        ("location_id", "location_id of a database cannot change"),
        ("concurrency_mode", "names concurrency_mode, which database does not say"),
        ("color", "has no field color"),
    ):
        other = types.Database(name=database.name, location_id="nam5")
        with pytest.raises(exceptions.InvalidArgument, match=word):
            await admin.update_database(database=other, update_mask={"paths": ["name", path]})
    other = types.Database(name=database.name, etag="x", concurrency_mode="OPTIMISTIC")
    with pytest.raises(exceptions.FailedPrecondition, match="etag"):
        await admin.update_database(database=other)


@pytest.mark.parametrize(
    "name", ["a", "Films", "films-", "8films", f"{'0' * 8}-0000-0000-0000-{'0' * 12}"]
)
async def test_a_database_has_a_name_that_it_can_have(lab: Lab, admin: Client, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="database_id"):
        await made(lab, admin, name)


async def test_documents_of_a_named_database_are_its_own_and_go_with_it(
    lab: Lab,
    admin: Client,
) -> None:
    database = await made(lab, admin)
    db: Any = AsyncClient(project=lab.db.project, database="films")
    await db.document("c/heat").set({"n": 1})
    assert not (await lab.db.document("c/heat").get()).exists

    await admin.delete_database(name=database.name)
    with pytest.raises(exceptions.NotFound, match="database films does not exist"):
        await db.document("c/heat").get()
    parent = f"{database.name}/collectionGroups/c"
    with pytest.raises(exceptions.NotFound):
        await admin.list_indexes(parent=parent)
    with pytest.raises(exceptions.NotFound):
        await admin.get_field(name=f"{parent}/fields/a")

    await made(lab, admin)
    assert not (await db.document("c/heat").get()).exists
    db.close()


async def test_a_database_that_is_used_is_there_and_is_not_made_again(
    lab: Lab, admin: Client
) -> None:
    await lab.db.document("c/heat").set({"n": 1})
    assert (await admin.get_database(name=lab.root)).database_edition.name == "STANDARD"
    with pytest.raises(exceptions.AlreadyExists):
        await made(lab, admin, "(default)")


async def test_transactions_are_optimistic_where_their_database_is(lab: Lab, admin: Client) -> None:
    await made(lab, admin, concurrency_mode="OPTIMISTIC")
    db: Any = AsyncClient(project=lab.db.project, database="films")
    document = db.document("c/heat")
    await document.set({"n": 1})
    transaction = db.transaction()
    await transaction._begin()
    await document.get(transaction=transaction)
    await asyncio.wait_for(document.set({"n": 2}), 5)
    transaction.update(document, {"n": 3})
    with pytest.raises(exceptions.Aborted):
        await transaction._commit()
    db.close()


async def test_a_composite_index_is_made_once_with_the_name_and_deleted(
    lab: Lab, admin: Client
) -> None:
    parent = f"{lab.root}/collectionGroups/films"
    kept = await (await admin.create_index(parent=parent, index=index("kind", "year"))).result()
    assert [each.field_path for each in kept.fields] == ["kind", "year", "__name__"]
    assert kept.state.name == "READY"
    with pytest.raises(exceptions.AlreadyExists):
        await admin.create_index(parent=parent, index=index("kind", "year", "__name__"))
    await admin.create_index(parent=parent, index=index("kind", "year", scope="COLLECTION_GROUP"))

    everywhere = f"{lab.root}/collectionGroups/-"
    pages = await admin.list_indexes(request={"parent": everywhere, "page_size": 1})
    assert len({each.name async for each in pages}) == 2
    await admin.delete_index(name=kept.name)
    with pytest.raises(exceptions.NotFound):
        await admin.get_index(name=kept.name)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ([], "index.fields"),
        ([{"field_path": "a", "order": Ascending}], "single field index controls"),
        ([{"field_path": "a"}, {"field_path": "b", "order": Ascending}], "index field a needs"),
        ([{"field_path": "a", "order": Ascending}] * 2, "more than once"),
        (
            [{"field_path": "a", "array_config": 1}, {"field_path": "b", "array_config": 1}],
            "one arr",
        ),
        ([{"field_path": "a", "vector_config": {"dimension": 0, "flat": {}}}], "dimension"),
        ([{"field_path": "a", "vector_config": {"dimension": 3}}], "flat"),
        ([{"field_path": "__name__", "order": Ascending}, {"field_path": "b", "order": 1}], "__na"),
        ([{"field_path": "a..b", "order": Ascending}], "a..b"),
    ],
)
async def test_an_index_that_cannot_be_is_refused(
    lab: Lab,
    admin: Client,
    fields: list[dict[str, object]],
    word: str,
) -> None:
    wrong = types.Index(query_scope="COLLECTION", fields=fields)
    with pytest.raises(exceptions.InvalidArgument, match=word):
        await admin.create_index(parent=f"{lab.root}/collectionGroups/films", index=wrong)


async def test_a_field_is_exempt_from_indexes_and_returns_to_its_ancestors(
    lab: Lab,
    admin: Client,
) -> None:
    name = f"{lab.root}/collectionGroups/films/fields/of.text"
    field = await admin.get_field(name=name)
    assert field.index_config.ancestor_field == f"{lab.root}/collectionGroups/__default__/fields/*"
    assert len(field.index_config.indexes) == 3

    operation = await admin.update_field(field=types.Field(name=name, index_config={}))
    assert not (await operation.result()).index_config.indexes
    assert len(operation.metadata.index_config_deltas) == 3
    request = {"parent": f"{lab.root}/collectionGroups/-"}
    request["filter"] = "indexConfig.usesAncestorConfig=false OR ttlConfig:*"
    assert [each.name async for each in await admin.list_fields(request=request)] == [name]

    operation = await admin.update_field(field=types.Field(name=name))
    assert (await operation.result()).index_config.uses_ancestor_config


async def test_a_document_is_deleted_when_its_time_has_come(lab: Lab, admin: Client) -> None:
    name = f"{lab.root}/collectionGroups/sessions/fields/ends"
    now = lab.clock.now()
    ends = {"n": 1, "ends": _at(now + 60)}
    await lab.db.document("sessions/before").set(ends)
    field = types.Field(name=name, ttl_config={})
    assert (
        await (await admin.update_field(field=field)).result()
    ).ttl_config.state.name == "ACTIVE"
    await lab.db.document("sessions/later").set({"ends": _at(now + 120)})
    await lab.db.document("sessions/kept").set({"ends": "never"})
    await lab.db.document("users/a/sessions/below").set(ends)
    await lab.db.document("sessions/changed").set(ends)
    await lab.db.document("sessions/changed").update({"ends": _at(now + 3600)})
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    watch = lab.blocking.collection("sessions").on_snapshot(
        lambda _, changes, __: (
            "REMOVED" in {each.type.name for each in changes}
            and loop.call_soon_threadsafe(told.set)
        )
    )
    await asyncio.sleep(0.3)

    lab.clock.advance(61)
    await asyncio.wait_for(told.wait(), 10)
    watch.unsubscribe()

    there = {each.id async for each in lab.db.collection_group("sessions").stream()}
    assert there == {"later", "kept", "changed"}


def _at(seconds: float) -> Untyped:
    return datetime.fromtimestamp(seconds, UTC)


async def test_of_two_fields_of_a_collection_only_one_ends_documents(
    lab: Lab, admin: Client
) -> None:
    parent = f"{lab.root}/collectionGroups/sessions/fields"
    await admin.update_field(field=types.Field(name=f"{parent}/a", ttl_config={}))
    with pytest.raises(exceptions.FailedPrecondition, match="ttl_config"):
        await admin.update_field(field=types.Field(name=f"{parent}/b", ttl_config={}))


async def test_collections_are_deleted_in_bulk(lab: Lab, admin: Client) -> None:
    await lab.fill("films", heat={"n": 1}, ronin={"n": 2})
    await lab.fill("films/heat/lists", later={"n": 1})
    request = {"name": lab.root, "collection_ids": ["films"]}
    operation = await admin.bulk_delete_documents(request=request)
    assert operation.metadata.progress_documents.completed_work == 2
    assert [each.id async for each in lab.db.collection_group("lists").stream()] == ["later"]
    assert [each.id async for each in lab.db.collection("films").stream()] == []
    with pytest.raises(exceptions.InvalidArgument, match="collection_ids"):
        await admin.bulk_delete_documents(request={"name": lab.root})


async def test_operations_are_kept_until_they_are_deleted(lab: Lab, admin: Client) -> None:
    parent = f"{lab.root}/collectionGroups/films"
    operation = (await admin.create_index(parent=parent, index=index("kind", "year"))).operation
    assert await admin.get_operation({"name": operation.name}) == operation
    assert (await admin.list_operations({"name": lab.root})).operations == [operation]
    with pytest.raises(exceptions.FailedPrecondition, match="done"):
        await admin.cancel_operation({"name": operation.name})
    await admin.delete_operation({"name": operation.name})
    with pytest.raises(exceptions.NotFound):
        await admin.get_operation({"name": operation.name})


async def test_all_of_it_is_there_by_rest(lab: Lab) -> None:
    body = {"locationId": "nam5", "type": "FIRESTORE_NATIVE"}
    path = lab.root.replace("/databases/(default)", "/databases")
    operation = await lab.wire.rest("POST", f"{path}?databaseId=films", body)
    assert operation["response"]["@type"].endswith("google.firestore.admin.v1.Database")
    assert (await lab.wire.rest("GET", operation["name"]))["done"]
    patched = await lab.wire.rest(
        "PATCH",
        f"{path}/films?updateMask=concurrencyMode",
        {"concurrencyMode": "OPTIMISTIC"},
    )
    assert patched["response"]["concurrencyMode"] == "OPTIMISTIC"
    found = await lab.wire.rest("GET", path)
    assert [each["name"] for each in found["databases"]] == [f"{path}/films"]
    field = f"{path}/films/collectionGroups/c/fields/*"
    assert "c/fields/*" in (await lab.wire.rest("GET", field))["name"]
    refused = await lab.wire.rest("POST", f"{path}/films:exportDocuments", {})
    assert refused["error"]["status"] == "UNIMPLEMENTED"
    assert "ExportDocuments" in refused["error"]["message"]


async def test_what_was_set_up_outlives_the_process(
    lab: Lab,
    admin: Client,
    serve_emulator: Laboratory,
    tmp_path: Path,
) -> None:
    await made(lab, admin)
    await made(lab, admin, "gone")
    await admin.delete_database(name=f"{project(lab)}/databases/gone")
    parent = f"{lab.root}/collectionGroups/sessions"
    await admin.create_index(parent=parent, index=index("kind", "year"))
    field = types.Field(name=f"{parent}/fields/ends", index_config={}, ttl_config={})
    await admin.update_field(field=field)
    await lab.db.document("sessions/a").set({"ends": _at(lab.clock.now() + 60)})
    before = await lab.wire.rest("GET", f"{parent}/indexes")

    again = await serve_emulator(endpoint, journal=tmp_path / "journal.sqlite")
    lab.wire._address = again.address
    path = lab.root.replace("/databases/(default)", "/databases")

    assert await lab.wire.rest("GET", f"{parent}/indexes") == before
    assert "indexes" not in (await lab.wire.rest("GET", field.name))["indexConfig"]
    found = await lab.wire.rest("GET", f"{path}/gone/documents/c/a")
    assert found["error"]["status"] == "NOT_FOUND"
    again.clock.advance(61)
    for _ in range(100):
        if "documents" not in await lab.wire.rest("GET", "$D/sessions"):
            return
        await asyncio.sleep(0.02)
    pytest.fail("the document is still there")
