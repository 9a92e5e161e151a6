"""Which sources are far from the length that is kept of a title."""

from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.runtimes import APART, runtimes_apart


def test_five_minutes_more_or_less_are_no_difference_and_six_are() -> None:
    said = {"watchmode": 164, "tmdb": 165, "webhook": 175, "generic": 176}

    assert runtimes_apart(170, said) == {"generic": 176, "watchmode": 164}


def test_nobody_differs_from_what_nobody_knows() -> None:
    assert runtimes_apart(None, {"tmdb": 90}) == {}


@given(st.integers(1, 400), st.dictionaries(st.text(max_size=3), st.integers(1, 400)))
def test_sources_are_either_near_or_shown(minutes: int, said: dict[str, int]) -> None:
    shown = runtimes_apart(minutes, said)

    assert all(abs(one - minutes) <= APART for name, one in said.items() if name not in shown)
    assert shown.items() <= said.items()
