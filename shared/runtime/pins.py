"""The rules of parental controls and their PIN, joined with what they stand on."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.adapters.password_hashing import Argon2Hasher
from shared.adapters.redis.pins import RedisGrants
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sealing import IDENTITY, sealer
from shared.adapters.sql.identity.parental import SqlParentalControls
from shared.identity.parental_pin import PinDesk
from shared.kernel.ids import TimeOrderedIds
from shared.runtime.tries import counted_for_all

if TYPE_CHECKING:
    from shared.adapters.outbox import Publisher
    from shared.identity.passwords import Hasher
    from shared.kernel.clock import Clock


class PinRules:
    """What the endpoints of parental controls ask, made when first asked for.

    Args:
        clock: The time.
        publisher: Sends what asks for letters; None where nothing does.
        hasher: Compares PINs.
    """

    def __init__(
        self, clock: Clock, publisher: Publisher | None = None, hasher: Hasher | None = None
    ) -> None:
        self.clock, self.publisher = clock, publisher
        self._hasher = hasher or Argon2Hasher()
        self.ids = TimeOrderedIds(clock)

    @cached_property
    def controls(self) -> SqlParentalControls:
        """Parental controls as they are kept."""
        return SqlParentalControls(self.publisher, RedisRevocations(), self.clock)

    @cached_property
    def pins(self) -> PinDesk:
        """Believes those who know the PIN.

        Raises:
            UnavailableError: The key that seals its hash cannot be read.
        """
        return PinDesk(
            controls=self.controls,
            hasher=self._hasher,
            sealer=sealer(IDENTITY),
            throttle=counted_for_all(self.clock),
            grants=RedisGrants(),
            clock=self.clock,
            ids=self.ids,
        )
