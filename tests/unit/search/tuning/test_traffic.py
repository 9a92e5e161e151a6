"""A hundred slots of viewers, each one variant's or nobody's."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import InvalidInputError
from shared.search.tuning.traffic import SLOTS, allotted, slot_of

SHARES = st.integers(0, SLOTS)


def test_every_slot_has_about_as_many_viewers() -> None:
    counts = Counter(slot_of(f"0190a0b0-0000-7000-8000-{n:012d}") for n in range(20_000))
    assert set(counts) == set(range(SLOTS))
    assert 140 <= min(counts.values()) <= max(counts.values()) <= 260


def test_a_viewers_slot_is_the_same_in_every_process() -> None:
    said = (
        "from shared.search.tuning.traffic import slot_of; print(slot_of('viewer'), slot_of('é'))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, check=True, text=True)  # noqa: S603 - ours
    assert done.stdout.split() == [str(slot_of("viewer")), str(slot_of("é"))]


@given(SHARES, SHARES)
def test_a_share_has_as_many_slots_and_none_of_the_others(mine: int, others: int) -> None:
    taken = allotted((), (), others)
    if mine + others > SLOTS:
        with pytest.raises(InvalidInputError) as refused:
            allotted((), taken, mine)
        assert refused.value.issues[0].field == "traffic_percentage"
    else:
        found = allotted((), taken, mine)
        assert len(set(found)) == mine
        assert not set(found) & set(taken)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 33)), max_size=12))
def test_a_change_of_one_variant_moves_nobody_who_is_in_it_or_in_another(
    changes: list[tuple[str, int]],
) -> None:
    held: dict[str, list[int]] = {name: [] for name in "abc"}
    for name, share in changes:
        taken = {slot for other in held if other != name for slot in held[other]}
        found = allotted(held[name], taken, share)
        less, more = sorted((found, held[name]), key=len)
        assert set(less) <= set(more)
        held[name] = found
