"""What can be set of the ranking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.search.fusion import RRF_K
from shared.search.ranking import MMR_LAMBDA, RankingConfig
from shared.search.tuning.model import DEFAULT, SourceWeights, Tuning
from tests.fakes.ranking import change


def test_what_nobody_set_is_what_search_does_by_itself() -> None:
    assert DEFAULT.config() == RankingConfig()
    assert (DEFAULT.mmr_lambda, DEFAULT.rrf_k) == (MMR_LAMBDA, RRF_K)


def test_everything_that_is_set_reaches_the_ranking() -> None:
    sources = {"vector": 0.1, "graph": 0.2, "keyword": 0.3, "popularity": 0.4}
    modifiers = {"quality": 0.3, "freshness": 0.4, "availability": 0.01}
    more = {"mmr_lambda": 0.9, "rrf_k": 30}
    asked = change(sources=sources, modifiers={**modifiers, "prefix": 1.5}, **more)

    found = Tuning.model_validate(asked).config()

    assert found == RankingConfig(
        sources=sources, **modifiers, phrase=1.5, mmr_lambda=0.9, rrf_k=30
    )


def test_the_factor_of_phrases_may_be_left_out() -> None:
    modifiers = {"quality": 0.3, "freshness": 0.4, "availability": 0.01}
    assert Tuning.model_validate(change(modifiers=modifiers)).modifiers.prefix == 1.2


LIMITS = [
    ("modifiers.quality", 0, 1),
    ("modifiers.freshness", 0, 1),
    ("modifiers.availability", 0, 0.05),
    ("modifiers.prefix", 1, 2),
    ("personal_blend", 0, 1),
    ("mmr_lambda", 0, 1),
    ("rrf_k", 1, 1000),
]


@pytest.mark.parametrize(("name", "least", "most"), LIMITS)
def test_a_value_is_taken_up_to_its_limits_and_refused_beyond_by_its_name(
    name: str, least: float, most: float
) -> None:
    part, _, field = name.rpartition(".")
    by = 1 if name == "rrf_k" else 1e-6

    def tuned(value: float) -> Tuning:
        given = change()
        (given[part] if part else given)[field] = value
        return Tuning.model_validate(given)

    for value in (least, most):
        found = tuned(value).model_dump()
        assert (found[part] if part else found)[field] == value
    for value in (least - by, most + by):
        with pytest.raises(ValidationError, match=name.replace(".", r"\.")):
            tuned(value)


@pytest.mark.parametrize(("total", "taken"), [(0.9999, True), (1.0001, True), (0.9998, False)])
def test_weights_may_be_off_by_a_ten_thousandth(total: float, *, taken: bool) -> None:
    weights = {"vector": 0.4, "graph": 0.2, "keyword": 0.2, "popularity": total - 0.8}
    if taken:
        assert SourceWeights.model_validate(weights).popularity == total - 0.8
    else:
        with pytest.raises(ValidationError, match="not 1"):
            SourceWeights.model_validate(weights)


@given(st.lists(st.integers(1, 1000), min_size=4, max_size=4))
def test_weights_are_taken_if_and_only_if_they_make_a_whole(parts: list[int]) -> None:
    names = ("vector", "graph", "keyword", "popularity")
    whole = {name: part / sum(parts) for name, part in zip(names, parts, strict=True)}
    if min(whole.values()) < 0.001:
        return
    assert SourceWeights.model_validate(whole).model_dump() == whole

    with pytest.raises(ValidationError, match="the weights make"):
        SourceWeights.model_validate({name: w * 0.9 + 1e-4 for name, w in whole.items()})
