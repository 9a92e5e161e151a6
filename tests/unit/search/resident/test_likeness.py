"""What makes titles alike, from 8 bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.indexing import FLOATS
from shared.search.resident.likeness import Likeness
from shared.search.resident.rows import TitleRow
from tests.fakes.edges import listed

DIMENSION = 384


def unit(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    drawn = np.random.default_rng(seed).normal(size=DIMENSION).astype(FLOATS)
    return drawn / np.linalg.norm(drawn)


def kept(*titles: TitleRow) -> Likeness:
    return Likeness.from_arrays(Likeness.build(titles).arrays())


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_cosines_of_kept_vectors_are_near_the_exact_ones(one: int, other: int) -> None:
    both = kept(
        TitleRow("a", "A", "a", vector=unit(one).tobytes()),
        TitleRow("b", "B", "b", vector=unit(other).tobytes()),
    )
    first, second = both.traits(0).vector, both.traits(1).vector

    assert first is not None
    assert second is not None
    assert first @ second == pytest.approx(unit(one) @ unit(other), abs=0.01)


def test_a_title_of_which_nothing_is_known_has_no_traits() -> None:
    found = kept(TitleRow("a", "A", "a", vector=unit(1).tobytes()), TitleRow("b", "B", "b"))

    assert found.traits(1).vector is None
    assert (found.traits(1).genre, found.traits(1).franchise) == (None, None)


def test_titles_know_their_first_genre_and_their_franchise() -> None:
    found = kept(
        TitleRow("a", "A", "a", genres=("Drama", "War"), franchise="f"),
        TitleRow("b", "B", "b", genres=("War", "Drama"), franchise="f"),
    )

    assert [found.traits(row).genre for row in (0, 1)] == ["Drama", "War"]
    assert [found.traits(row).franchise for row in (0, 1)] == ["f", "f"]


def test_the_strongest_edges_come_first_and_those_out_of_the_part_are_left_out() -> None:
    found = kept(
        TitleRow("a", "A", "a", edges=(("c", 0.9), ("gone", 0.8), ("b", 0.5))),
        TitleRow("b", "B", "b"),
        TitleRow("c", "C", "c", edges=(("a", 0.25),)),
    )

    def strongest(*rows: int, branches: int = 10) -> dict[str, list[str]]:
        edges = found.strongest(np.array(rows, np.int32), ["a", "b", "c"], branches=branches)
        return {src: [dst for dst, _ in of] for src, of in listed(edges).items()}

    assert strongest(2, 1, 0) == {"c": ["a"], "a": ["c", "b"]}
    assert strongest(0, 2, branches=1) == {"a": ["c"], "c": ["a"]}
    assert strongest(1) == strongest() == {}


def test_a_part_without_titles_is_kept_too() -> None:
    assert len(kept().scales) == 0
