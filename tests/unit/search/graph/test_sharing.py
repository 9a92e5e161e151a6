"""What titles share counts by its rarity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.graph import sharing
from shared.search.graph.sharing import Sharing

casts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=5), min_size=2, max_size=12)


def strength(traits: list[list[str]], one: int, other: int) -> float:
    """Return what two titles share, 0 for nothing."""
    others, strengths = Sharing(traits).strengths(one)
    return float(strengths[others == other].sum())


def test_a_hub_that_many_share_counts_less_than_one_who_is_shared_by_two() -> None:
    crowd = [["star"] for _ in range(20)]
    titles = [["star"], ["star"], ["rare"], ["rare"], *crowd]

    assert strength(titles, 2, 3) > 2 * strength(titles, 0, 1) > 0


def test_who_shares_more_is_closer() -> None:
    titles = [["x", "y", "z"], ["x", "y", "w"], ["x", "v", "u"], *([str(n)] for n in range(9))]

    assert strength(titles, 0, 1) > strength(titles, 0, 2) > 0


def test_what_more_than_the_limit_share_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_SHARERS", 2)
    titles = [["x"], ["x"], ["x"], ["y"], ["y"], ["z"]]

    assert strength(titles, 0, 1) == 0
    assert strength(titles, 3, 4) > 0


def test_strength_is_the_cosine_of_the_definition() -> None:
    titles = [["x", "y"], ["x", "z"], ["y"], ["w"]]
    idf = {"x": np.log(4 / 2) / np.log(4), "y": np.log(4 / 2) / np.log(4), "z": 1.0}
    lengths = (1 + idf["x"] ** 2 + idf["y"] ** 2, 1 + idf["x"] ** 2 + idf["z"] ** 2)

    expected = idf["x"] ** 2 / np.sqrt(lengths[0] * lengths[1])

    assert strength(titles, 0, 1) == pytest.approx(expected)


@given(casts)
def test_strengths_are_mutual_and_between_zero_and_one(titles: list[list[str]]) -> None:
    shared = Sharing(titles)
    for place in range(len(titles)):
        others, strengths = shared.strengths(place)
        assert ((strengths > 0) & (strengths < 1)).all()
        assert place not in others
        for other, given_strength in zip(others, strengths, strict=True):
            assert strength(titles, int(other), place) == pytest.approx(given_strength)
