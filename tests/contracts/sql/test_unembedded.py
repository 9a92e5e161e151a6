"""Titles that an outage left without a vector: told of again, once a tick, while they are late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters.sql import unembedded
from shared.adapters.sql.unembedded import tell_of_unembedded
from shared.kernel import ids
from shared.kernel.events import Event
from shared.runtime.events import TICK
from tests.unit.matching.items import item

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

LATER = datetime(2999, 1, 1, 12, 5, tzinfo=UTC)
TOLD = """
SELECT topic, CAST(payload AS jsonb)->'data'->'content_ids' FROM outbox
WHERE CAST(payload AS jsonb)->>'correlation_id' = 'unembedded'
ORDER BY id
"""

DONE = """
UPDATE content SET
  embedded_at = CASE WHEN CAST(id AS text) = :embedded THEN now() END,
  deleted_at = CASE WHEN CAST(id AS text) = :gone THEN now() END
"""


def at(moment: datetime) -> Event:
    """Return the scheduler's turn of a minute."""
    return Event(
        event_id=ids.named("tick", moment.isoformat()),
        event_type=TICK,
        occurred_at=moment,
        correlation_id="test",
        data={},
    )


@pytest.fixture
def titles(catalog: Catalog) -> list[str]:
    """Three titles that nobody has embedded."""
    for number, name in enumerate(("Ronin", "Collateral", "Thief")):
        catalog.take(item(listing=f"8{number}", title=name, external_ids={}))
    return sorted(str(row[0]) for row in catalog.rows("SELECT id FROM content"))


def test_late_titles_are_told_of_once_a_tick_in_events_of_a_hundred(
    catalog: Catalog, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unembedded, "AN_EVENT", 2)

    found = [tell_of_unembedded(catalog.engine, at(LATER)) for _ in range(2)]

    assert found == [3, 0]
    told = catalog.rows(TOLD)
    assert {topic for topic, _ in told} == {"content.updated"}
    assert [len(some) for _, some in told] == [2, 1]
    assert [one for _, some in told for one in some] == titles


def test_who_can_never_be_embedded_keeps_nobody_from_their_turn(
    catalog: Catalog, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unembedded, "MOST", 1)
    turns = [LATER + unembedded.EVERY_MINUTES * timedelta(minutes=n) for n in range(4)]

    assert [tell_of_unembedded(catalog.engine, at(turn)) for turn in turns] == [1] * 4

    told = [one for _, some in catalog.rows(TOLD) for one in some]
    assert told == [*titles, titles[0]]


def test_a_title_that_loses_its_vector_again_is_told_of_before_those_that_had_their_turn(
    catalog: Catalog, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unembedded, "MOST", 3)
    turns = [LATER + unembedded.EVERY_MINUTES * timedelta(minutes=n) for n in range(3)]
    tell_of_unembedded(catalog.engine, at(turns[0]))
    with catalog.engine.begin() as connection:
        connection.execute(text(DONE), {"embedded": titles[2], "gone": ""})
    tell_of_unembedded(catalog.engine, at(turns[1]))
    with catalog.engine.begin() as connection:
        connection.execute(text(DONE), {"embedded": "", "gone": ""})
    monkeypatch.setattr(unembedded, "MOST", 1)
    tell_of_unembedded(catalog.engine, at(turns[2]))

    told = [one for _, some in catalog.rows(TOLD) for one in some]
    assert told == [*titles, *titles[:2], titles[2]]


def test_other_minutes_and_titles_on_their_way_or_gone_are_left_alone(
    catalog: Catalog, titles: list[str]
) -> None:
    ((created,),) = catalog.rows("SELECT max(created_at) FROM content")
    soon = created.replace(minute=created.minute // 5 * 5) + timedelta(minutes=5)
    assert tell_of_unembedded(catalog.engine, at(LATER + timedelta(minutes=1))) == 0
    assert tell_of_unembedded(catalog.engine, at(soon)) == 0
    with catalog.engine.begin() as connection:
        connection.execute(text(DONE), {"embedded": titles[0], "gone": titles[1]})

    assert tell_of_unembedded(catalog.engine, at(LATER)) == 1
    assert catalog.rows(TOLD) == [("content.updated", titles[2:])]
