"""What makes titles alike, from 8 bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.diversity import Traits
from shared.search.indexing import FLOATS
from shared.search.resident.likeness import Likeness
from shared.search.resident.rows import TitleRow
from tests.fakes.edges import by_src

DIMENSION = 384


def unit(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    drawn = np.random.default_rng(seed).normal(size=DIMENSION).astype(FLOATS)
    return drawn / np.linalg.norm(drawn)


def kept(*titles: TitleRow) -> Likeness:
    return Likeness.from_arrays(Likeness.build(titles).arrays())


def traits(found: Likeness) -> list[Traits]:
    """Return what is known of all titles."""
    return found.traits(np.arange(len(found.scales), dtype=np.int32))


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_cosines_of_kept_vectors_are_near_the_exact_ones(one: int, other: int) -> None:
    both = kept(
        TitleRow("a", "A", "a", vector=unit(one).tobytes()),
        TitleRow("b", "B", "b", vector=unit(other).tobytes()),
    )
    first, second = (each.vector for each in traits(both))

    assert first is not None
    assert second is not None
    assert first @ second == pytest.approx(unit(one) @ unit(other), abs=0.01)


def test_a_title_of_which_nothing_is_known_has_no_traits() -> None:
    found = kept(TitleRow("a", "A", "a", vector=unit(1).tobytes()), TitleRow("b", "B", "b"))

    assert traits(found)[1] == Traits(None, None, None)


def test_titles_know_their_first_genre_and_their_franchise() -> None:
    found = kept(
        TitleRow("a", "A", "a", genres=("Drama", "War"), franchise="f"),
        TitleRow("b", "B", "b", genres=("War", "Drama")),
        TitleRow("c", "C", "c", franchise="f"),
    )

    assert [each.genre for each in traits(found)] == ["Drama", "War", None]
    assert [each.franchise for each in traits(found)] == ["f", None, "f"]


def test_the_strongest_edges_come_first_and_those_out_of_the_part_are_left_out() -> None:
    found = kept(
        TitleRow("a", "A", "a", edges=(("c", 0.9), ("gone", 0.8), ("b", 0.5))),
        TitleRow("b", "B", "b"),
        TitleRow("c", "C", "c", edges=(("a", 0.25),)),
    )

    def strongest(*rows: int, branches: int = 10) -> dict[str, list[str]]:
        edges = found.strongest(np.array(rows, np.int32), ["a", "b", "c"], branches=branches)
        return {src: [dst for dst, _ in of] for src, of in by_src(edges).items()}

    assert strongest(2, 1, 0) == {"c": ["a"], "a": ["c", "b"]}
    assert strongest(0, 2, branches=1) == {"a": ["c"], "c": ["a"]}
    assert strongest(1) == strongest() == {}


def test_a_part_without_titles_is_kept_too() -> None:
    assert len(kept().scales) == 0
