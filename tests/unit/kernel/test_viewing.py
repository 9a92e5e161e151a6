"""When a viewer may watch, as their token says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.kernel.principal import Kind, Principal, TokenInvalidError, principal_of
from shared.kernel.viewing import OutsideViewingWindowError, must_be_open
from tests.fakes.tokens import Authority

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENS = datetime(2026, 1, 1, 16, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=3)
SECOND = timedelta(seconds=1)


def test_a_window_holds_its_first_second_and_not_its_end() -> None:
    viewer = Principal(Kind.USER, viewing=(OPENS, CLOSES))
    for now in (OPENS, CLOSES - SECOND):
        must_be_open(viewer, now)
    for now in (OPENS - SECOND, CLOSES):
        with pytest.raises(OutsideViewingWindowError, match="from 2026-01-01T16:00"):
            must_be_open(viewer, now)


def test_without_a_window_every_hour_is_good() -> None:
    must_be_open(Principal(Kind.USER), OPENS)


def claims(**said: object) -> Mapping[str, Any]:
    """Return what a token says, with some claims of its own."""
    return Authority().claims(**said)


def test_a_token_says_from_and_until_when() -> None:
    window = {"viewing_from": OPENS.timestamp(), "viewing_until": int(CLOSES.timestamp())}
    found = principal_of(claims(**window, blocked_genres=["Horror"]))
    assert (found.viewing, found.blocked_genres) == ((OPENS, CLOSES), ("Horror",))
    assert (principal_of(claims()).viewing, principal_of(claims()).blocked_genres) == (None, ())


@pytest.mark.parametrize(
    "said",
    [
        {"viewing_from": 1}, {"viewing_until": 1}, {"viewing_from": "1", "viewing_until": 2},
        {"viewing_from": True, "viewing_until": 2}, {"blocked_genres": "Horror"},
        {"blocked_genres": [1]},
    ],
)  # fmt: skip
def test_limits_that_cannot_be_read_are_no_limits_of_an_acceptable_token(
    said: dict[str, object],
) -> None:
    with pytest.raises(TokenInvalidError):
        principal_of(claims(**said))
