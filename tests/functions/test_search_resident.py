"""The catalog that a process keeps: a snapshot, followed as titles change in a real database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.resident import SNAPSHOT, Resident
from shared.adapters.snapshots import CHECK_SECONDS, read_snapshot, write_snapshot
from shared.adapters.sql.resident.changes import SqlChanges
from shared.adapters.sql.resident.rows import SqlRows
from shared.kernel.clock import FixedClock
from shared.search.filters import Filters
from shared.search.ports import Asked
from tests.fakes import catalog
from tests.fakes.edge import load
from tests.fakes.surroundings import change
from tests.fakes.waiting import renewals_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.search.resident.catalog import Catalog
    from shared.search.resident.rows import TitleRow

ALIVE = "SELECT id FROM content WHERE deleted_at IS NULL AND merged_into IS NULL"
REFUSED = "postgresql+pg8000://nobody@127.0.0.1:9/none"


def run(sql: str, **bound: object) -> None:
    """Execute one statement."""
    with connect.engine().begin() as connection:
        connection.execute(text(sql), bound)


def id_of(title: str) -> str:
    with connect.reads().connect() as connection:
        asked = text("SELECT id FROM content WHERE title = :title")
        return str(connection.execute(asked, {"title": title}).scalar_one())


def alive(found: Catalog) -> list[str]:
    """Return the ids of titles that can be found, sorted, as often as they can."""
    return sorted(
        part.ids[row] for part in found.parts for row in np.flatnonzero(part.alive).tolist()
    )


def named(found: Catalog, words: str, clock: FixedClock) -> list[str]:
    """Return the ids of titles with words, best first."""
    hits = found.retrieve(Asked(words), clock.now().timestamp(), limit=20)
    return [hit.content_id for hit in hits]


class CountedRows(SqlRows):
    """Reads titles and remembers which were asked for."""

    asked: list[Sequence[str]] = []  # noqa: RUF012 - emptied by `Process`

    def some(self, ids: Sequence[str]) -> list[TitleRow]:
        """Return them."""
        self.asked.append(ids)
        return super().some(ids)


class Process:
    """One process that searches, with its clocks, beside the job and who notes changes."""

    def __init__(self) -> None:
        self.clock = FixedClock(catalog.NOW)
        self._seconds = 0.0
        self._answered = threading.Event()
        self._answered.set()
        CountedRows.asked.clear()
        self.resident = Resident(self.clock, rows=CountedRows, seconds=self._now)

    def _now(self) -> float:
        if threading.current_thread().name == "renewal":
            self._answered.wait(5)
        return self._seconds

    @contextmanager
    def unanswered(self) -> Iterator[None]:
        """Let looks that begin meanwhile wait for the end."""
        self._answered.clear()
        yield
        self._answered.set()
        renewals_end()

    def build(self) -> None:
        """Run the job."""
        main = load("search_snapshot")
        main.clock = self.clock  # type: ignore[attr-defined]
        assert main.handle([]) == 0

    def note(self, *titles: str, ago: float = 0) -> None:
        """Note that titles changed, by an instance whose clock may be behind."""
        at = FixedClock(self.clock.now() - timedelta(seconds=ago))
        SqlChanges(at).note([UUID(id_of(title)) for title in titles])

    def later(self, seconds: float = CHECK_SECONDS) -> Catalog | None:
        """Return what there is after some time, looks included; every look is waited for."""
        self.clock.advance(timedelta(seconds=seconds))
        self._seconds += seconds
        self.resident.current()
        renewals_end()
        return self.resident.current()

    def has(self) -> Catalog:
        """Return what there is a moment later, which is something."""
        found = self.later(2)
        assert found is not None
        return found


@pytest.fixture
def process(catalogue: connect.Addresses) -> Iterator[Process]:
    """A process that has loaded a snapshot of the catalogue."""
    assert catalogue.database_url
    made = Process()
    made.build()
    made.has()
    yield made
    renewals_end()


def test_before_there_is_a_snapshot_there_is_no_catalog(catalogue: connect.Addresses) -> None:
    assert catalogue.database_url
    process = Process()

    assert process.later() is None

    process.build()
    assert process.later() is not None


def test_a_snapshot_has_every_title_once(process: Process) -> None:
    with connect.reads().connect() as connection:
        expected = sorted(str(row.id) for row in connection.execute(text(ALIVE)))

    assert alive(process.has()) == expected


def test_a_changed_title_is_found_as_it_is_now_and_once(process: Process) -> None:
    before = alive(process.has())
    heat = id_of("Heat")
    run("UPDATE content_title SET title_key = 'coastal heist' WHERE content_id = :id", id=heat)
    run(
        "UPDATE content SET title = 'Coastal Heist', title_key = 'coastal heist', "
        "search_tsv = setweight(to_tsvector('simple', 'coastal heist'), 'A') WHERE id = :id",
        id=heat,
    )
    process.note("Coastal Heist")

    found = process.has()

    assert named(found, "coastal heist", process.clock) == [heat]
    assert named(found, "heat", process.clock) == []
    assert alive(found) == before


@pytest.mark.parametrize(
    "how",
    [
        "UPDATE content SET deleted_at = now() WHERE id = :heat AND id <> :other",
        "UPDATE content SET merged_into = :other WHERE id = :heat",
    ],
)
def test_a_title_that_was_deleted_or_merged_is_found_no_more(process: Process, how: str) -> None:
    before, heat = alive(process.has()), id_of("Heat")
    run(how, heat=heat, other=id_of("Arrival"))
    process.note("Heat")

    assert alive(process.has()) == [id_ for id_ in before if id_ != heat]

    run("UPDATE content SET deleted_at = NULL, merged_into = NULL WHERE id = :id", id=heat)
    process.note("Heat")
    assert alive(process.has()) == before


def test_a_new_title_and_a_new_offer_are_found(process: Process) -> None:
    on_max = Filters.model_validate({"platforms": ["hbo_max"]})
    now = process.clock.now().timestamp()
    assert process.has().popular(on_max, now, limit=5) == []
    elsewhere = {"region": "GB", "platform": "hbo_max"}
    items = [
        catalog.known("Heat", 901, release_year=1995, **elsewhere),
        catalog.known("Coastal Heist", 902, **elsewhere),
    ]
    catalog.ingest(connect.engine(), items)
    process.note("Heat", "Coastal Heist")

    found = process.has().popular(on_max, process.clock.now().timestamp() + 60, limit=5)

    assert {hit.content_id for hit in found} == {id_of("Heat"), id_of("Coastal Heist")}


def test_a_change_that_was_committed_late_or_by_a_clock_behind_is_seen(process: Process) -> None:
    before = alive(process.has())
    run("UPDATE content SET deleted_at = now() WHERE title = 'Heat'")
    process.note("Heat", ago=50)

    assert len(alive(process.has())) == len(before) - 1


def test_a_change_is_read_once_though_looks_overlap(process: Process) -> None:
    process.note("Heat")
    process.has()
    process.note("Arrival")
    process.has()
    process.has()

    assert CountedRows.asked == [[id_of("Heat")], [id_of("Arrival")]]

    process.note("Heat")
    process.has()
    assert CountedRows.asked[2:] == [[id_of("Heat")]]


def test_titles_that_change_again_and_again_stay_few_parts_and_each_once(
    process: Process,
) -> None:
    before = alive(process.has())
    with connect.reads().connect() as connection:
        titles = [row.title for row in connection.execute(text("SELECT title FROM content"))]

    for turn in range(40):
        process.note(*titles[turn : turn + 1 + turn % 5])
        found = process.has()
        assert alive(found) == before
        assert len(found.parts) <= 5


def test_what_changed_while_the_snapshot_was_built_is_seen(
    catalogue: connect.Addresses,
) -> None:
    assert catalogue.database_url
    process = Process()
    run("UPDATE content SET deleted_at = now() WHERE title = 'Heat'")
    heat = id_of("Heat")
    process.build()
    run("UPDATE content SET deleted_at = NULL WHERE title = 'Heat'")
    process.note("Heat", ago=30)
    process.clock.advance(timedelta(hours=5))

    assert heat in alive(process.has())


def test_a_newer_snapshot_takes_the_place_of_all_before(process: Process) -> None:
    process.note("Heat")
    assert len(process.has().parts) == 2
    run("UPDATE content SET deleted_at = now() WHERE title = 'Arrival'")  # nobody notes it
    process.clock.advance(timedelta(minutes=30))
    process.build()

    found = process.later()

    assert found is not None
    assert len(found.parts) == 1
    assert id_of("Arrival") not in alive(found)


def test_while_the_database_is_gone_the_catalog_is_believed_for_a_minute(
    process: Process, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = alive(process.has())
    there = connect.addresses().database_url
    change(monkeypatch, {"MEDIA_GATEWAY_DATABASE_URL": REFUSED})

    looks = [process.later(10) for _ in range(8)]

    assert [look is not None for look in looks] == [True] * 6 + [False] * 2
    assert [record.message for record in caplog.records].count("resident.not_followed") == 1
    change(monkeypatch, {"MEDIA_GATEWAY_DATABASE_URL": there})
    assert alive(process.has()) == whole


def test_who_was_idle_asks_the_database_until_changes_were_looked_for(process: Process) -> None:
    process.clock.advance(timedelta(hours=1))
    process._seconds += 3600

    with process.unanswered():
        assert process.resident.current() is None

    assert alive(process.has()) == alive(process.has())


def test_after_too_many_changes_there_is_no_catalog_until_a_newer_snapshot(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    run("INSERT INTO search_change SELECT gen_random_uuid(), :now FROM generate_series(1, 20001)",
        now=process.clock.now())  # fmt: skip

    assert [process.later(2), process.later(2)] == [None, None]

    assert [record.message for record in caplog.records].count("resident.given_up") == 1
    process.clock.advance(timedelta(minutes=30))
    process.build()
    assert process.later() is not None


def test_a_snapshot_is_too_old_once_changes_may_have_been_purged(process: Process) -> None:
    process.clock.advance(timedelta(days=1))

    assert process.later() is None
    process.build()
    assert process.later() is not None


def test_a_broken_or_strange_file_leaves_what_there_was(process: Process) -> None:
    before = alive(process.has())
    path = connect.addresses().artifacts_dir / SNAPSHOT
    snapshot = read_snapshot(path)
    strange: list[Callable[[], object]] = [
        lambda: path.write_bytes(path.read_bytes()[:-50]),
        lambda: path.write_bytes(b"no snapshot"),
        lambda: write_snapshot(path, snapshot.arrays, snapshot.about | {"format": 0}),
        lambda: write_snapshot(path, {}, snapshot.about),
        path.unlink,
    ]

    for make in strange:
        make()
        found = process.later()
        assert found is not None
        assert alive(found) == before


def test_threads_that_ask_while_titles_change_find_each_title_once(process: Process) -> None:
    before, stop = alive(process.has()), threading.Event()

    def ask() -> int:
        turns = 0
        while not stop.is_set() or not turns:
            found = process.resident.current()
            assert found is not None
            assert alive(found) == before
            turns += 1
        return turns

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            for title in ("Heat", "Arrival", "Heat"):
                process.note(title)
                process.has()
        finally:
            stop.set()

        assert all(each.result() > 0 for each in asking)
