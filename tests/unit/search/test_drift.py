"""Whether a point of the index says what the catalogue says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from shared.search.document import datapoint
from shared.search.drift import Drift, drift
from tests.fakes.embedder import WordsEmbedder
from tests.unit.search.test_indexing import embedded

if TYPE_CHECKING:
    from shared.search.ports import Datapoint

MODEL = WordsEmbedder.model
HEAT = embedded(quality_score=0.6, release_year=1995, genres=["Crime"], maturity_rank=3)


def point(**numbers: int) -> Datapoint:
    """Return the point that says what the catalogue says of Heat, but for these numbers."""
    assert HEAT.vector is not None
    made = datapoint(HEAT.document, HEAT.vector, MODEL)
    return replace(made, numbers={**made.numbers, **numbers})


def test_a_point_that_says_the_same_is_right() -> None:
    found = point()
    written = replace(found, vector=found.vector + np.float32(5e-6))

    assert drift(HEAT, found, MODEL) is None
    assert drift(HEAT, written, MODEL) is None


def test_tokens_in_another_order_and_none_at_all_say_the_same() -> None:
    entry = embedded(genres=["Crime", "Drama"], quality_score=0.6)
    assert entry.vector is not None
    made = datapoint(entry.document, entry.vector, MODEL)
    kept = {name: tokens[::-1] for name, tokens in made.restricts.items() if tokens}

    assert drift(entry, replace(made, restricts=kept), MODEL) is None


@pytest.mark.parametrize(
    "found",
    [
        point(year=1996),
        point(rating=70),
        replace(point(), numbers={"year": 1995}),
        replace(point(), vector=point().vector + np.float32(1e-3)),
        replace(point(), vector=point().vector[:8]),
        replace(point(), restricts={**point().restricts, "genre": ["Crime", "Drama"]}),
        replace(point(), restricts={**point().restricts, "maturity": ["2"]}),
    ],
    ids=["year", "rating", "quality", "vector", "length", "genre", "maturity"],
)
def test_a_point_that_says_something_else_is_different(found: Datapoint) -> None:
    assert drift(HEAT, found, MODEL) is Drift.DIFFERENT


def test_a_quality_that_sank_is_no_fault_and_one_that_rose_is() -> None:
    assert drift(HEAT, point(quality=601), MODEL) is None
    assert drift(HEAT, point(quality=599), MODEL) is Drift.DIFFERENT


def test_a_title_that_is_gone_has_no_point() -> None:
    dead = replace(HEAT, alive=False)

    assert [drift(entry, point(), MODEL) for entry in (None, dead)] == [Drift.DEAD] * 2
    assert [drift(entry, None, MODEL) for entry in (None, dead)] == [None] * 2


def test_a_title_without_a_point_is_missing_once_the_present_model_made_its_vector() -> None:
    assert drift(HEAT, None, MODEL) is Drift.MISSING
    for waiting in (replace(HEAT, vector=None), replace(HEAT, vector_model="older@1")):
        assert drift(waiting, None, MODEL) is None
        assert drift(waiting, point(year=1996), MODEL) is None
