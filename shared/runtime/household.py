"""The rules of households and of parental controls, joined with what they stand on."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.adapters.redis.pins import RedisGrants
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sealing import IDENTITY, sealer
from shared.adapters.sql.identity.household import SqlHousehold
from shared.adapters.sql.identity.parental import SqlParentalControls
from shared.identity.household_desk import HouseholdDesk
from shared.identity.parental_pin import PinDesk
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import issuing
from shared.runtime.accounts import AccountRules

if TYPE_CHECKING:
    from shared.adapters.outbox import Publisher
    from shared.kernel.clock import Clock


class HouseholdRules:
    """What the endpoints of households and parental controls ask, made when first asked for.

    Args:
        clock: The time.
        publisher: Sends what asks for letters.
        accounts: Compares PINs, and counts tries.
    """

    def __init__(
        self, clock: Clock, publisher: Publisher, accounts: AccountRules | None = None
    ) -> None:
        self.clock, self._publisher = clock, publisher
        self.accounts = accounts or AccountRules(clock)
        self.ids = TimeOrderedIds(clock)

    @cached_property
    def controls(self) -> SqlParentalControls:
        """Parental controls as they are kept."""
        return SqlParentalControls(self._publisher, RedisRevocations(), self.clock)

    @cached_property
    def profiles(self) -> SqlHousehold:
        """Profiles as they are kept."""
        return SqlHousehold(self._publisher, RedisRevocations(), self.clock)

    @cached_property
    def pins(self) -> PinDesk:
        """Believes those who know the PIN.

        Raises:
            UnavailableError: The key that seals its hash cannot be read.
        """
        return PinDesk(
            controls=self.controls,
            hasher=self.accounts.hasher,
            sealer=sealer(IDENTITY),
            throttle=self.accounts.throttle,
            grants=RedisGrants(),
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def desk(self) -> HouseholdDesk:
        """Keeps profiles.

        Raises:
            UnavailableError: No issuer is named, or its keys cannot be read.
        """
        return HouseholdDesk(self.profiles, self.pins, issuing.issuer(), RedisRevocations())
