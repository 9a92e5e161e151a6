"""The peer, by its formula."""

from math import log

import pytest

from shared.search.evaluation.bm25 import TitleBm25

TITLES = {"1": "Heat", "2": "Heat and Dust", "3": "Red Dust", "4": "Dust Dust Dust"}


def test_a_rare_word_counts_more_and_a_short_title_comes_first() -> None:
    peer = TitleBm25(TITLES)

    assert peer.ranking("heat dust", limit=4)[0] == "2"
    assert peer.ranking("heat", limit=4) == ["1", "2"]
    assert peer.ranking("dust", limit=1) == ["4"]


def test_scores_are_those_of_the_formula() -> None:
    peer = TitleBm25({"1": "Heat", "2": "Red Dust"})

    weight = log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    expected = weight * 2.2 / (1 + 1.2 * (1 - 0.75 + 0.75 * 1 / 1.5))
    assert peer.scores("Heat!") == pytest.approx({"1": expected})


def test_words_that_no_title_has_find_nothing() -> None:
    assert TitleBm25(TITLES).ranking("", limit=5) == []
    assert TitleBm25({}).ranking("heat", limit=5) == []
