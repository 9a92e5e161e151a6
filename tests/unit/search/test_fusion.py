"""The laws of fusion (spec/discovery §11)."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.search.fusion import behind_ends, total, weighted_rrf

SOURCES = ("graph", "keyword", "popularity", "vector")
titles = st.integers(0, 12)
rankings = st.dictionaries(
    st.sampled_from(SOURCES), st.lists(titles, max_size=8, unique=True), min_size=1
)
weights = st.fixed_dictionaries({name: st.floats(0.01, 1) for name in SOURCES})


def scores(given_rankings: dict[str, list[int]], given: dict[str, float]) -> dict[int, float]:
    fused = weighted_rrf(given_rankings, given)
    return {item: total(parts) for item, parts in fused.items()}


@pytest.mark.behavior("search:11:3")
@given(rankings, weights)
def test_what_is_first_everywhere_has_exactly_one(
    found: dict[str, list[int]], given_weights: dict[str, float]
) -> None:
    everywhere = {name: [99, *items] for name, items in found.items()}
    assert scores(everywhere, given_weights)[99] == 1.0


@given(rankings, weights)
def test_scores_lie_between_zero_and_one(
    found: dict[str, list[int]], given_weights: dict[str, float]
) -> None:
    assert all(0 < score <= 1 for score in scores(found, given_weights).values())


@pytest.mark.behavior("search:11:3")
@given(rankings, weights)
def test_the_order_in_which_sources_answered_does_not_matter(
    found: dict[str, list[int]], given_weights: dict[str, float]
) -> None:
    turned = dict(reversed(found.items()))
    assert weighted_rrf(found, given_weights) == weighted_rrf(turned, given_weights)


@pytest.mark.behavior("search:11:3")
@given(st.lists(titles, min_size=1, unique=True), st.permutations(SOURCES))
def test_equal_lists_under_equal_weights_may_change_places(
    items: list[int], names: list[str]
) -> None:
    equal = dict.fromkeys(SOURCES, 0.25)
    first = scores(dict.fromkeys(SOURCES, items), equal)
    assert first == scores(dict.fromkeys(names, items), equal)


@pytest.mark.behavior("search:11:3")
@given(rankings, weights, titles, st.sampled_from(SOURCES))
def test_a_worse_ranked_occurrence_never_lowers_a_score(
    found: dict[str, list[int]], given_weights: dict[str, float], item: int, source: str
) -> None:
    assume(source in found)
    before = scores(found, given_weights).get(item, 0.0)

    after = scores({**found, source: [*found[source], item]}, given_weights)

    assert after[item] >= before


def test_a_silent_source_drops_out_of_the_denominator() -> None:
    fused = weighted_rrf({"keyword": ["heat"]}, {"keyword": 0.2, "vector": 0.8})
    assert total(fused["heat"]) == 1.0


def test_a_source_without_weight_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        weighted_rrf({"nobody": ["heat"]}, {"keyword": 1.0})


@given(rankings, weights)
def test_where_every_list_goes_on_nothing_passes_what_is_first_in_all(
    found: dict[str, list[int]], given_weights: dict[str, float]
) -> None:
    everywhere = {name: [99, *items] for name, items in found.items()}

    behind = behind_ends(everywhere, given_weights, cut=everywhere)
    fused = weighted_rrf(everywhere, given_weights)

    assert total(fused[99], behind) == 1.0
    assert all(total(parts, behind) <= 1 for parts in fused.values())


def test_being_last_in_a_list_that_goes_on_is_worth_little_more_than_not_being_in_it() -> None:
    found = {"vector": range(50), "keyword": [0, 77, *range(1, 50)]}
    given_weights = {"vector": 0.35, "keyword": 0.2}
    fused = weighted_rrf(found, given_weights)

    behind = behind_ends(found, given_weights, cut={"vector"})

    assert total(fused[49]) > total(fused[77]), "the nearest fifty are all there is"
    assert total(fused[49], behind) < total(fused[77], behind), "the next may be the 51st"
