"""What analytics are told of answers."""

from __future__ import annotations

import pytest

from shared.search.analytics.performed import of_served
from shared.search.answers.parts import Parts
from shared.search.answers.serving import Served
from shared.search.filters import Filters
from shared.search.query import SearchQuery
from shared.search.tuning.model import Tuned
from tests.fakes.searches import search_id

PARTS = Parts(b"{}", total=7, shown=(), degraded=("vector",), filtered=True)
QUERY = SearchQuery(query="Dune", filters=Filters(free_only=True))


@pytest.mark.behavior("search:11:9")
@pytest.mark.parametrize("cached", [True, False])
def test_kept_and_fresh_answers_tell_the_same_but_for_that(cached: bool) -> None:
    served = Served(PARTS, cached, Tuned(version=4, variant="bold"))
    made = search_id()

    told = of_served(served, QUERY, search_id=made, user="ann", milliseconds=2.5)

    assert (told.search_id, told.typed, told.user) == (made, "Dune", "ann")
    assert (told.result_count, told.latency_ms, told.cache_hit) == (7, 2.5, cached)
    assert (told.filters.free_only, told.degraded) == (True, ("vector",))
    assert (told.ranking_version, told.variant) == (4, "bold")
