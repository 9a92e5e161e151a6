"""Lists of any lengths in one array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ragged import offsets_for, offsets_of, spread

lists = st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6)


@given(lists, st.data())
def test_places_of_some_lists_are_their_items_in_the_order_they_are_asked_for(
    given_lists: list[list[int]], data: st.DataObject
) -> None:
    flat = np.array([item for each in given_lists for item in each], np.int64)
    asked = data.draw(st.lists(st.integers(0, len(given_lists) - 1), max_size=8))

    places, owners = spread(offsets_of(given_lists), np.array(asked, np.int32))

    assert flat[places].tolist() == [item for at in asked for item in given_lists[at]]
    assert owners.tolist() == [who for who, at in enumerate(asked) for _ in given_lists[at]]


@pytest.mark.parametrize("kept", [[], [0, 2], [0, 4]])
def test_offsets_that_do_not_end_where_the_items_do_are_refused(kept: list[int]) -> None:
    with pytest.raises(ValueError, match="do not end at 3"):
        offsets_for(np.array(kept, np.int32), 3)
