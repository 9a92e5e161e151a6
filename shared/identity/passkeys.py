"""Passkeys: keys that a user's devices hold for this product alone (WebAuthn level 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shared.kernel.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.identity.accounts import Account, Told

MOST = 20
"""Passkeys of one account."""
UNNAMED = "Passkey"
WRONG = "the passkey does not fit, or it took too long"
"""What is said of every answer that is refused: which of its checks failed helps nobody else."""


class PasskeyLimitError(ConflictError):
    """The account has as many passkeys as one may have."""

    code = "passkey-limit"


class PasskeyKnownError(ConflictError):
    """The passkey is registered already."""

    code = "passkey-exists"


class PasskeyUnknownError(NotFoundError):
    """The account has no such passkey."""

    code = "passkey-unknown"


@dataclass(frozen=True)
class NewKey:
    """What a device made.

    Attributes:
        credential_id: Tells keys apart, at most 1,023 bytes.
        public_key: As COSE writes it (RFC 9052 §7).
        sign_count: Of its uses so far; 0 where the device counts nothing.
        transports: By which it is reached (``internal``, ``usb`` …).
        backed_up: Its owner's devices share it.
    """

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool


@dataclass(frozen=True)
class Passkey:
    """A key of a user's.

    Attributes:
        name: As its user calls it.
    """

    id: str
    user_id: str
    key: NewKey
    name: str
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class Use:
    """A good signature.

    Attributes:
        sign_count: As the device tells it now.
        verified: The device knew its user, by a PIN, a finger or a face.
        backed_up: Its owner's devices share the key by now.
    """

    sign_count: int
    verified: bool
    backed_up: bool


@dataclass(frozen=True)
class Assertion:
    """What of a browser's answer has to be known before it can be judged; nothing of it is proven.

    Attributes:
        user_handle: Whose the key is, as the device says; empty where it says nothing.
    """

    challenge: bytes
    credential_id: bytes
    user_handle: bytes


class Ceremonies(Protocol):
    """Registration and authentication of WebAuthn, for the host and the origins of ours."""

    def creation_options(
        self, account: Account, known: Sequence[Passkey], challenge: bytes
    ) -> dict[str, Any]:
        """Return the options of ``navigator.credentials.create`` as JSON."""

    def request_options(
        self, known: Sequence[Passkey], challenge: bytes, *, verified: bool
    ) -> dict[str, Any]:
        """Return the options of ``navigator.credentials.get`` as JSON.

        Args:
            known: Keys that will do; none asks the user to choose.
            challenge: Random, signed by the device.
            verified: The device has to know its user.
        """

    def challenge_of(self, shown: Mapping[str, Any]) -> bytes:
        """Return the challenge that a new key answers; nothing of it is proven.

        Raises:
            FactorWrongError: It cannot be read.
        """

    def read(self, shown: Mapping[str, Any]) -> Assertion:
        """Return what a key answers; nothing of it is proven.

        Raises:
            FactorWrongError: It cannot be read.
        """

    def register(self, shown: Mapping[str, Any], challenge: bytes) -> NewKey:
        """Return a new key (WebAuthn §7.1).

        Raises:
            FactorWrongError: It answers another challenge, host or origin, or did not know its
                user.
        """

    def verify(
        self, shown: Mapping[str, Any], challenge: bytes, key: NewKey, *, verified: bool
    ) -> Use:
        """Return a use of a key (WebAuthn §7.2); whether its count has risen is for the caller.

        Raises:
            FactorWrongError: It answers another challenge, host or origin, is not signed by the
                key, or did not know its user where it has to.
        """


class Passkeys(Protocol):
    """Passkeys as they are kept; what a call writes, it writes whole or not at all."""

    def of(self, user_id: str) -> tuple[Passkey, ...]:
        """Return those of a user, the oldest first."""

    def by_credential(self, credential_id: bytes) -> Passkey | None:
        """Return one by what its device calls it."""

    def add(self, passkey: Passkey, backup_hashes: Sequence[bytes], told: Told) -> bool:
        """Keep a new one; True where the account had no second factor before.

        Only then are the backup codes kept.

        Raises:
            PasskeyLimitError: The account has `MOST`.
            PasskeyKnownError: It is registered already.
        """

    def use(self, passkey: Passkey, use: Use, at: datetime) -> bool:
        """Note a use; False where the key's count has not risen, so that two must have it."""

    def rename(self, passkey_id: str, user_id: str, name: str) -> Passkey:
        """Give one another name.

        Raises:
            PasskeyUnknownError: The user has no such passkey.
        """

    def remove(self, passkey_id: str, user_id: str, told: Told) -> None:
        """Forget one, and the backup codes with the last factor.

        Raises:
            PasskeyUnknownError: The user has no such passkey.
        """
