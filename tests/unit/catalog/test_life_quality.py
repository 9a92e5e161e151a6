"""Quality sinks with age and rises with what is known; a report counts what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.quality import WEIGHTS, Completeness, quality
from shared.catalog.quality_report import QualityTally, missing_fields

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = Completeness(0, 0, False, False, False, 0, False, None, 0)
FULL = Completeness(200, 780, True, True, True, 3, True, 500, 2)
FILLED: dict[str, Any] = {
    "description_length": 200,
    "poster_width": 780,
    "has_backdrop": True,
    "has_year": True,
    "has_runtime": True,
    "genres": 3,
    "external_ids": 2,
}
RECORDS = st.builds(
    Completeness,
    st.integers(0, 300),
    st.integers(0, 2000),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, False, True]),
    st.integers(0, 5),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 50)),
    st.integers(0, 4),
)
DAYS = st.floats(0, 5000)


@given(RECORDS, DAYS, DAYS)
def test_quality_never_rises_with_age_nor_falls_below_half(
    record: Completeness, one: float, other: float
) -> None:
    young, old = sorted((one, other))
    fresh = quality(record, days_since_checked=0)

    assert quality(record, days_since_checked=old) <= quality(record, days_since_checked=young)
    assert quality(record, days_since_checked=old) >= fresh / 2 - 1e-12
    assert 0 <= fresh <= 1


@given(RECORDS, DAYS, st.sampled_from(sorted(FILLED)))
def test_quality_never_falls_when_a_field_is_filled(
    record: Completeness, days: float, field: str
) -> None:
    if field == "has_runtime" and record.has_runtime is None:
        return
    filled = replace(record, **{field: FILLED[field]})
    before = quality(record, days_since_checked=days)

    assert quality(filled, days_since_checked=days) >= before - 1e-12
    if missing_fields(filled) != missing_fields(record):
        assert quality(filled, days_since_checked=days) > before


def test_a_whole_fresh_record_is_worth_one_and_an_empty_one_its_freshness() -> None:
    assert quality(FULL, days_since_checked=0) == 1
    assert quality(EMPTY, days_since_checked=0) == 0.15
    assert quality(EMPTY, days_since_checked=10_000) == 0.075


def test_what_is_missing_is_named_the_weightiest_first() -> None:
    assert missing_fields(FULL) == []
    assert missing_fields(EMPTY)[:3] == ["description", "poster", "user_rating"]
    assert set(missing_fields(EMPTY)) == set(WEIGHTS)
    assert "runtime" not in missing_fields(replace(EMPTY, has_runtime=None))


@given(st.lists(st.tuples(RECORDS, st.floats(0, 1)), max_size=30))
def test_a_report_counts_every_title_once(titles: list[tuple[Completeness, float]]) -> None:
    tally = QualityTally()
    for record, score in titles:
        tally.add(record, score)
    report = tally.report(NOW)

    assert report.total == sum(report.fifths) == len(titles)
    assert report.low == sum(score < 0.6 for _, score in titles) == sum(report.fifths[:3])
    assert report.missing["poster"] == sum(record.poster_width < 342 for record, _ in titles)
    assert report.missing.keys() == WEIGHTS.keys()


def test_bounds_of_fifths_belong_to_the_fifth_above() -> None:
    tally = QualityTally()
    for score in (0, 0.199, 0.2, 0.4, 0.8, 1):
        tally.add(FULL, score)

    assert tally.report(NOW).fifths == (2, 1, 1, 0, 2)
