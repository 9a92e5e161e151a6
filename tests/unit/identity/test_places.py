"""Whether anybody can have got from one sign-in to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.accounts import Account
from shared.identity.places import (
    KEPT,
    Journeys,
    Place,
    Seen,
    is_impossible,
    kilometers,
    place_of,
)
from shared.identity.proof import Proof
from shared.identity.step_up import FRESH
from shared.kernel.errors import UnavailableError

BERLIN, TOKYO, POTSDAM = Place(52.52, 13.405), Place(35.6762, 139.6503), Place(52.4, 13.06)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NORA = Account("u-1", "nora@example.com", True, None, "Nora", "", "user", "free", "active", 1)
PLACES = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))


class Kept:
    """Places in memory, which can be lost."""

    def __init__(self) -> None:
        self.found: dict[str, Seen] = {}
        self.lost = False

    def of(self, user_id: str) -> Seen | None:
        """Return the last one."""
        if self.lost:
            raise UnavailableError("lost")
        return self.found.get(user_id)

    def keep(self, user_id: str, seen: Seen) -> None:
        """Keep one."""
        self.found[user_id] = seen


class One:
    """Makes one id."""

    def new(self) -> UUID:
        """Return it."""
        return UUID(int=1)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def journeys(kept: Kept) -> Journeys:
    return Journeys(kept, One())


def proof(at: datetime = NOON, *methods: str) -> Proof:
    """Return that Nora proved who she is."""
    return Proof(NORA, methods or ("pwd",), at)


def test_distances_are_those_of_the_map() -> None:
    assert kilometers(BERLIN, TOKYO) == pytest.approx(8918, abs=15)
    assert kilometers(Place(0, 0), Place(0, 180)) == pytest.approx(20_015, abs=1)


@given(one=PLACES, other=PLACES)
def test_a_way_is_as_long_as_the_way_back_and_never_longer_than_half_around(
    one: Place, other: Place
) -> None:
    assert kilometers(one, other) == pytest.approx(kilometers(other, one), abs=1e-6)
    assert 0 <= kilometers(one, other) <= 20_016
    assert not is_impossible(Seen(one, NOON), Seen(other, NOON + KEPT))


@pytest.mark.behavior("identity:5.6:travel")
def test_more_than_eight_hundred_kilometers_an_hour_are_impossible() -> None:
    hours = (kilometers(BERLIN, TOKYO) - 100) / 800
    for more, expected in ((-0.01, True), (0.01, False)):
        later = Seen(TOKYO, NOON + timedelta(hours=hours + more))
        assert is_impossible(Seen(BERLIN, NOON), later) is expected


def test_the_next_town_at_the_same_moment_is_possible() -> None:
    assert not is_impossible(Seen(BERLIN, NOON), Seen(POTSDAM, NOON))
    assert is_impossible(Seen(BERLIN, NOON), Seen(TOKYO, NOON - timedelta(hours=1)))


@pytest.mark.parametrize(
    "said", ["", "52.5", "52.5,13.4,1.0", "91,0", "0,181", "nan,0", "x,y", "inf,inf", "52.5;13.4"]
)
def test_what_is_no_place_is_none(said: str) -> None:
    assert place_of(said) is None
    assert place_of("52.52,13.405") == BERLIN


def test_who_comes_from_too_far_away_does_not_become_the_measure(
    journeys: Journeys, kept: Kept
) -> None:
    soon = NOON + timedelta(hours=1)
    assert not journeys.is_far(proof(), BERLIN)
    assert journeys.is_far(proof(soon), TOKYO)
    assert journeys.is_far(proof(soon), TOKYO)
    assert not journeys.is_far(proof(soon), POTSDAM)
    assert kept.found["u-1"] == Seen(POTSDAM, soon)


def test_a_second_factor_is_proof_enough_and_is_the_measure_from_then_on(
    journeys: Journeys,
) -> None:
    assert not journeys.is_far(proof(), BERLIN)
    assert not journeys.is_far(proof(NOON, "pwd", "otp", "mfa"), TOKYO)
    assert journeys.is_far(proof(), BERLIN)


def test_without_a_place_or_without_the_store_nobody_is_far(journeys: Journeys, kept: Kept) -> None:
    assert not journeys.is_far(proof(), BERLIN)
    assert not journeys.is_far(proof(), None)
    kept.lost = True
    assert not journeys.is_far(proof(), TOKYO)


def test_an_aged_proof_is_too_old_for_what_asks_for_a_fresh_one() -> None:
    assert NOON - proof().aged().at > FRESH
