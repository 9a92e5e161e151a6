"""Acting as a user: who may, as whom, and with what token (RFC 8693 §4.1, spec/auth §5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.identity.administration import (
    IMPERSONATION_LIFE,
    ActingToken,
    NotImpersonatedError,
    OwnAccountError,
)
from shared.identity.exchange import derived_token
from shared.identity.families import Family
from shared.identity.scopes import USER_SCOPES
from shared.kernel.principal import Role

if TYPE_CHECKING:
    from shared.identity.limits import Limits
    from shared.identity.sessions import Subject
    from shared.identity.tokens import Issuer
    from shared.kernel.principal import Principal


def must_be_another(admin: Principal, user_id: str) -> None:
    """Refuse what administrators do not do to themselves.

    Raises:
        OwnAccountError: It is their own account.
    """
    if admin.sub == user_id:
        raise OwnAccountError("ask another administrator to do this to your account")


def acting_token(
    issuer: Issuer, admin: Principal, subject: Subject | None, limits: Limits
) -> ActingToken:
    """Return a token with which an administrator acts as a user, for a quarter of an hour.

    Args:
        issuer: Signs it.
        admin: Who acts, proven just now by a second factor.
        subject: As whom, None where the account may have no session.
        limits: Of the account.

    Raises:
        NotImpersonatedError: Nobody acts as this account.
    """
    if subject is None or Role.ADMIN in subject.roles or subject.user_id == admin.sub:
        raise NotImpersonatedError("nobody acts as an administrator or as a closed account")
    made = str(issuer.ids.new())
    family = Family(
        subject=subject,
        id=made,
        client_id=admin.client_id,
        device_id=made,
        scopes=USER_SCOPES,
        methods=(),
        authenticated_at=issuer.clock.now(),
        limits=limits,
    )
    token = derived_token(issuer, family, USER_SCOPES, life=IMPERSONATION_LIFE, actor=admin.sub)
    seconds = int(IMPERSONATION_LIFE.total_seconds())
    return ActingToken(access_token=token, expires_in=seconds, scope=" ".join(USER_SCOPES))
