"""What an access token says (RFC 9068 §2.2, spec/auth §5.3): never a mail address or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from shared.identity.families import Family


def access_claims(
    family: Family, scopes: Iterable[str], *, token_id: str, now: datetime, life: timedelta
) -> dict[str, Any]:
    """Return the claims of a session's access token, all but ``iss`` and ``aud``.

    Args:
        family: The session.
        scopes: Of this token, at most the session's.
        token_id: Claim ``jti``.
        now: When it is issued, and from when on it is good.
        life: How long it is.
    """
    subject, issued = family.subject, int(now.timestamp())
    found = {
        "sub": subject.user_id,
        "client_id": family.client_id,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(life.total_seconds()),
        "jti": token_id,
        "scope": " ".join(scopes),
        "roles": list(subject.roles),
        "tier": subject.tier,
        "sid": family.id,
        "device_id": family.device_id,
        "amr": list(family.methods),
        "auth_time": int(family.authenticated_at.timestamp()),
        "ver": subject.version,
    }
    optional = {"region": subject.region, "max_rating": subject.max_rating}
    return found | {name: value for name, value in optional.items() if value}
