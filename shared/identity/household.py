"""Households: several viewers of one account, each with limits of their own.

The owner's profile is the account itself and has its id. Limits of a profile come on top of the
account's: of both, the stricter holds. A session is of one profile at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from shared.identity.limits import Limits
from shared.identity.parental import PinNeededError, is_proven, opens
from shared.kernel.errors import ConflictError, DeniedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from shared.identity.accounts import Told
    from shared.identity.families import Family
    from shared.identity.household_wishes import ProfileChange
    from shared.identity.parental import Controls

MOST = 5
"""Profiles of a household, the owner's among them."""
MOST_PREMIUM = 10
"""Of one that pays: as many as it may have devices (spec/auth §5.8)."""
CHILDS_RATING = "PG"
"""Ceiling of a child's profile for which none was named: every child's has one."""


class HouseholdFullError(ConflictError):
    """The household has as many profiles as its plan allows."""

    code = "household-full"


class OwnProfileError(ConflictError):
    """The owner's profile is the account: it is changed there and does not go before it."""

    code = "own-profile"


class ProfileNotFoundError(NotFoundError):
    """The household has no such profile."""

    code = "profile-not-found"

    def __init__(self, profile_id: str) -> None:
        super().__init__(f"the household has no profile {profile_id}")


class NoSessionError(DeniedError):
    """The token is of no session that could go on as somebody else."""

    code = "no-session"


@dataclass(frozen=True)
class HouseholdProfile:
    """One viewer of an account.

    Attributes:
        max_rating: Ceiling of its own, empty for none.
        is_owner: Whether it is the account's own.
    """

    id: str
    name: str
    language: str
    created_at: datetime
    is_child: bool = False
    max_rating: str = ""
    blocked_genres: tuple[str, ...] = ()
    is_owner: bool = False

    @property
    def limits(self) -> Limits:
        """Its own, beside the account's."""
        return Limits(self.max_rating, self.blocked_genres)


@dataclass(frozen=True)
class Chosen:
    """A session as whom it goes on, and whom it was before."""

    before: HouseholdProfile
    after: HouseholdProfile


class Household(Protocol):
    """Profiles as they are kept; what a call writes, it writes whole or not at all."""

    def all_of(self, user_id: str) -> Sequence[HouseholdProfile]:
        """Return the owner's profile and then the others, the oldest first."""

    def one_of(self, user_id: str, profile_id: str) -> HouseholdProfile:
        """Return one.

        Raises:
            ProfileNotFoundError: There is none.
        """

    def add(self, user_id: str, profile: HouseholdProfile, most: int, told: Told) -> None:
        """Keep a new profile.

        Raises:
            HouseholdFullError: There are `most` already.
        """

    def change(
        self,
        user_id: str,
        profile_id: str,
        decide: Callable[[HouseholdProfile, Controls], HouseholdProfile],
        told: Told,
    ) -> HouseholdProfile:
        """Keep what is decided over what is kept; of two at once, the second sees the first's.

        Where less may be seen than before, access tokens that say otherwise are dead within
        seconds.

        Raises:
            ProfileNotFoundError: There is none.
        """

    def remove(
        self, user_id: str, profile_id: str, allow: Callable[[Controls], None], told: Told
    ) -> None:
        """Forget a profile and end its sessions.

        Args:
            user_id: The account.
            profile_id: Whose.
            allow: Raises where it must not be.
            told: Written with it.

        Raises:
            ProfileNotFoundError: There is none.
        """

    def select(
        self,
        family_id: str,
        user_id: str,
        profile_id: str,
        allow: Callable[[Chosen, Controls], None],
        told: Told,
    ) -> Family:
        """Let a session go on as somebody else, its refresh tokens too, and return it.

        Args:
            family_id: The session.
            user_id: Whose it is.
            profile_id: As whom it goes on.
            allow: Raises where it must not.
            told: Written with it.

        Raises:
            ProfileNotFoundError: There is none.
            NoSessionError: The session has ended, or there never was one.
        """


def most_of(tier: str) -> int:
    """Return how many profiles a household of a tier has at most."""
    return MOST if tier == "free" else MOST_PREMIUM


def changed(kept: HouseholdProfile, wish: ProfileChange) -> HouseholdProfile:
    """Return a profile with a change made to it; a child's without a ceiling gets one."""
    made = replace(kept, **wish.values())
    if made.is_child and not made.max_rating:
        return replace(made, max_rating=CHILDS_RATING)
    return made


def must_be_grown(
    before: HouseholdProfile, after: HouseholdProfile, controls: Controls, proof: str
) -> None:
    """Refuse a step by which more may be seen, where there is a PIN that nobody has shown.

    Args:
        before: A profile as it is, or who is left.
        after: As it would be, or who comes instead.
        controls: Of the account; they hold for both, so they say nothing of the step.
        proof: As of `shared.identity.parental.must_be_proven`.

    Raises:
        PinNeededError: It is one.
    """
    grows = before.is_child and not after.is_child
    if (grows or opens(before.limits, after.limits)) and not is_proven(controls, proof):
        raise PinNeededError
