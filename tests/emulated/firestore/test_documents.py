"""Documents by the official client: reading, writing, preconditions, transforms, lists."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
from google.api_core import exceptions
from google.cloud import firestore

from emulators.firestore.store import Store

if TYPE_CHECKING:
    from tests.emulated.firestore.conftest import Lab


async def test_a_document_is_read_as_it_was_written(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    fields = {"title": "Heat", "year": 1995, "score": 8.3, "tags": ["a", "b"], "of": {"x": None}}
    written = await heat.set(fields)

    found = await heat.get()

    assert found.to_dict() == fields
    assert found.create_time == found.update_time == written.update_time
    assert not (await lab.db.document("films/none").get()).exists


async def test_a_merge_changes_what_it_names_and_an_update_deletes_what_it_says(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    await heat.set({"a": {"x": 1, "y": 2}, "b": 3})
    await heat.set({"a": {"z": 4}}, merge=True)
    await heat.update({"a.x": firestore.DELETE_FIELD, "b": 5})
    assert (await heat.get()).to_dict() == {"a": {"y": 2, "z": 4}, "b": 5}


async def test_what_changes_nothing_leaves_the_time_of_the_last_update(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    first = await heat.set({"a": 1})
    again = await heat.set({"a": 1})
    assert again.update_time == first.update_time


async def test_a_document_is_created_once_and_updated_where_it_is(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    with pytest.raises(exceptions.NotFound):
        await heat.update({"a": 1})
    await heat.create({"a": 1})
    with pytest.raises(exceptions.AlreadyExists, match="already exists"):
        await heat.create({"a": 2})


async def test_a_write_that_expects_another_version_is_refused(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    first = await heat.set({"a": 1})
    second = await heat.set({"a": 2})
    stale = lab.db.write_option(last_update_time=first.update_time)
    with pytest.raises(exceptions.FailedPrecondition):
        await heat.delete(option=stale)
    await heat.delete(option=lab.db.write_option(last_update_time=second.update_time))
    assert not (await heat.get()).exists


async def test_the_server_counts_stamps_and_keeps_sets(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    await heat.set({"n": 1, "low": 5, "tags": ["a"]})
    changes = {
        "n": firestore.Increment(2.5), "low": firestore.Minimum(3), "high": firestore.Maximum(7),
        "at": firestore.SERVER_TIMESTAMP,
    }  # fmt: skip
    await heat.update(changes)
    await heat.update({"tags": firestore.ArrayUnion(["a", "b"])})
    await heat.update({"tags": firestore.ArrayRemove(["a"])})

    found = (await heat.get()).to_dict()

    at = found.pop("at")
    assert found == {"n": 3.5, "low": 3, "high": 7, "tags": ["b"]}
    assert at.microsecond % 1000 == 0  # milliseconds, as Firestore cuts them


async def test_an_integer_that_is_full_stays_full(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    await heat.set({"n": 2**63 - 2})
    await heat.update({"n": firestore.Increment(5)})
    assert (await heat.get()).get("n") == 2**63 - 1


async def test_of_a_batch_everything_happens_or_nothing(lab: Lab) -> None:
    batch = lab.db.batch()
    batch.set(lab.db.document("films/heat"), {"a": 1})
    batch.update(lab.db.document("films/none"), {"a": 1})
    with pytest.raises(exceptions.NotFound):
        await batch.commit()
    assert not (await lab.db.document("films/heat").get()).exists


async def test_a_list_names_missing_documents_that_have_collections(lab: Lab) -> None:
    await lab.db.document("films/heat").set({})
    await lab.db.document("films/none/cast/ada").set({})
    assert [each.id async for each in lab.db.collection("films").list_documents()] == [
        "heat", "none"
    ]  # fmt: skip
    assert [each.id async for each in lab.db.collections()] == ["films"]
    assert [each.id async for each in lab.db.document("films/none").collections()] == ["cast"]


@pytest.mark.ours("turns the clock")
async def test_a_document_is_read_as_it_was_at_a_time(lab: Lab) -> None:
    heat = lab.db.document("films/heat")
    first = await heat.set({"a": 1})
    await heat.set({"a": 2})
    assert (await heat.get(read_time=first.update_time)).to_dict() == {"a": 1}
    lab.clock.advance(3601)
    with pytest.raises(exceptions.FailedPrecondition, match="too old"):
        await heat.get(read_time=first.update_time)
    with pytest.raises(exceptions.InvalidArgument, match="future"):
        await heat.get(read_time=first.update_time + timedelta(hours=9))


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("films/__x__", {}, "reserved"),
        ("films/" + "a" * 1501, {}, "1500 bytes"),
        ("films/..", {}, r'"\.\."'),
        ("films/heat", {"__a__": 1}, "reserved"),
        ("films/heat", {"a": [[1]]}, "array"),
        ("films/heat", {"a": "x" * 1_100_000}, "bytes"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_name(
    lab: Lab, path: str, fields: dict[str, object], says: str
) -> None:
    collection, _, name = path.partition("/")
    with pytest.raises(exceptions.InvalidArgument, match=says):
        await lab.db.collection(collection).document(name).set(fields)


@pytest.mark.ours("looks into the journal")
async def test_documents_outlive_the_process(lab: Lab) -> None:
    await lab.db.document("films/heat").set({"a": 1})
    await lab.db.document("films/gone").set({})
    await lab.db.document("films/gone").delete()
    written = await lab.db.document("films/heat").get()

    there = Store(lab.clock, lab.emulator.context.journal)

    (found,) = there.database(lab.root).data.everything()
    assert found.document is not None
    assert found.document.fields["a"].integer_value == 1
    assert found.document.update_time.ToMicroseconds() == found.time
    assert found.time == written.update_time.timestamp_pb().ToMicroseconds()


async def test_all_documents_are_forgotten_as_googles_own_emulator_is_asked_to(lab: Lab) -> None:
    await lab.db.document("films/heat").set({"a": 1})
    address = f"http://{lab.address}/emulator/v1/{lab.root}/documents"
    async with aiohttp.ClientSession() as http, http.delete(address) as answer:
        assert answer.status == 200
    assert not (await lab.db.document("films/heat").get()).exists
