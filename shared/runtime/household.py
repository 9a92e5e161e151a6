"""The rules of households, joined with what they stand on."""

from __future__ import annotations

from functools import cached_property

from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.household import SqlHousehold
from shared.identity.household_desk import HouseholdDesk
from shared.runtime import issuing
from shared.runtime.pins import PinRules


class HouseholdRules(PinRules):
    """What the endpoints of households ask, made when first asked for."""

    @cached_property
    def profiles(self) -> SqlHousehold:
        """Profiles as they are kept."""
        return SqlHousehold(self.publisher, RedisRevocations(), self.clock)

    @cached_property
    def desk(self) -> HouseholdDesk:
        """Keeps profiles.

        Raises:
            UnavailableError: No issuer is named, or its keys cannot be read.
        """
        return HouseholdDesk(self.profiles, self.pins, issuing.issuer(), RedisRevocations())
