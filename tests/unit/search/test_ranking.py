"""Which source counts how much, by what a question's words find."""

from shared.search.ports import Hit
from shared.search.ranking import RankingConfig

CONFIG = RankingConfig(sources={"vector": 0.5, "keyword": 0.3, "popularity": 0.2})
ID = "018f0000-0000-7000-8000-000000000001"


def test_a_question_whose_words_no_title_has_all_weighs_sources_as_configured() -> None:
    assert CONFIG.weights([Hit(ID, phrase=True)]) == CONFIG.sources


def test_where_a_title_has_every_word_words_and_meaning_change_places() -> None:
    found = CONFIG.weights([Hit(ID), Hit(ID, complete=True)])

    assert found == {"vector": 0.3, "keyword": 0.5, "popularity": 0.2}
