"""Events on their way out."""

from __future__ import annotations

import signal
import subprocess
import sys
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from shared.adapters.outbox import Outbox, publish_pending
from shared.kernel import ids, trace
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event
from tests.unit.matching.items import NOON, item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kernel.trace import TraceContext
    from tests.contracts.sql.conftest import Catalog


class Publisher:
    """Takes events, except of topics that are named as down."""

    def __init__(self, *down: str) -> None:
        self.down = set(down)
        self.taken: list[Event] = []
        self.places: list[TraceContext | None] = []

    def publish(self, events: Sequence[Event], places: Sequence[TraceContext | None]) -> None:
        """Take all or none."""
        if any(event.event_type in self.down for event in events):
            raise UnavailableError("the topic is down")
        self.taken.extend(events)
        self.places.extend(places)


def event(name: str, topic: str = "content.updated") -> Event:
    return Event(
        event_id=ids.named(name),
        event_type=topic,
        occurred_at=NOON,
        correlation_id="test",
        data={"name": name},
    )


def add(catalog: Catalog, *events: Event) -> list[int]:
    with catalog.engine.begin() as connection:
        return Outbox.add(connection, events)


DIES_WHILE_PUBLISHING = """
import os, signal, sys
from sqlalchemy import create_engine
from shared.adapters.outbox import publish_pending
from tests.contracts.sql.conftest import Catalog
from tests.unit.matching.items import item

class Dies:
    def publish(self, events, places):
        os.kill(os.getpid(), signal.SIGKILL)

catalog = Catalog(create_engine(sys.argv[1]))
publish_pending(catalog.engine, Dies(), catalog.take(item(), name="event").outbox)
"""


def test_a_worker_killed_between_commit_and_publish_loses_nothing(catalog: Catalog) -> None:
    url = catalog.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", DIES_WHILE_PUBLISHING, url]
    died = subprocess.run(command, check=False)  # noqa: S603 - the interpreter that runs us
    assert died.returncode == -signal.SIGKILL

    again = catalog.take(item(), name="event")
    assert again.repeated
    relay, deadline = Publisher(), monotonic() + 10

    while publish_pending(catalog.engine, relay) == 0:
        assert monotonic() < deadline  # PostgreSQL has yet to notice that its client died
    assert {one.event_type for one in relay.taken} == {"content.ingested", "availability.changed"}
    assert publish_pending(catalog.engine, relay) == 0


def test_an_event_is_written_once_however_often_it_is_added(catalog: Catalog) -> None:
    assert len(add(catalog, event("a"), event("b"))) == 2
    assert add(catalog, event("a")) == []


def test_rows_go_out_in_the_order_they_were_written(catalog: Catalog) -> None:
    add(catalog, *(event(str(n)) for n in range(20)))
    publisher = Publisher()

    publish_pending(catalog.engine, publisher)

    assert [one.data["name"] for one in publisher.taken] == [str(n) for n in range(20)]


def test_one_topic_that_is_down_does_not_hold_the_others_up(catalog: Catalog) -> None:
    add(catalog, event("a", "search.performed"), event("b"), event("c", "search.performed"))
    publisher = Publisher("search.performed")

    with pytest.raises(UnavailableError, match="2 of 3"):
        publish_pending(catalog.engine, publisher)

    assert [one.data["name"] for one in publisher.taken] == ["b"]
    assert catalog.rows(
        "SELECT attempts, next_at > created_at FROM outbox WHERE published_at IS NULL"
    ) == [(1, True), (1, True)]


def test_what_was_not_taken_waits_its_time_unless_it_is_named(catalog: Catalog) -> None:
    rows = add(catalog, event("a"))
    with pytest.raises(UnavailableError):
        publish_pending(catalog.engine, Publisher("content.updated"), rows)

    assert publish_pending(catalog.engine, Publisher()) == 0
    assert publish_pending(catalog.engine, Publisher(), rows) == 1


def test_two_relays_never_take_the_same_row(catalog: Catalog) -> None:
    add(catalog, event("a"), event("b"))
    other = Publisher()

    class Meanwhile(Publisher):
        def publish(self, events: Sequence[Event], places: Sequence[TraceContext | None]) -> None:
            assert publish_pending(catalog.engine, other) == 0
            super().publish(events, places)

    assert publish_pending(catalog.engine, Meanwhile()) == 2
    assert other.taken == []


def test_an_event_with_any_text_survives_the_outbox(catalog: Catalog) -> None:
    said = event("nul").model_copy(update={"data": {"text": "a\x00b «ß» '\\u0000"}})
    add(catalog, said)
    publisher = Publisher()

    publish_pending(catalog.engine, publisher)

    assert publisher.taken == [said]


def test_an_event_goes_out_in_the_trace_of_who_wrote_it(catalog: Catalog) -> None:
    written = []
    for name in ("a", "b"):
        caller = {"traceparent": trace.root(1).traceparent, "tracestate": "vendor=1"}
        with trace.entered(caller, "POST", trace.Kind.SERVER, sample=0) as span:
            add(catalog, event(name))
            written.append(span.context)
    add(catalog, event("outside of any"))
    relay = Publisher()

    with trace.span("outbox_relay"):
        publish_pending(catalog.engine, relay)

    assert relay.places == [*written, None]


def test_an_event_that_is_tried_again_alone_keeps_its_trace(catalog: Catalog) -> None:
    with trace.span("POST") as span:
        add(catalog, event("a"), event("b", "search.performed"))
    relay = Publisher("search.performed")

    with pytest.raises(UnavailableError):
        publish_pending(catalog.engine, relay)

    assert relay.places == [span.context]
