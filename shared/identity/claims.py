"""What an access token says (RFC 9068 §2.2, spec/auth §5.3): never a mail address or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from shared.identity.families import Family
    from shared.identity.limits import Limits


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
    optional = {
        "region": subject.region,
        "pid": subject.profile_id,
        **_limits(family.limits, now),
    }
    return found | {name: value for name, value in optional.items() if value}


def _limits(limits: Limits, now: datetime) -> dict[str, Any]:
    """Return what a viewer may see, and the seconds between which they may watch."""
    found: dict[str, Any] = {
        "max_rating": limits.max_rating,
        "blocked_genres": list(limits.blocked_genres),
        "declined": list(limits.declined),
    }
    if limits.window is not None:
        opens, closes = (int(each.timestamp()) for each in limits.window.opening(now))
        found |= {"viewing_from": opens, "viewing_until": closes}
    return found
