"""Titles by words, over a real catalog: which comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from shared.adapters.sql.search import WordRetriever
from shared.search.ports import Asked, Hit
from tests.unit.matching.items import bare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.contracts.sql.conftest import Catalog

ROBOTS = "Giant robots rise against monsters out of the sea"


def retrieved(catalog: Catalog, query: str) -> Sequence[Hit]:
    """Return what words find, best first."""
    engine = create_engine(catalog.engine.url, isolation_level="AUTOCOMMIT")
    try:
        return WordRetriever(engine).retrieve(Asked(query), limit=10)
    finally:
        engine.dispose()


def found(catalog: Catalog, query: str) -> list[str]:
    """Return the titles that words find, best first."""
    names = {str(row[0]): row[1] for row in catalog.rows("SELECT id, title FROM content")}
    return [names[hit.content_id] for hit in retrieved(catalog, query)]


def test_a_title_says_whether_it_has_every_word(catalog: Catalog) -> None:
    catalog.take(
        bare("netflix", "1", "Rim", overview=ROBOTS),
        bare("netflix", "2", "Robots of the Sea"),
    )

    hits = retrieved(catalog, "giant robots of the sea")

    assert [hit.complete for hit in hits] == [True, False]


@pytest.mark.parametrize("query", ["robots monsters sea", "robots, monsters and the se"])
def test_who_has_more_of_the_words_comes_first_wherever_they_stand(
    catalog: Catalog, query: str
) -> None:
    catalog.take(
        bare("netflix", "1", "Robots", overview="Robots, robots and once more robots at sea"),
        bare("netflix", "2", "Rim", overview=ROBOTS),
    )

    assert found(catalog, query)[0] == "Rim"


def test_among_those_with_as_many_words_a_title_beats_a_description(catalog: Catalog) -> None:
    catalog.take(
        bare("netflix", "1", "Rim", overview=ROBOTS, popularity=1.0),
        bare("netflix", "2", "Robots of the Sea", popularity=0.0),
    )

    assert found(catalog, "sea robots") == ["Robots of the Sea", "Rim"]


def test_much_that_is_said_of_a_title_does_not_push_it_back(catalog: Catalog) -> None:
    catalog.take(
        bare("netflix", "1", "Sea Robots", popularity=0.1),
        bare("netflix", "2", "Sea of Robots", overview=ROBOTS * 20, popularity=0.2),
    )

    assert found(catalog, "robots sea") == ["Sea of Robots", "Sea Robots"]


def test_an_exact_title_stays_in_front_of_all(catalog: Catalog) -> None:
    catalog.take(
        bare("netflix", "1", "It", popularity=0.0),
        bare("netflix", "2", "It Follows", overview="It comes, and it follows it", popularity=1.0),
    )

    assert found(catalog, "it") == ["It", "It Follows"]
