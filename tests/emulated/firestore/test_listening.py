"""Listening by the official client, and by the protocol where the client hides it."""

from __future__ import annotations

import asyncio
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.types import firestore as wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulated.firestore.conftest import Lab

SECONDS = 20


class Heard:
    """What a listener was told, change by change."""

    def __init__(self) -> None:
        self._told: Queue[list[tuple[str, str]]] = Queue()

    def __call__(self, _documents: object, changes: list[Any], _time: object) -> None:
        """Note one snapshot."""
        self._told.put([(change.type.name, change.document.id) for change in changes])

    async def next(self) -> list[tuple[str, str]]:
        """Return the changes of the next snapshot."""
        return await asyncio.to_thread(self._told.get, timeout=SECONDS)


async def test_a_query_is_listened_to_from_its_results_to_its_last_change(lab: Lab) -> None:
    films = await lab.fill("films", heat={"year": 1995}, alien={"year": 1979})
    heard = Heard()
    late = lab.blocking.collection("films").where(filter=FieldFilter("year", ">", 1980))
    watch = await asyncio.to_thread(late.on_snapshot, heard)

    assert await heard.next() == [("ADDED", "heat")]
    await films.document("up").set({"year": 2009})
    assert await heard.next() == [("ADDED", "up")]
    await films.document("up").update({"year": 2010})
    assert await heard.next() == [("MODIFIED", "up")]
    await films.document("alien").update({"title": "Alien"})
    await films.document("up").update({"year": 1900})
    assert await heard.next() == [("REMOVED", "up")]
    await films.document("heat").delete()
    assert await heard.next() == [("REMOVED", "heat")]
    await asyncio.to_thread(watch.unsubscribe)


async def test_of_a_limited_query_the_next_one_moves_up(lab: Lab) -> None:
    films = await lab.fill("films", a={"n": 1}, b={"n": 2}, c={"n": 3})
    heard = Heard()
    first = lab.blocking.collection("films").order_by("n").limit(2)
    watch = await asyncio.to_thread(first.on_snapshot, heard)
    assert await heard.next() == [("ADDED", "a"), ("ADDED", "b")]
    await films.document("a").delete()
    assert sorted(await heard.next()) == [("ADDED", "c"), ("REMOVED", "a")]
    await asyncio.to_thread(watch.unsubscribe)


async def test_a_document_is_listened_to_before_it_is_there(lab: Lab) -> None:
    heard = Heard()
    watch = await asyncio.to_thread(lab.blocking.document("films/heat").on_snapshot, heard)
    assert await heard.next() == []
    await lab.db.document("films/heat").set({"a": 1})
    assert await heard.next() == [("ADDED", "heat")]
    await asyncio.to_thread(watch.unsubscribe)


def listened(lab: Lab, **resume: object) -> Iterator[Any]:
    """Yield what a stream says of a target, from a place on."""
    query = {"from_": [{"collection_id": "films"}]}
    target = {
        "target_id": 2,
        "query": {"parent": f"{lab.root}/documents", "structured_query": query},
        **resume,
    }
    request = wire.ListenRequest(database=lab.root, add_target=wire.Target(target))
    stop = Queue[None]()

    def requests() -> Iterator[wire.ListenRequest]:
        yield request
        stop.get()

    prefix = [("google-cloud-resource-prefix", lab.root)]
    api = lab.blocking._firestore_api
    stream = api.listen(requests(), timeout=SECONDS, metadata=prefix)
    try:
        yield from stream
    finally:
        stream.cancel()
        stop.put(None)


def complete(lab: Lab, **resume: object) -> tuple[list[str], bytes, int | None]:
    """Return what happened until a snapshot was complete, its token, and the count said."""
    happened, count = [], None
    answers = listened(lab, **resume)
    for answer in answers:
        kind = wire.ListenResponse.pb(answer).WhichOneof("response_type")
        if kind == "filter":
            count = answer.filter.count
        elif kind != "target_change":
            change = getattr(answer, kind)
            name = change.document.name if kind == "document_change" else change.document
            happened.append(f"{kind} {name.rpartition('/')[2]}")
        elif not answer.target_change.target_ids:
            answers.close()  # type: ignore[attr-defined]
            return happened, answer.target_change.resume_token, count
        else:
            happened.append(answer.target_change.target_change_type.name)
    raise AssertionError(happened)


@pytest.mark.differs("resumed targets begin anew there")
async def test_a_stream_that_comes_back_is_told_what_changed_meanwhile(lab: Lab) -> None:
    films = await lab.fill("films", a={"n": 1}, b={"n": 2}, c={"n": 3})
    first, token, _ = await asyncio.to_thread(complete, lab)
    assert first == [
        "ADD", "document_change a", "document_change b", "document_change c", "CURRENT"
    ]  # fmt: skip
    await films.document("b").delete()
    await films.document("d").set({})

    again, _, count = await asyncio.to_thread(complete, lab, resume_token=token)

    assert again == ["ADD", "document_change d", "document_delete b", "CURRENT"]
    assert count == 3


@pytest.mark.ours("turns the clock")
async def test_a_token_that_is_too_old_begins_anew(lab: Lab) -> None:
    await lab.fill("films", a={"n": 1})
    _, token, _ = await asyncio.to_thread(complete, lab)
    lab.clock.advance(3700)
    again, _, count = await asyncio.to_thread(complete, lab, resume_token=token)
    assert again == ["ADD", "RESET", "document_change a", "CURRENT"]
    assert count == 1
