"""Which source counts how much, by what a question turns out to ask for."""

import pytest

from shared.search.ports import Hit
from shared.search.ranking import RankingConfig

CONFIG = RankingConfig(sources={"vector": 0.5, "keyword": 0.3, "popularity": 0.2})
ID = "018f0000-0000-7000-8000-000000000001"


def test_a_question_that_is_no_title_weighs_sources_as_configured() -> None:
    assert CONFIG.weights([Hit(ID)]) == CONFIG.sources


@pytest.mark.parametrize("hit", [Hit(ID, exact=True), Hit(ID, prefix=True)], ids=["is", "begins"])
def test_where_a_title_is_what_was_asked_words_and_meaning_change_places(hit: Hit) -> None:
    assert CONFIG.weights([Hit(ID), hit]) == {"vector": 0.3, "keyword": 0.5, "popularity": 0.2}
