"""Second factors: what is asked for after a password, and what shows that somebody has it.

An account with an authenticator app or a passkey has a second factor: from then on a password alone
opens nothing (spec/auth §5.7). What cannot be checked now is refused, never passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shared.identity.throttle import Pace
from shared.kernel.errors import ConflictError, NotFoundError, UnauthenticatedError
from shared.kernel.principal import REALM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.accounts import Act

APP = "otp"
PASSKEY = "passkey"
TRIES = Pace("mfa_fail", 5, 60, 900, 900)
"""Of codes of a user: the sixth within a minute waits, and who goes on guessing waits ever longer
(spec/auth §5.7)."""
LABEL = "MediaGateway"


class FactorWrongError(UnauthenticatedError):
    """The code is not the one, or was used before; or the passkey does not fit.

    Attributes:
        challenge: Value of ``WWW-Authenticate`` (RFC 9110 §11.6.1).
    """

    code = "factor-wrong"
    challenge = REALM


class FactorPendingError(UnauthenticatedError):
    """Nobody waits for a second factor here: the token is over, used, or never was.

    Attributes:
        challenge: Value of ``WWW-Authenticate`` (RFC 9110 §11.6.1).
    """

    code = "mfa-token-invalid"
    challenge = REALM


class FactorActiveError(ConflictError):
    """The account has an authenticator app; its code is needed to replace it."""

    code = "factor-active"


class FactorUnknownError(NotFoundError):
    """The account has no such factor, or none that waits for its first code."""

    code = "factor-unknown"


@dataclass(frozen=True)
class Shown:
    """A passkey that somebody showed.

    Attributes:
        user_id: Whose it is.
        methods: What that proves (RFC 8176); ``mfa`` where it knew its user too.
    """

    user_id: str
    methods: tuple[str, ...]


class Needs(Protocol):
    """Knows who has a second factor."""

    def needed(self, user_id: str) -> tuple[str, ...]:
        """Return what is asked for after a first proof: ``otp``, ``passkey``; empty for nothing.

        Backup codes are taken wherever something is asked for.

        Raises:
            UnavailableError: Nobody can tell now; then nothing is opened.
        """


class Factors(Needs, Protocol):
    """Judges second factors; every call that succeeds has used up what it was shown."""

    def check_otp(self, user_id: str, code: str, act: Act) -> tuple[str, ...]:
        """Return the methods that a code of an authenticator app proves.

        Raises:
            FactorWrongError: It is wrong, or it was used.
            TooManyTriesError: The next try has to wait.
            UnavailableError: Nobody can tell now.
        """

    def check_backup(self, user_id: str, code: str, act: Act) -> tuple[str, ...]:
        """Return the methods that a backup code proves; it is used up, and its user told by mail.

        Raises:
            FactorWrongError: It is none of the user's, or none any more.
            TooManyTriesError: The next try has to wait.
        """

    def begin_passkey(self, user_id: str = "") -> dict[str, Any]:
        """Return the options of ``navigator.credentials.get`` (WebAuthn level 3 §5.5).

        Args:
            user_id: Whose passkeys are asked for; empty asks for any, which must then know its
                user (user verification): it is the only factor.
        """

    def finish_passkey(self, shown: Mapping[str, Any], act: Act, *, user_id: str = "") -> Shown:
        """Return whose passkey answered a challenge, which is used up.

        Args:
            shown: What the browser gave, as JSON (`PublicKeyCredential.toJSON`).
            act: For the audit log.
            user_id: As `begin_passkey` was told it.

        Raises:
            FactorWrongError: It does not fit, the challenge is over, or it was copied.
        """
