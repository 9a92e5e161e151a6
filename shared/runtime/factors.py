"""Second factors, joined with what they stand on."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.adapters.redis.challenges import RedisChallenges
from shared.adapters.sealing import IDENTITY, pepper, sealer
from shared.adapters.sql.identity.factors import SqlFactors
from shared.adapters.sql.identity.factors_needs import SqlNeeds
from shared.adapters.sql.identity.factors_renewals import SqlRenewals
from shared.adapters.sql.identity.passkeys import SqlPasskeys
from shared.adapters.totp import PyotpCodes
from shared.adapters.webauthn import PyWebAuthn
from shared.identity.factors_desk import FactorDesk
from shared.identity.factors_judge import FactorJudge, Tools
from shared.identity.factors_step_up import StepUp
from shared.identity.passkeys_desk import PasskeyDesk
from shared.identity.passkeys_judge import PasskeyJudge
from shared.identity.passkeys_sign_in import PasskeySignIn
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnavailableError
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import issuing
from shared.runtime.accounts import AccountRules
from shared.runtime.auth_counted import CountedSecondStep
from shared.runtime.settings import settings
from shared.runtime.sign_in import WAITING, sign_in

if TYPE_CHECKING:
    from shared.identity.accounts_sign_in import SignIn
    from shared.identity.factors_waiting import SecondStep

BACKUP_CODES = "backup-codes"
"""What the pepper of backup codes is drawn for."""
PASSKEYS = "webauthn"
"""Under which challenges of passkeys wait in Redis."""


@cache
def rules() -> FactorRules:
    """Return what this process asks of second factors, where it asks nothing else of accounts."""
    return FactorRules(AccountRules(SystemClock()))


def secrets() -> None:
    """Make sure that tokens can be signed and secrets opened."""
    _ = rules().step_up


class FactorRules:
    """What the endpoints and pages of second factors ask, made when first asked for.

    Args:
        accounts: Factors use the same accounts, tries, hasher and clock.
    """

    def __init__(self, accounts: AccountRules) -> None:
        self._accounts = accounts

    @cached_property
    def factors(self) -> FactorJudge:
        """Judges factors (`shared.identity.factors.Factors`).

        Raises:
            UnavailableError: The key that seals secrets cannot be read.
        """
        base = self._accounts
        tools = Tools(
            codes=PyotpCodes(),
            seals=sealer(IDENTITY),
            pepper=pepper(BACKUP_CODES),
            throttle=base.throttle,
            clock=base.clock,
            ids=TimeOrderedIds(base.clock),
        )
        return FactorJudge(base.accounts, SqlNeeds(), self._kept, self._passkeys, tools)

    @cached_property
    def own(self) -> FactorDesk:
        """Sets up and takes off authenticator apps and backup codes."""
        return FactorDesk(self.factors, self._kept)

    @cached_property
    def own_passkeys(self) -> PasskeyDesk:
        """Registers and takes off passkeys."""
        return PasskeyDesk(self.factors)

    @cached_property
    def signing_in(self) -> SignIn:
        """Opens sessions."""
        return sign_in(self._accounts)

    @cached_property
    def second_step(self) -> SecondStep:
        """Joins second proofs to first ones."""
        base = self._accounts
        waiting = RedisChallenges(WAITING)
        return CountedSecondStep(base.accounts, self.factors, waiting, base.clock)

    @cached_property
    def by_passkey(self) -> PasskeySignIn:
        """Opens sessions to whoever shows a passkey."""
        return PasskeySignIn(self.signing_in, self.second_step)

    @cached_property
    def step_up(self) -> StepUp:
        """Makes tokens that say how their user proved just now who they are."""
        renewals = SqlRenewals(self._accounts.publisher)
        return StepUp(self.signing_in, self.factors, renewals, issuing.issuer())

    @cached_property
    def _kept(self) -> SqlFactors:
        return SqlFactors(self._accounts.publisher)

    @cached_property
    def _passkeys(self) -> PasskeyJudge:
        base = self._accounts
        return PasskeyJudge(
            accounts=base.accounts,
            passkeys=SqlPasskeys(base.publisher),
            ceremonies=_ceremonies(),
            challenges=RedisChallenges(PASSKEYS),
            clock=base.clock,
        )


def _ceremonies() -> PyWebAuthn:
    """Return WebAuthn for the issuer's host and origin, unless the settings name others.

    Raises:
        UnavailableError: Neither an issuer nor a host is named.
    """
    found = settings()
    issuer = urlsplit(found.issuer)
    host = found.passkey_host or issuer.hostname or ""
    if not host:
        raise UnavailableError("no issuer is configured, so no passkey can be asked for")
    return PyWebAuthn(host, found.passkey_origins or (f"{issuer.scheme}://{issuer.netloc}",))
