"""search_reconcile over a real database and a served index: what is wrong there is made again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.vector_search import VertexVectorIndex
from shared.search.document import MODEL
from tests.fakes.edge import ask, load, pushed
from tests.fakes.embedder import WordsEmbedder
from tests.fakes.surroundings import change
from tests.functions.conftest import content_ids

if TYPE_CHECKING:
    from shared.search.ports import Datapoint
    from tests.emulated.vertex.conftest import Deployment
    from tests.functions.conftest import SentEvents

RIGHT = {"missing": 0, "dead": 0, "different": 0}


def run(sent: SentEvents, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Run the job and return what it found wrong."""
    sent.events.clear()
    main = load("search_reconcile")
    main.PubSubPublisher = sent  # type: ignore[attr-defined]
    assert main.handle(list(options)) == 0
    said: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said.pop("model"), said.pop("titles")) == (WordsEmbedder.model, len(content_ids()))
    return {name: said[name] for name in RIGHT}


def told(sent: SentEvents) -> list[str]:
    """Return the titles that were told of."""
    assert {event.event_type for event in sent.events} <= {"metadata.enriched"}
    return [one for event in sent.events for one in event.data["content_ids"]]


async def mend(sent: SentEvents) -> None:
    """Hand what was told to the step that it is for."""
    index = load("search_index").handle
    for event in sent.events:
        assert (await ask(index, "POST", "/", body=pushed(event))).status == 204


def write(sql: str, id_: str) -> None:
    """Change one title behind everybody's back."""
    with connect.engine().begin() as connection:
        connection.execute(text(sql), {"id": id_})


def point(id_: str) -> Datapoint:
    """Return a title's point."""
    (found,) = VertexVectorIndex().points([id_])
    return found


async def test_an_index_that_says_what_the_catalog_says_is_left_alone(
    indexed: Deployment, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert indexed.index

    assert await asyncio.to_thread(run, sent, capsys) == RIGHT
    assert sent.events == []


@pytest.mark.behavior("search:11:15")
async def test_points_that_are_missing_dead_or_different_are_made_right(
    indexed: Deployment, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert indexed.index
    missing, dead, retold, replaced, *_ = sorted(await asyncio.to_thread(content_ids))
    index = VertexVectorIndex()
    await asyncio.to_thread(index.remove, [missing])
    dying = "UPDATE content SET deleted_at = now() WHERE id = CAST(:id AS uuid)"
    await asyncio.to_thread(write, dying, dead)
    dated = "UPDATE content SET release_year = 1901 WHERE id = CAST(:id AS uuid)"
    await asyncio.to_thread(write, dated, retold)
    other = await asyncio.to_thread(point, replaced)
    other.restricts[MODEL] = ["older@1"]
    await asyncio.to_thread(index.upsert, [other])

    wrong = {"missing": 1, "dead": 1, "different": 2}
    assert await asyncio.to_thread(run, sent, capsys, "--check") == wrong
    assert sent.events == []
    assert await asyncio.to_thread(run, sent, capsys) == wrong
    assert told(sent) == [missing, dead, retold, replaced]

    await mend(sent)
    assert await asyncio.to_thread(run, sent, capsys) == RIGHT
    assert await asyncio.to_thread(index.points, [dead]) == []


async def test_a_whole_index_that_was_lost_is_made_again(
    indexed: Deployment, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert indexed.index
    titles = await asyncio.to_thread(content_ids)
    await asyncio.to_thread(VertexVectorIndex().remove, titles)

    assert await asyncio.to_thread(run, sent, capsys) == {**RIGHT, "missing": len(titles)}

    await mend(sent)
    assert await asyncio.to_thread(run, sent, capsys) == RIGHT


async def test_a_title_whose_vector_is_still_to_be_made_is_not_judged(
    indexed: Deployment, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert indexed.index
    waiting = (await asyncio.to_thread(content_ids))[0]
    older = "UPDATE content_embedding SET model = 'o@1' WHERE content_id = CAST(:id AS uuid)"
    await asyncio.to_thread(write, older, waiting)

    assert await asyncio.to_thread(run, sent, capsys) == RIGHT


async def test_a_quality_that_sank_is_no_fault_and_one_that_rose_is(
    indexed: Deployment, sent: SentEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    assert indexed.index
    sunk, risen, *_ = sorted(await asyncio.to_thread(content_ids))
    rated = "UPDATE content SET quality_score = {} WHERE id = CAST(:id AS uuid)"
    await asyncio.to_thread(write, rated.format(0), sunk)
    await asyncio.to_thread(write, rated.format(1), risen)

    assert await asyncio.to_thread(run, sent, capsys) == {**RIGHT, "different": 1}
    assert told(sent) == [risen]


@pytest.mark.usefixtures("indexed")
async def test_without_the_index_the_run_fails_and_tells_nobody(
    sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"VERTEX_EMULATOR_HOST": "127.0.0.1:9"})
    sent.events.clear()
    main = load("search_reconcile")
    main.PubSubPublisher = sent  # type: ignore[attr-defined]

    assert await asyncio.to_thread(main.handle, []) == 1
    assert sent.events == []
