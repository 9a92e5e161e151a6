"""How alike two titles are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.matching.blocks import asked_blocks, stored_blocks
from shared.matching.facts import Facts
from shared.matching.scorer import score, similarity
from shared.matching.vetoes import sequels_differ

NAMES = st.text("abcdefgh ", min_size=1, max_size=12)


def facts(**given_: object) -> Facts:
    known: dict[str, object] = {"content_type": "movie", "keys": ("heat",), "year": 1995}
    return Facts(**{**known, **given_})  # type: ignore[arg-type]


def test_only_features_both_sides_know_count() -> None:
    left = facts(runtime=170, people=frozenset({"al pacino"}))
    right = facts(genres=frozenset({"Crime"}))

    assert score(left, right).features == {"title": 1.0, "year": 1.0}
    assert score(left, right).value == 1.0


def test_score_is_the_weighted_mean_of_the_features() -> None:
    left = facts(year=1995, runtime=170, genres=frozenset({"Crime", "Drama"}))
    right = facts(year=1996, runtime=155, genres=frozenset({"Crime"}))

    found = score(left, right)

    expected = (0.35 * 1 + 0.15 * 0.8 + 0.10 * 0.5 + 0.15 * 0.5) / (0.35 + 0.15 + 0.10 + 0.15)
    assert found.value == pytest.approx(expected)


def test_the_best_of_all_names_counts() -> None:
    left = facts(keys=("money heist", "casa de papel"))
    right = facts(keys=("haus des geldes", "casa de papel"))

    assert score(left, right).pair == ("casa de papel", "casa de papel")


@given(NAMES, NAMES)
def test_similarity_is_symmetric_and_between_0_and_1(left: str, right: str) -> None:
    assert similarity(left, right) == pytest.approx(similarity(right, left))
    assert 0 <= similarity(left, right) <= 1


@pytest.mark.parametrize(
    ("left", "right", "differ"),
    [
        ("rocky", "rocky 2", True),
        ("rocky 2", "rocky 3", True),
        ("blade runner 2049", "blade runner 2049", False),
        ("fast and furious 6", "furious 6", False),
    ],
)
def test_sequel_numbers_must_agree(left: str, right: str, *, differ: bool) -> None:
    assert sequels_differ((left, right)) is differ


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("harry potter and sorcerers stone", "harry potter and sorcerer stone"),
        ("spider man far from home", "spiderman far from home"),
        ("silence of lambs", "silence of the lambs"),
        ("amelie", "ameli"),
    ],
)
def test_similar_titles_share_a_block_in_neighboring_years(left: str, right: str) -> None:
    assert similarity(left, right) >= 0.85

    for step in (-1, 0, 1):
        stored = stored_blocks((left,), "film", 2001 + step)
        assert set(stored) & set(asked_blocks((right,), "film", 2001))


def test_blocks_of_films_and_series_never_meet() -> None:
    film = stored_blocks(("fargo tales",), "film", 1996)
    assert not set(film) & set(asked_blocks(("fargo tales",), "series", 1996))
