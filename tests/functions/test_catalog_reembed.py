"""catalog_reembed over a real database: after a change of model every title is embedded again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql import stale_vectors
from shared.kernel.errors import UnavailableError
from tests.fakes.edge import ask, load, pushed
from tests.fakes.embedder import WordsEmbedder
from tests.functions.conftest import SentEvents, about, content_ids

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from shared.kernel.events import Event

DEAD = "UPDATE content SET deleted_at = now() WHERE id = CAST(:id AS uuid)"


def told(sent: SentEvents) -> list[str]:
    """Return the titles that were asked for, in that order."""
    return [one for event in sent.events for one in event.data["content_ids"]]


def models() -> list[str]:
    """Return the models of all vectors."""
    with connect.reads().connect() as connection:
        found = connection.execute(text("SELECT DISTINCT model FROM content_embedding"))
        return [row.model for row in found]


def write(sql: str, **bound: str) -> None:
    """Change the database."""
    with connect.engine().begin() as connection:
        connection.execute(text(sql), bound)


def change_model() -> None:
    """Let every vector be another model's."""
    write("UPDATE content_embedding SET model = 'older@1'")


def run(publisher: SentEvents, *options: str, capsys: pytest.CaptureFixture[str]) -> int:
    """Run the job and return how many titles it asked for."""
    main = load("catalog_reembed")
    main.PubSubPublisher = publisher  # type: ignore[attr-defined]
    assert main.handle(list(options)) == 0
    said = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["model"] == WordsEmbedder.model
    return int(said["titles"])


def embed(enrich: ModuleType, events: Sequence[Event]) -> None:
    """Hand events to the step that embeds."""
    for event in events:
        answer = asyncio.run(ask(enrich.handle, "POST", "/", body=pushed(event)))
        assert answer.status == 204


@pytest.fixture
def embedded(enrich: ModuleType) -> list[str]:
    """Every living title, each with a vector of the present model."""
    found = content_ids()
    embed(enrich, [about("content.ingested", found)])
    return sorted(found)


def test_titles_of_the_present_model_are_left_alone(
    embedded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    sent = SentEvents()

    assert run(sent, capsys=capsys) == 0
    assert (len(embedded) > 0, sent.events) == (True, [])


def test_after_a_change_of_model_every_living_title_is_embedded_again(
    enrich: ModuleType,
    embedded: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stale_vectors, "BATCH", 7)
    change_model()
    write(DEAD, id=embedded[0])
    sent = SentEvents()

    assert run(sent, capsys=capsys) == len(embedded) - 1

    assert told(sent) == embedded[1:]
    assert {event.event_type for event in sent.events} == {"content.updated"}
    assert {len(event.data["content_ids"]) for event in sent.events[:-1]} == {7}
    embed(enrich, sent.events)
    assert sorted(models()) == ["older@1", WordsEmbedder.model]  # the dead one keeps its own
    assert run(sent, capsys=capsys) == 0


def test_a_run_goes_on_where_the_last_one_stopped(
    enrich: ModuleType, embedded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    change_model()
    first, second = SentEvents(), SentEvents()

    assert run(first, "--most", "3", capsys=capsys) == 3
    embed(enrich, first.events)
    assert run(second, capsys=capsys) == len(embedded) - 3

    assert (told(first), told(second)) == (embedded[:3], embedded[3:])
    embed(enrich, second.events)
    assert models() == [WordsEmbedder.model]


class Down(SentEvents):
    """A publisher that takes nothing."""

    def publish(self, events: Sequence[Event], _places: Sequence[object] = ()) -> None:
        """Refuse."""
        raise UnavailableError(f"{len(events)} events were not taken")


def test_what_cannot_be_published_waits_in_the_outbox(
    embedded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    change_model()
    main = load("catalog_reembed")
    main.PubSubPublisher = Down()  # type: ignore[attr-defined]

    assert main.handle(["--most", "2"]) == 1

    assert "wait" in capsys.readouterr().err
    with connect.reads().connect() as connection:
        newest = text("SELECT payload FROM outbox ORDER BY id DESC LIMIT 1")
        waiting = orjson.loads(connection.execute(newest).scalar_one())
    assert (waiting["event_type"], waiting["data"]) == (
        "content.updated",
        {"content_ids": embedded[:2]},
    )


@pytest.mark.parametrize("most", ["-1", "many"])
@pytest.mark.usefixtures("catalogue")
def test_a_number_that_is_none_is_a_usage_error(most: str) -> None:
    assert load("catalog_reembed").handle(["--most", most]) == 2
