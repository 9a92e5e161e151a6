"""What is done in a household, and what of it needs the PIN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts import Told
from shared.identity.household import (
    Chosen,
    HouseholdProfile,
    changed,
    most_of,
    must_be_grown,
)
from shared.identity.household_shown import SelectedToken
from shared.identity.household_wishes import ProfileChange
from shared.identity.parental import PinNeededError, is_proven
from shared.identity.revocations import LEEWAY
from shared.identity.tokens import ACCESS_LIFE

if TYPE_CHECKING:
    from shared.identity.household import Household
    from shared.identity.household_wishes import NewProfile
    from shared.identity.parental import Controls
    from shared.identity.parental_pin import PinDesk
    from shared.identity.revocations import Revocations
    from shared.identity.tokens import Issuer
    from shared.kernel.audit import AuditEvent
    from shared.kernel.principal import Principal


@dataclass(frozen=True)
class Shown:
    """Who asks, and what they show.

    Attributes:
        caller: Verified.
        pin_token: What `PinDesk.verify` gave them, or empty.
        noted: Says in the audit log what they do.
    """

    caller: Principal
    pin_token: str
    noted: AuditEvent


@dataclass(frozen=True)
class HouseholdDesk:
    """Keeps profiles, and lets sessions go on as another viewer."""

    household: Household
    pins: PinDesk
    issuer: Issuer
    revocations: Revocations

    def add(self, wish: NewProfile, shown: Shown, profile_id: str) -> HouseholdProfile:
        """Return a new profile; it lets nobody see more before it is selected.

        Raises:
            HouseholdFullError: The household has as many as it may.
        """
        owner = self.household.one_of(shown.caller.sub, shown.caller.sub)
        language = wish.language or owner.language
        bare = HouseholdProfile(profile_id, wish.name, language, self.issuer.clock.now())
        given = wish.model_dump(exclude={"name", "language"})
        made = changed(bare, ProfileChange(**given))
        self.household.add(owner.id, made, most_of(shown.caller.tier), Told(shown.noted))
        return made

    def change(self, profile_id: str, wish: ProfileChange, shown: Shown) -> HouseholdProfile:
        """Return a profile with a change made to it.

        Raises:
            ProfileNotFoundError: There is none.
            OwnProfileError: It is the account's own.
            PinNeededError: More would be seen, and the PIN was not shown.
        """
        proof = self.pins.proof(shown.pin_token, shown.caller)

        def decided(kept: HouseholdProfile, controls: Controls) -> HouseholdProfile:
            wanted = changed(kept, wish)
            must_be_grown(kept, wanted, controls, proof)
            return wanted

        return self.household.change(shown.caller.sub, profile_id, decided, Told(shown.noted))

    def remove(self, profile_id: str, shown: Shown) -> None:
        """Forget a profile and end its sessions; where there is a PIN, for those who know it.

        Raises:
            ProfileNotFoundError: There is none.
            OwnProfileError: It is the account's own.
            PinNeededError: The PIN was not shown.
        """
        proof = self.pins.proof(shown.pin_token, shown.caller)

        def allowed(controls: Controls) -> None:
            if not is_proven(controls, proof):
                raise PinNeededError

        self.household.remove(shown.caller.sub, profile_id, allowed, Told(shown.noted))

    def select(self, profile_id: str, shown: Shown) -> SelectedToken:
        """Return an access token of the same session that speaks of another viewer.

        The one that was shown is dead within seconds, and refreshed ones speak of that viewer.

        Raises:
            ProfileNotFoundError: There is none.
            NoSessionError: The token that was shown is of no session.
            PinNeededError: The viewer may see more than the one before, and the PIN was not shown.
        """
        who, proof = shown.caller, self.pins.proof(shown.pin_token, shown.caller)

        def allowed(chosen: Chosen, controls: Controls) -> None:
            must_be_grown(chosen.before, chosen.after, controls, proof)

        family = self.household.select(who.session, who.sub, profile_id, allowed, Told(shown.noted))
        if who.expires_at is not None:
            left = who.expires_at + LEEWAY - self.issuer.clock.now()
            self.revocations.token(who.token_id, left)
        covered = [scope for scope in family.scopes if scope in who.scopes]
        return SelectedToken(
            access_token=self.issuer.access_token(family, covered),
            token_type="Bearer",  # noqa: S106 - a kind of token
            expires_in=int(ACCESS_LIFE.total_seconds()),
            scope=" ".join(covered),
            profile_id=profile_id,
        )
