"""Snapshots: whole or not believed, and noticed without a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from shared.adapters.snapshots import (
    CHECK_SECONDS,
    BrokenSnapshotError,
    Snapshot,
    WatchedSnapshot,
    read_snapshot,
    write_snapshot,
)
from shared.search.suggest.index import Suggester

if TYPE_CHECKING:
    from pathlib import Path

    from shared.adapters.snapshots import Arrays

ARRAYS: Arrays = {
    "numbers": np.arange(7, dtype=np.int32),
    "table": np.ones((2, 3), np.float32),
    "none": np.zeros(0, np.uint8),
    "bits": np.array([True, False]),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "search" / "some.snapshot"


class Seconds:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return what it was set to."""
        return self.now


def test_what_was_written_is_read(place: Path) -> None:
    version = write_snapshot(place, ARRAYS, {"format": 1})

    found = read_snapshot(place)

    assert (found.version, found.about) == (version, {"format": 1})
    assert found.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype
        assert np.array_equal(found.arrays[name], array)
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_equal_contents_have_equal_versions_and_others_do_not(place: Path) -> None:
    first = write_snapshot(place, ARRAYS, {"format": 1})
    assert write_snapshot(place, ARRAYS, {"format": 1}) == first
    assert write_snapshot(place, ARRAYS, {"format": 2}) != first
    assert write_snapshot(place, {**ARRAYS, "none": np.zeros(1, np.uint8)}, {"format": 1}) != first


def test_a_file_that_was_cut_off_or_altered_anywhere_is_refused(place: Path) -> None:
    write_snapshot(place, ARRAYS, {"format": 1})
    whole = place.read_bytes()
    broken = [whole[:size] for size in range(0, len(whole), 7)]
    body = len(whole) - 1
    broken += [whole[:body] + bytes([whole[body] ^ 1]), whole + b"\0"]

    for data in broken:
        place.write_bytes(data)
        with pytest.raises(BrokenSnapshotError):
            read_snapshot(place)


def watched(place: Path, seconds: Seconds) -> WatchedSnapshot[int]:
    def made(snapshot: Snapshot) -> int:
        return int(snapshot.about["number"])

    return WatchedSnapshot(lambda: place, made, seconds=seconds)


def value(snapshot: WatchedSnapshot[int]) -> int | None:
    found = snapshot.current()
    return found.value if found else None


def test_a_new_snapshot_is_noticed_at_the_next_look_and_not_before(place: Path) -> None:
    seconds = Seconds()
    snapshot = watched(place, seconds)
    assert value(snapshot) is None

    write_snapshot(place, ARRAYS, {"number": 1})
    assert value(snapshot) is None
    seconds.now = CHECK_SECONDS
    assert value(snapshot) == 1

    write_snapshot(place, ARRAYS, {"number": 2})
    assert value(snapshot) == 1
    seconds.now = 2 * CHECK_SECONDS
    assert value(snapshot) == 2


@pytest.mark.parametrize("broken", ["cut off", "not a snapshot", "of another kind", "gone"])
def test_a_broken_file_leaves_the_old_one_in_use(place: Path, broken: str) -> None:
    seconds = Seconds()
    snapshot = watched(place, seconds)
    write_snapshot(place, ARRAYS, {"number": 1})
    assert value(snapshot) == 1

    if broken == "gone":
        place.unlink()
    elif broken == "of another kind":
        write_snapshot(place, ARRAYS, {"letter": "a"})
    else:
        whole = place.read_bytes()
        place.write_bytes(whole[:-5] if broken == "cut off" else b"hello")
    seconds.now = CHECK_SECONDS
    assert value(snapshot) == 1

    write_snapshot(place, ARRAYS, {"number": 3})
    seconds.now = 2 * CHECK_SECONDS
    assert value(snapshot) == 3


def test_suggestions_come_out_of_a_file_as_they_went_in(place: Path, suggester: Suggester) -> None:
    write_snapshot(place, suggester.arrays(), suggester.about)
    found = read_snapshot(place)

    again = Suggester.from_arrays(found.arrays, found.about)

    for typed in ("god", "gozilla", "up", "net", "amel"):
        assert again.suggest(typed, limit=9) == suggester.suggest(typed, limit=9)
    assert again.speller.correct("godfahter").meant == "godfather"
