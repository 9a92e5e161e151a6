"""How sure it is that an offer plays."""

from __future__ import annotations

from datetime import UTC, datetime
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.receipts import (
    DAY,
    MISTAKEN,
    PRIOR_ENDS,
    PRIOR_LAG_DAYS,
    PRIOR_OFFER_DAYS,
    UNKNOWN,
    WRONGLY_TAKEN_BACK,
    Churn,
    Delay,
    Hazard,
    claims,
    confidence,
    hazards,
    heir,
    renewed,
    with_receipt,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
PUNCTUAL = {"tmdb": 0.0, "watchmode": 0.0}
ages = st.floats(0, 2000)


def said(days: float, *, listing: str = "60", taken_back: float | None = None) -> list[float | str]:
    """Return the word of a source, `days` old, perhaps taken back so many days ago."""
    claim: list[float | str] = [NOW - (days + 100) * DAY, NOW - days * DAY, listing]
    return claim if taken_back is None else [*claim, NOW - taken_back * DAY]


def sure(*, hazard: Hazard = UNKNOWN, **sources: list[float | str]) -> float:
    return confidence(sources, hazard, PUNCTUAL, now=NOW)


def test_a_fresh_word_is_believed_but_for_the_mistakes_of_sources() -> None:
    assert sure(tmdb=said(0)) == pytest.approx(1 - MISTAKEN)
    assert sure(tmdb=said(0), watchmode=said(0)) == pytest.approx(1 - MISTAKEN**2, abs=5e-4)


def test_survival_is_that_of_a_hazard_known_well() -> None:
    known = Hazard(shape=10_000 * 0.01, rate_days=10_000)
    assert sure(hazard=known, tmdb=said(30)) == pytest.approx((1 - MISTAKEN) * exp(-0.3), abs=2e-3)


@given(ages, ages)
def test_confidence_sinks_with_age(first: float, second: float) -> None:
    young, old = sorted((first, second))
    assert sure(tmdb=said(young)) >= sure(tmdb=said(old))


@given(ages, ages)
def test_another_source_never_makes_it_less_sure(first: float, second: float) -> None:
    assert sure(tmdb=said(first), watchmode=said(second)) >= sure(tmdb=said(first))


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.tuples(ages, st.none() | ages).map(lambda each: said(each[0], taken_back=each[1])),
    ),
    st.floats(0.01, 1e6),
    st.floats(0.01, 1e6),
    st.floats(0, 100),
)
def test_it_is_always_a_probability(
    sources: dict[str, list[float | str]], shape: float, rate_days: float, lag: float
) -> None:
    found = confidence(sources, Hazard(shape, rate_days), {"a": lag}, now=NOW - 50 * DAY)
    assert 0 <= found <= 1


def test_a_source_that_is_late_speaks_of_earlier_days() -> None:
    late = confidence({"slow": said(0)}, UNKNOWN, {"slow": 10.0}, now=NOW)
    assert late == sure(tmdb=said(10))
    assert confidence({"new": said(0)}, UNKNOWN, {}, now=NOW) == sure(tmdb=said(PRIOR_LAG_DAYS))


def disputed(last: float, *, hazard: Hazard = UNKNOWN, others: int = 1, noes: int = 1) -> float:
    """Return confidence where some took back 30 days ago what others last said `last` days ago."""
    yes = {f"yes-{n}": said(last) for n in range(others)}
    no = {f"no-{n}": said(40, taken_back=30) for n in range(noes)}
    return confidence({**yes, **no}, hazard, dict.fromkeys(yes, 2.0), now=NOW)


def test_a_word_taken_back_casts_doubt_that_later_words_lessen() -> None:
    ends = UNKNOWN.shape / UNKNOWN.rate_days
    wrong = WRONGLY_TAKEN_BACK / (WRONGLY_TAKEN_BACK + ends)

    assert disputed(30) == pytest.approx(wrong * UNKNOWN.survival(32), abs=1e-3)
    assert disputed(28) < disputed(26) < disputed(10)
    believed = wrong / (wrong + (1 - wrong) * MISTAKEN)
    assert disputed(0) == pytest.approx(believed * UNKNOWN.survival(2), abs=1e-3)


def test_the_more_speak_the_surer_and_the_more_take_back_the_less() -> None:
    assert disputed(5, others=2) > disputed(5) > disputed(5, noes=2)


def test_where_offers_seldom_end_a_word_taken_back_is_more_often_wrong() -> None:
    steady, restless = Hazard(2.0, 10_000.0), Hazard(200.0, 10_000.0)
    assert disputed(0, hazard=steady) > 0.8
    assert disputed(0, hazard=restless) < 0.2


def test_who_begins_to_speak_after_others_took_it_back_contradicts_nobody() -> None:
    anew: list[float | str] = [NOW - 5 * DAY, NOW, "60"]
    assert sure(tmdb=anew, watchmode=said(40, taken_back=30)) == sure(tmdb=said(0))


def test_a_word_is_renewed_since_its_first_day_unless_it_was_taken_back() -> None:
    assert renewed(None, "60", now=9) == [9, 9, "60"]
    assert renewed([1, 5, "tm1"], "60", now=9) == [1, 9, "60"]
    assert renewed([1, 5, "60", 7], "60", now=9) == [9, 9, "60"]


def test_an_offer_nobody_speaks_of_any_more_is_not_believed() -> None:
    assert sure(tmdb=said(3, taken_back=1)) == 0
    assert sure() == 0


def test_a_region_with_no_history_is_like_its_platform_and_one_with_much_like_itself() -> None:
    counted = [Churn("hulu", "US", 400, 40_000.0), Churn("hulu", "CA", 0, 0.0)]
    found = hazards([*counted, Churn("hulu", "GB", 3_000, 100_000.0)])

    pooled = (PRIOR_ENDS + 3_400) / (PRIOR_OFFER_DAYS + 140_000)
    assert found["hulu", "CA"].shape / found["hulu", "CA"].rate_days == pytest.approx(pooled)
    assert found["hulu", "GB"].shape / found["hulu", "GB"].rate_days == pytest.approx(
        0.03, rel=0.01
    )


@given(st.integers(0, 10_000), st.floats(0, 1e7))
def test_every_hazard_is_positive(ended: int, days: float) -> None:
    (found,) = hazards([Churn("p", "US", ended, days)]).values()
    assert found.shape > 0
    assert found.rate_days > 0


def test_lag_goes_from_the_prior_to_what_was_seen() -> None:
    assert Delay("new", 0, 0.0).lag_days == PRIOR_LAG_DAYS
    assert Delay("slow", 1_000, 5.0).lag_days == pytest.approx(5, rel=0.01)


def test_the_heir_is_the_source_that_spoke_last_within_two_weeks() -> None:
    sources = {"a": said(1), "b": said(3, listing="b3"), "c": said(9), "d": said(2, taken_back=1)}

    assert heir(sources, "a", now=NOW) == ("b", "b3")
    assert heir({"a": said(0), "c": said(15)}, "a", now=NOW) is None


def test_a_source_claims_an_offer_by_the_listing_it_brought() -> None:
    assert claims({"a": said(1)}, "a", "60")
    assert not claims({"a": said(1)}, "a", "61")
    assert not claims({"a": said(1, taken_back=0)}, "a", "60")
    assert not claims({}, "a", "60")


def test_a_receipt_says_who_when_and_how_sure() -> None:
    second = int(NOW)
    offer = {
        "platform": "hulu",
        "sources": {"b": [second, second, "1", second], "a": [second, second, "1"]},
        "shape": None,
        "rate_days": None,
    }
    told = with_receipt(offer, {}, now=NOW)

    assert told.keys() == {"platform", "sources", "confidence", "stale"}
    assert [each["source"] for each in told["sources"]] == ["a", "b"]
    assert told["sources"][0] == {
        "source": "a",
        "first_seen": "2026-01-01T00:00:00+00:00",
        "last_seen": "2026-01-01T00:00:00+00:00",
        "taken_back_at": None,
    }
    assert told["sources"][1]["taken_back_at"] == "2026-01-01T00:00:00+00:00"
