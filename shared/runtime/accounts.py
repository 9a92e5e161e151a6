"""The rules of accounts, joined with what they stand on."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from shared.adapters.password_hashing import Argon2Hasher
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sealing import sealer
from shared.adapters.sql.identity.accounts import SqlAccounts
from shared.adapters.sql.identity.accounts_letters import KEY
from shared.identity.accounts_password import PasswordDesk
from shared.identity.accounts_register import Letters, Registration
from shared.kernel.ids import TimeOrderedIds
from shared.runtime.tries import counted_for_all

if TYPE_CHECKING:
    from shared.adapters.redis.throttle import DegradingThrottle
    from shared.identity.passwords import Hasher
    from shared.kernel.clock import Clock


class AccountRules:
    """What the account endpoints ask, made when first asked for.

    Args:
        clock: The time.
        hasher: Keeps passwords; one process has one, which bounds its hashes.
    """

    def __init__(self, clock: Clock, hasher: Hasher | None = None) -> None:
        self.clock, self.hasher = clock, hasher or Argon2Hasher()

    @cached_property
    def registration(self) -> Registration:
        """Makes accounts and verifies addresses."""
        return Registration(self.accounts, self.hasher, self.letters)

    @cached_property
    def passwords(self) -> PasswordDesk:
        """Gives accounts new passwords."""
        return PasswordDesk(self.accounts, self.hasher, self.letters)

    @cached_property
    def letters(self) -> Letters:
        """Asks for letters.

        Raises:
            UnavailableError: The key that seals addresses cannot be read.
        """
        keys = sealer(KEY)

        def seal(email: str, event_id: str) -> str:
            return keys.seal(email, place=event_id)

        return Letters(self.throttle, seal, TimeOrderedIds(self.clock), self.clock)

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Accounts as they are kept."""
        return SqlAccounts(self.publisher, RedisRevocations())

    @cached_property
    def publisher(self) -> PubSubPublisher:
        """Sends what was written to the outbox."""
        return PubSubPublisher()

    @cached_property
    def throttle(self) -> DegradingThrottle:
        """Counts tries."""
        return counted_for_all(self.clock)
