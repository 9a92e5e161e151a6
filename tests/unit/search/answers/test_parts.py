"""Answers are taken apart and put together again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.answers.parts import IMPRESSIONS, Parts

ID = UUID("019b76da-a800-7b31-8000-2f3c5a1d9e41")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def answer(count: int = 1, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return the answer to a search, as much of it as is looked at."""
    return {
        "search_id": "",
        "results": [{"content": {"id": str(UUID(int=n)), "title": "Heat"}} for n in range(count)],
        "total_count": count,
        "query_parsed": {"filters": {}},
        "search_time_ms": 0.0,
        "degraded": [],
        **changed,
    }


@given(WORDS, st.integers(0, 30), st.floats(0, 1e4))
def test_a_kept_answer_says_what_a_fresh_one_says(title: str, count: int, took: float) -> None:
    made = answer(count, corrected_query={"searched": title, "original": "a\nb"})
    kept = Parts.unpacked(Parts.of(made).packed())

    assert kept == Parts.of(made)
    assert kept is not None
    own = {"search_id": str(ID), "search_time_ms": round(took, 1)}
    assert orjson.loads(kept.answered(ID, took)) == made | own


def test_the_first_results_are_named_as_shown() -> None:
    parts = Parts.of(answer(30, total_count=412))
    assert parts.shown == tuple(str(UUID(int=n)) for n in range(IMPRESSIONS))
    assert parts.total == 412


def test_filters_that_were_read_count_as_much_as_those_asked_for() -> None:
    parsed = {"filters": {"platforms": ["netflix"]}}
    assert Parts.of(answer(query_parsed=parsed)).filtered
    assert not Parts.of(answer()).filtered


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{}",
        b"null\n{}",
        b"[1]\n{}",
        b'{"total":1,"shown":[],"filtered":false}\n',
        b"\xff\n{}",
    ],
)
def test_what_somebody_else_wrote_is_no_answer(value: bytes) -> None:
    assert Parts.unpacked(value) is None
