"""What the archive of the audit log says, and what it gives away."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.audit import Anchor, Gone, Link, canonical, genesis, link
from shared.kernel.audit_archive import (
    Segment,
    findings,
    furthest,
    packed,
    segments,
    unpacked,
)
from shared.kernel.errors import MalformedError
from tests.fakes.audit_archive import MemoryArchive

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = date(2026, 1, 31)
AT = datetime(2026, 1, 31, tzinfo=UTC)


def chained(count: int) -> list[Link]:
    links: list[Link] = []
    last = genesis("main")
    for number in range(1, count + 1):
        entry = canonical({"id": f"entry {number}", "details": {"é": [number, None, 0.5]}})
        links.append(Link(number, last, link(last, number, entry), entry))
        last = links[-1].hash
    return links


def keep(archive: MemoryArchive, links: Sequence[Link]) -> Segment:
    segment = Segment.of("main", DAY, links)
    assert archive.add(segment.name, packed(links))
    return segment


def faults(archive: MemoryArchive, *gone: Gone) -> list[str]:
    return [f"{f.number} {f.fault}" for f in findings(archive, "main", gone)]


@pytest.fixture
def archive() -> MemoryArchive:
    """Twelve entries in three objects."""
    made, links = MemoryArchive(), chained(12)
    for first in (0, 4, 8):
        keep(made, links[first : first + 4])
    return made


def test_an_archive_that_nobody_touched_is_whole(archive: MemoryArchive) -> None:
    assert faults(archive) == []
    assert furthest(segments(archive, "main"), "main") == Anchor(12, chained(12)[-1].hash)
    assert furthest([], "main") == Anchor(0, genesis("main"))


@given(st.integers(1, 30))
def test_what_is_packed_comes_back_and_equal_entries_make_equal_objects(count: int) -> None:
    links = chained(count)
    assert unpacked(packed(links)) == links
    assert packed(links) == packed(chained(count))


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_byte_of_an_object_can_be_changed_unseen(place: int, value: int) -> None:
    links = chained(3)
    archive, content = MemoryArchive(), bytearray(packed(links))
    segment = keep(archive, links)
    content[place % len(content)] = value
    archive.objects[segment.name] = bytes(content)

    try:
        same = unpacked(bytes(content)) == links  # a byte of gzip's own header means nothing
    except MalformedError:
        same = False
    assert (faults(archive) == []) == same


@given(st.binary(max_size=60))
def test_what_is_no_object_is_malformed_and_nothing_else(content: bytes) -> None:
    with pytest.raises(MalformedError):
        unpacked(content)


def test_an_object_that_is_not_there_is_missed(archive: MemoryArchive) -> None:
    del archive.objects[segments(archive, "main")[1].name]
    assert faults(archive)[0] == "5 missing"


def test_an_object_that_holds_other_entries_than_it_says_is_found(archive: MemoryArchive) -> None:
    one, two, _ = (s.name for s in segments(archive, "main"))
    archive.objects[two] = archive.objects[one]
    assert "1 unlinked" in faults(archive)


def test_an_export_that_was_cut_short_and_made_anew_is_whole(archive: MemoryArchive) -> None:
    keep(archive, chained(14)[8:])
    assert faults(archive) == []
    assert furthest(segments(archive, "main"), "main").number == 14


def test_what_was_removed_must_be_archived_as_it_was(archive: MemoryArchive) -> None:
    links = chained(14)

    def gone(first: int, last: int, *, hash_: bytes = b"") -> Gone:
        before = links[first - 2].hash if first > 1 else genesis("main")
        return Gone(first, last, before, hash_ or links[last - 1].hash)

    assert faults(archive, gone(1, 3), gone(5, 12)) == []
    assert faults(archive, gone(1, 14)) == ["14 missing"]
    assert faults(archive, gone(1, 3, hash_=b"x" * 32)) == ["3 unanchored"]


def test_the_oldest_object_may_end_once_the_database_has_let_it_go(
    archive: MemoryArchive,
) -> None:
    links = chained(12)
    del archive.objects[segments(archive, "main")[0].name]

    assert faults(archive)[0] == "1 missing"
    assert faults(archive, Gone(1, 3, genesis("main"), links[2].hash))[0] == "1 missing"
    assert faults(archive, Gone(1, 6, genesis("main"), links[5].hash)) == []
    assert faults(archive, Gone(1, 6, genesis("main"), b"x" * 32)) == ["6 unanchored"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "main/2026-02-31/000000000001-000000000002-" + "0" * 64 + ".jsonl.gz",
        "main/2026-01-31/1-2-" + "0" * 64 + ".jsonl.gz",
        "../2026-01-31/000000000001-000000000002-" + "0" * 64 + ".jsonl.gz",
        "main/2026-01-31/.part-1",
    ],
)
def test_a_name_that_is_none_of_ours_is_no_segment(name: str) -> None:
    assert Segment.parse(name) is None


def test_a_name_says_what_a_segment_is() -> None:
    segment = Segment.of("notes", DAY, chained(3))
    assert Segment.parse(segment.name) == segment
