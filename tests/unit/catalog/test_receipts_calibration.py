"""Confidence in worlds whose truth is known: it says what comes true."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fakes.offer_world import (
    Settings,
    World,
    brier,
    calibration_error,
    discrimination,
    world,
)

SEEDS = (101, 102)


@pytest.fixture(scope="module", params=[60.0, 250.0, 900.0], ids="half gone in {:.0f} days".format)
def worlds(request: pytest.FixtureRequest) -> list[World]:
    """Worlds in which offers live far shorter, about as long, and far longer than is presumed."""
    settings = Settings(offers=4_000, median_life=request.param)
    return [world(seed, settings) for seed in SEEDS]


def test_what_is_said_comes_true_as_often(worlds: list[World]) -> None:
    for each in worlds:
        assert calibration_error(*each.predictions()) < 0.06


def test_it_beats_the_best_constant_and_no_doubt_at_all(worlds: list[World]) -> None:
    for each in worlds:
        said, true = each.predictions()
        constant = np.full_like(said, true.mean())
        assert brier(said, true) < 0.85 * brier(constant, true)
        assert brier(said, true) < 0.85 * brier(np.ones_like(said), true)


def test_what_was_counted_makes_it_better_than_what_was_presumed(worlds: list[World]) -> None:
    learned = np.mean([brier(*each.predictions()) for each in worlds])
    presumed = np.mean([brier(*each.predictions(learned=False)) for each in worlds])
    assert learned < presumed


def test_it_tells_offers_that_play_from_those_that_do_not(worlds: list[World]) -> None:
    for each in worlds:
        assert discrimination(*each.predictions()) > 0.85


def test_the_measures_are_those_of_their_definitions() -> None:
    said, true = np.array([0.9, 0.8, 0.3, 0.2]), np.array([1.0, 1.0, 0.0, 1.0])

    assert brier(said, true) == pytest.approx((0.01 + 0.04 + 0.09 + 0.64) / 4)
    assert calibration_error(said, true) == pytest.approx((0.1 + 0.2 + 0.3 + 0.8) / 4)
    assert discrimination(said, true) == pytest.approx(2 / 3)
