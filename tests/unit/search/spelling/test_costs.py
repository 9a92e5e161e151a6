"""What slips cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from shared.search.spelling import costs
from shared.search.spelling.costs import distance

WORDS = st.text("abcehiost mn", max_size=12)


@given(WORDS, WORDS)
def test_the_price_is_the_same_in_both_directions(one: str, other: str) -> None:
    assert distance(one, other) == pytest.approx(distance(other, one))


@given(WORDS, WORDS)
def test_only_equal_texts_have_no_price(one: str, other: str) -> None:
    assert (distance(one, other) == 0) == (one == other)


@given(WORDS, WORDS)
def test_the_price_lies_between_that_of_the_cheapest_and_the_dearest_slips(
    one: str, other: str
) -> None:
    slips = OSA.distance(one, other)

    dearest = costs.UNLIKELY + costs.FIRST_LETTER
    # A doubled letter is priced by its neighbors, so cutting equal ends off may choose the dearer.
    assert costs.DOUBLED * slips <= distance(one, other) + 1e-9
    assert distance(one, other) <= dearest * max(slips, abs(len(one) - len(other))) * 2


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [
        (("thief", "theif"), ("thief", "thixf")),
        (("class", "clas"), ("class", "lass")),
        (("emperor", "emporor"), ("emperor", "emptror")),
        (("photo", "foto"), ("photo", "wxto")),
        (("star wars", "starwars"), ("star wars", "stax wars")),
        (("heat", "hest"), ("heat", "hept")),
        (("matrix", "matrjx"), ("matrix", "gatrix")),
    ],
)
def test_a_likely_slip_is_cheaper(likely: tuple[str, str], unlikely: tuple[str, str]) -> None:
    assert distance(*likely) < distance(*unlikely)
