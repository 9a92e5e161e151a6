"""How likely a name is meant."""

from __future__ import annotations

import pytest

from shared.search.suggest.entries import (
    MOST_VOTES,
    group_popularity,
    person_popularity,
    title_popularity,
)


@pytest.mark.parametrize(
    ("votes", "known"),
    [(None, 0), (0, 0), (1413, 0.5), (MOST_VOTES, 1), (10 * MOST_VOTES, 1)],
)
def test_a_title_is_a_third_of_what_trends_and_two_thirds_of_who_knows_it(
    votes: int | None, known: float
) -> None:
    assert title_popularity(0.6, votes) == pytest.approx(0.2 + 2 / 3 * known, abs=1e-3)


def test_a_person_stays_below_the_best_known_title_and_nears_it_with_every_further_one() -> None:
    found = [person_popularity(0.9, titles) for titles in (0, 1, 10, 50, 500)]

    assert found == sorted(found)
    assert found[0] == pytest.approx(0.9 * 0.55)
    assert found[-2] == found[-1] == pytest.approx(0.9 * 0.8)


def test_a_group_is_likelier_the_nearer_it_is_to_the_largest() -> None:
    assert group_popularity(0, 99) == pytest.approx(0.3)
    assert group_popularity(9, 99) == pytest.approx(0.55)
    assert group_popularity(99, 99) == pytest.approx(0.8)
    assert group_popularity(0, 0) == pytest.approx(0.3)
