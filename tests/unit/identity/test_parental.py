"""Which changes let more be seen, and who may make them."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.limits import Limits, Window
from shared.identity.parental import (
    Controls,
    PinNeededError,
    changed,
    closes,
    fingerprint,
    must_be_proven,
    opens,
)
from shared.identity.parental_wishes import ControlsChange
from shared.kernel.principal import RATINGS

HOURS = st.integers(0, 23).map(time)
WINDOWS = st.none() | st.builds(
    Window, HOURS, HOURS, st.sampled_from(["Europe/Madrid", "Etc/UTC"])
).filter(lambda window: window.start != window.end)
LIMITS = st.builds(
    Limits,
    st.sampled_from(["", *RATINGS]),
    st.sets(st.sampled_from(["Crime", "Horror", "War"])).map(sorted).map(tuple),
    WINDOWS,
)
SET = Controls(
    enabled=True, max_rating="PG", blocked_genres=("Horror",), pin_hash="a hash",
    start=time(16), end=time(19), timezone="Europe/Madrid",
)  # fmt: skip


@given(LIMITS)
def test_no_change_opens_and_closes_nothing(limits: Limits) -> None:
    assert not opens(limits, limits)
    assert not closes(limits, limits)


@given(LIMITS, LIMITS)
def test_what_holds_of_both_opens_nothing_of_either(one: Limits, other: Limits) -> None:
    both = one.within(other)
    assert not opens(one, both)


@given(LIMITS, LIMITS, LIMITS)
def test_two_steps_that_open_nothing_are_a_way_that_opens_nothing(
    a: Limits, b: Limits, c: Limits
) -> None:
    if not opens(a, b) and not opens(b, c):
        assert not opens(a, c)


@given(LIMITS, LIMITS)
def test_another_setting_opens_or_closes_something(one: Limits, other: Limits) -> None:
    assert (one == other) == (not opens(one, other) and not closes(one, other))


@given(LIMITS)
def test_nothing_is_wider_than_no_limits(limits: Limits) -> None:
    assert not opens(Limits(), limits)
    assert opens(limits, Limits()) == (limits != Limits())


@pytest.mark.parametrize(
    ("start", "end", "opened"),
    [(16, 19, False), (17, 18, False), (15, 19, True), (16, 20, True), (20, 16, True)],
)
def test_a_window_is_wider_where_it_has_a_minute_more(
    start: int, end: int, *, opened: bool
) -> None:
    wanted = replace(SET, start=time(start), end=time(end))
    assert opens(SET.limits, wanted.limits) == opened


def test_an_evening_lies_in_the_night_that_holds_it() -> None:
    night = replace(SET, start=time(20), end=time(6))
    for start, end, opened in ((22, 5, False), (23, 0, False), (0, 6, False), (19, 6, True)):
        wanted = replace(SET, start=time(start), end=time(end))
        assert opens(night.limits, wanted.limits) == opened


def test_what_is_set_while_it_does_not_hold_is_guarded_too() -> None:
    off = replace(SET, enabled=False)
    with pytest.raises(PinNeededError):
        must_be_proven(off, replace(off, max_rating="R"), "")
    must_be_proven(off, replace(off, enabled=True), "")


def test_a_proof_is_of_one_pin() -> None:
    wider = replace(SET, max_rating="R")
    must_be_proven(SET, wider, fingerprint("a hash"))
    for proof in ("", fingerprint("another"), "a hash"):
        with pytest.raises(PinNeededError):
            must_be_proven(SET, wider, proof)


def test_without_a_pin_nothing_has_to_be_proven() -> None:
    must_be_proven(replace(SET, pin_hash=None), Controls(), "")


def test_what_is_not_named_stays() -> None:
    assert changed(SET, ControlsChange(), None) == SET
    assert changed(SET, ControlsChange(pin=None), None) == replace(SET, pin_hash=None)
    assert changed(SET, ControlsChange(content_rating_limit=None), None).max_rating == ""
