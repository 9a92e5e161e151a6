"""What has changed since a snapshot: each title once, as it is now, in few parts."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.filters import Filters
from shared.search.resident.catalog import Catalog
from shared.search.resident.overlay import GROWTH, MOST_CHANGES, Overlay, TooManyChangesError
from shared.search.resident.part import Part
from shared.search.resident.rows import TitleRow

IDS = [str(UUID(int=number)) for number in range(40)]
TURNS = st.lists(
    st.dictionaries(st.sampled_from(IDS), st.booleans(), min_size=1, max_size=12), max_size=12
)
"""Per turn, which titles changed, and whether they can be found since."""


def title(id_: str, name: str) -> TitleRow:
    """Return a title of that name."""
    return TitleRow(id_, name, name, keys=(name,), words={name: "A"})


def snapshot() -> Catalog:
    """Return a catalog of the first thirty titles."""
    return Catalog((Part.build([title(id_, "first") for id_ in IDS[:30]]),))


def found(catalog: Catalog) -> list[tuple[str, str]]:
    """Return ids and names of what can be found, as often as it can."""
    return sorted((each.id, each.title) for each in catalog.candidates(IDS, Filters(), 0.0))


@given(TURNS)
def test_each_title_is_found_once_as_it_was_read_last(turns: list[dict[str, bool]]) -> None:
    overlay, expected = Overlay(snapshot()), dict.fromkeys(IDS[:30], "first")
    for number, turn in enumerate(turns):
        name = f"turn{number}"
        expected = {id_: had for id_, had in expected.items() if id_ not in turn}
        expected |= {id_: name for id_, alive in turn.items() if alive}
        alive = [title(id_, name) for id_, alive in turn.items() if alive]

        overlay = overlay.with_changes(alive, turn.keys())

        assert found(overlay.catalog) == sorted(expected.items())


@given(TURNS)
def test_each_layer_is_much_larger_than_the_one_above(turns: list[dict[str, bool]]) -> None:
    overlay = Overlay(snapshot())
    for turn in turns:
        overlay = overlay.with_changes([title(i, "new") for i in turn if turn[i]], turn.keys())

        sizes = [len(layer.titles) for layer in overlay.layers]
        assert all(below > GROWTH * above for below, above in pairwise(sizes))
        assert len(overlay.catalog.parts) <= 1 + len(sizes)


def test_an_older_overlay_is_what_it_was() -> None:
    before = Overlay(snapshot()).with_changes([title(IDS[0], "second")], IDS[:1])
    at_first = found(before.catalog)

    after = before.with_changes([title(IDS[0], "third")], IDS[:1])

    assert found(before.catalog) == at_first
    assert found(after.catalog)[0] == (IDS[0], "third")


def test_more_changes_than_a_snapshot_is_worth_are_refused() -> None:
    many = [str(UUID(int=number)) for number in range(MOST_CHANGES)]
    overlay = Overlay(snapshot()).with_changes([], many)
    assert found(overlay.with_changes([], many[:10]).catalog) == []

    with pytest.raises(TooManyChangesError, match=r"20001 titles"):
        overlay.with_changes([], [str(UUID(int=MOST_CHANGES))])
