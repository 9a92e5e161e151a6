"""Which source counts how much, by what a question's words find."""

import pytest

from shared.catalog.values import OfferType
from shared.search.ports import Candidate, Hit
from shared.search.ranking import RankingConfig, final_score, listed

CONFIG = RankingConfig(sources={"vector": 0.4, "keyword": 0.2, "popularity": 0.3, "graph": 0.1})
ID = "018f0000-0000-7000-8000-000000000001"

NUDGES = {
    "": 0.0,
    "free": 1.0,
    "ads": 1.0,
    "subscription": 0.67,
    "addon": 0.67,
    "rental": 0.33,
    "purchase": 0.17,
    "purchase rental": 0.33,
}
"""Shares of the nudge that the best of some offers gives (spec/discovery §5.4)."""


def of_year(number: int, year: int | None) -> Candidate:
    return Candidate(f"{number}", "Rambo", year, frozenset(), 0.5, 0.5, None)


def test_of_titles_that_a_source_holds_equal_the_earlier_comes_first() -> None:
    years = {1: None, 2: 2019, 3: 2008, 4: 1982, 5: 1985}
    passed = {each.id: each for each in (of_year(n, year) for n, year in years.items())}
    scores = {1: 1.0, 9: 1.0, 2: 1.0, 3: 1.0, 4: 0.9, 5: 0.8}

    scored = [Hit(f"{number}", score=score) for number, score in scores.items()]

    assert listed(scored, passed) == ["3", "2", "1", "4", "5"]


def test_a_source_whose_order_says_everything_keeps_it() -> None:
    passed = {each.id: each for each in (of_year(1, 2019), of_year(2, 1982))}

    assert listed([Hit("1"), Hit("3"), Hit("2")], passed) == ["1", "2"]


def test_a_question_whose_words_no_title_has_all_weighs_sources_as_configured() -> None:
    assert CONFIG.weights([Hit(ID, phrase=True)], is_name=True) == CONFIG.sources


def test_where_a_title_has_every_word_words_and_meaning_change_places() -> None:
    found = CONFIG.weights([Hit(ID), Hit(ID, complete=True, phrase=True)], is_name=False)

    assert found == {"vector": 0.2, "keyword": 0.4, "popularity": 0.3, "graph": 0.1}


def test_where_a_name_is_asked_for_meaning_and_popularity_give_way_to_words_and_graph() -> None:
    found = CONFIG.weights([Hit(ID), Hit(ID, complete=True, phrase=True)], is_name=True)

    wanted = {"vector": 0.15, "keyword": 0.45, "popularity": 0.2, "graph": 0.2}
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize(("kinds", "share"), NUDGES.items())
def test_the_best_offer_nudges_by_what_it_costs(kinds: str, share: float) -> None:
    offers = frozenset(OfferType(kind) for kind in kinds.split())
    with_them, without = (
        final_score(
            0.5,
            Candidate(ID, "Heat", 1995, offer_types, 0.5, 0.5, None),
            phrase=False,
            year=2026,
            config=CONFIG,
        )
        for offer_types in (offers, frozenset[OfferType]())
    )

    assert with_them - without == pytest.approx(CONFIG.availability * share)


@pytest.mark.parametrize(
    ("prior", "factor"), [(0.0, 1.0), (0.1, 1.05), (0.2, 1.1), (0.4, 1.2), (0.9, 1.2)]
)
def test_a_phrase_lifts_a_title_as_far_as_it_is_known(prior: float, factor: float) -> None:
    one = Candidate(ID, "Fight Club", 1999, frozenset(), 0.5, 0.5, None, prior)
    plain, lifted = (
        final_score(0.5, one, phrase=phrase, year=2026, config=CONFIG) for phrase in (False, True)
    )

    assert lifted == pytest.approx(plain * factor)
