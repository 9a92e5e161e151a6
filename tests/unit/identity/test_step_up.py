"""Proving again who one is."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.identity.step_up import (
    FRESH,
    ActedForError,
    StepUpError,
    must_be_fresh,
    must_be_self,
    must_have_factor,
)
from shared.kernel.principal import Kind, Principal

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def proven(ago: timedelta | None, *methods: str, actor: str = "") -> Principal:
    """Return a user who proved who they are so long ago."""
    at = None if ago is None else NOW - ago
    return Principal(Kind.USER, sub="a", authenticated_at=at, methods=methods, actor=actor)


@pytest.mark.behavior("attacks:asvs:3.7.1")
def test_a_proof_of_five_minutes_ago_is_fresh_and_one_a_second_older_is_not() -> None:
    must_be_fresh(proven(FRESH), NOW)
    with pytest.raises(StepUpError) as refusal:
        must_be_fresh(proven(FRESH + timedelta(seconds=1)), NOW)
    assert 'error="insufficient_user_authentication"' in refusal.value.challenge
    assert "max_age=300" in refusal.value.challenge


def test_a_token_that_does_not_say_when_its_user_signed_in_is_not_fresh() -> None:
    with pytest.raises(StepUpError):
        must_be_fresh(proven(None), NOW)


@pytest.mark.parametrize("method", ["otp", "hwk", "swk"])
def test_a_fresh_second_factor_is_enough_and_a_fresh_password_is_not(method: str) -> None:
    must_have_factor(proven(timedelta(0), "pwd", method), NOW)
    with pytest.raises(StepUpError, match="second factor"):
        must_have_factor(proven(timedelta(0), "pwd"), NOW)
    with pytest.raises(StepUpError):
        must_have_factor(proven(2 * FRESH, method), NOW)


def test_nobody_changes_anothers_security_in_their_place() -> None:
    must_be_self(proven(None))
    with pytest.raises(ActedForError):
        must_be_self(proven(None, actor="admin"))
