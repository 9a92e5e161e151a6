"""WebAuthn as py_webauthn judges it: attestation is not asked for, keys stay with the user."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.identity.factors import LABEL, FactorWrongError
from shared.identity.factors_challenges import LIFE
from shared.identity.passkeys import WRONG, Assertion, NewKey, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    from shared.identity.accounts import Account
    from shared.identity.passkeys import Passkey

logger = logging.getLogger(__name__)

TIMEOUT_MS = round(LIFE.total_seconds() * 1000)


class PyWebAuthn:
    """`shared.identity.passkeys.Ceremonies`.

    Args:
        host: Relying party id: the keys are for it and for hosts below.
        origins: Of pages and apps that may ask for a key.
    """

    def __init__(self, host: str, origins: Sequence[str]) -> None:
        self._host, self._origins = host, list(origins)

    def creation_options(
        self, account: Account, known: Sequence[Passkey], challenge: bytes
    ) -> dict[str, Any]:
        """Return the options of ``navigator.credentials.create``, for a key that names its user."""
        from webauthn import generate_registration_options  # noqa: PLC0415 - 100 ms, seldom needed
        from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415 - likewise

        chosen = structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        options = generate_registration_options(
            rp_id=self._host,
            rp_name=LABEL,
            user_id=handle_of(account.id),
            user_name=account.email,
            user_display_name=account.display_name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=chosen,
            exclude_credentials=_descriptors(known),
        )
        return options_to_json_dict(options)

    def request_options(
        self, known: Sequence[Passkey], challenge: bytes, *, verified: bool
    ) -> dict[str, Any]:
        """Return the options of ``navigator.credentials.get``."""
        from webauthn import generate_authentication_options  # noqa: PLC0415 - see above
        from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415 - likewise

        wanted = structs.UserVerificationRequirement
        options = generate_authentication_options(
            rp_id=self._host,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_descriptors(known),
            user_verification=wanted.REQUIRED if verified else wanted.PREFERRED,
        )
        return options_to_json_dict(options)

    def challenge_of(self, shown: Mapping[str, Any]) -> bytes:
        """Return the challenge that a new key answers."""
        return _challenge(shown)

    def read(self, shown: Mapping[str, Any]) -> Assertion:
        """Return what a key answers."""
        try:
            said = shown["response"].get("userHandle") or ""
            return Assertion(_challenge(shown), _bytes(shown["rawId"]), _bytes(said))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise FactorWrongError(WRONG) from error

    def register(self, shown: Mapping[str, Any], challenge: bytes) -> NewKey:
        """Return a new key."""
        from webauthn import verify_registration_response  # noqa: PLC0415 - see above

        found = _judged(
            lambda: verify_registration_response(
                credential=dict(shown),
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origins,
                require_user_verification=True,
            )
        )
        return NewKey(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=_transports(shown),
            backed_up=found.credential_backed_up,
        )

    def verify(
        self, shown: Mapping[str, Any], challenge: bytes, key: NewKey, *, verified: bool
    ) -> Use:
        """Return a use of a key.

        The library refuses a count that has not risen before it looks at the signature, which would
        let anybody raise an alarm about anybody's key: it is told of no count.
        """
        from webauthn import verify_authentication_response  # noqa: PLC0415 - see above

        found = _judged(
            lambda: verify_authentication_response(
                credential=dict(shown),
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origins,
                credential_public_key=key.public_key,
                credential_current_sign_count=0,
                require_user_verification=verified,
            )
        )
        return Use(found.new_sign_count, found.user_verified, found.credential_backed_up)


def handle_of(user_id: str) -> bytes:
    """Return what a device knows a user by: it says nothing of them (WebAuthn §14.6.1)."""
    return UUID(user_id).bytes


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers import structs  # noqa: PLC0415 - see above

    return [
        structs.PublicKeyCredentialDescriptor(
            id=each.key.credential_id,
            transports=[structs.AuthenticatorTransport(name) for name in each.key.transports],
        )
        for each in known
    ]


def _judged(verify: Callable[[], Any]) -> Any:  # noqa: ANN401 - of either ceremony
    """Return what the library found; whatever it raises comes of what a stranger wrote."""
    try:
        return verify()
    except Exception as error:
        logger.info("passkey.refused", extra={"reason": type(error).__name__})
        raise FactorWrongError(WRONG) from error


def _challenge(shown: Mapping[str, Any]) -> bytes:
    """Return the challenge of the client data, which was signed on a page of its own origin."""
    try:
        said = orjson.loads(_bytes(shown["response"]["clientDataJSON"]))
        framed = said.get("crossOrigin", False)
        found = _bytes(said["challenge"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FactorWrongError(WRONG) from error
    if framed is not False:
        raise FactorWrongError(WRONG)
    return found


def _transports(shown: Mapping[str, Any]) -> tuple[str, ...]:
    from webauthn.helpers.structs import AuthenticatorTransport  # noqa: PLC0415 - see above

    given = shown["response"].get("transports")
    said = set(map(str, given)) if isinstance(given, list) else set()
    return tuple(sorted(each.value for each in AuthenticatorTransport if each.value in said))


def _bytes(written: str) -> bytes:
    """Return base64url without padding; what is none raises `ValueError`."""
    return urlsafe_b64decode(f"{written}{'=' * (-len(written) % 4)}")
