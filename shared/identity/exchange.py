"""Tokens that are made of something else than a session's own: of a key, or of another token.

None has a refresh token beside it, and none says when its user proved who they are: nobody steps
up with a token that somebody else holds (RFC 9470 §3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.identity.claims import access_claims
from shared.identity.families import Family
from shared.identity.scopes import parse, permitted
from shared.kernel.principal import ADMIN_SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from shared.identity.api_keys import Used
    from shared.identity.tokens import Issuer
    from shared.kernel.principal import Principal

EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
"""RFC 8693 §2.1."""
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a kind of token
"""RFC 8693 §3."""


def derived_token(
    issuer: Issuer,
    family: Family,
    scopes: Iterable[str],
    *,
    life: timedelta,
    actor: str = "",
    audience: str = "",
) -> str:
    """Return a token in a session's name that is none of the session's own.

    Args:
        issuer: Signs it.
        family: What it says; ``amr`` and ``auth_time`` are left out.
        scopes: It covers.
        life: From now on.
        actor: Who acts as the user (claim ``act``, RFC 8693 §4.1), or empty.
        audience: For whom; empty is ours.
    """
    said: dict[str, Any] = access_claims(
        family, scopes, token_id=str(issuer.ids.new()), now=issuer.clock.now(), life=life
    )
    for name in ("amr", "auth_time"):
        said.pop(name, None)
    acting = {"act": {"sub": actor}} if actor else {}
    own = {"iss": issuer.name, "aud": audience or issuer.audience}
    return issuer.signed({**own, **said, **acting})


def traded_token(issuer: Issuer, used: Used, *, client_id: str, life: timedelta) -> str:
    """Return the token that a key is traded for: its user's, as far as the key goes.

    Its ``sid`` is the key's id, so that a revoked key is told of as an ended session is.
    """
    family = Family(
        subject=used.subject,
        id=used.id,
        client_id=client_id,
        device_id=used.id,
        scopes=used.scopes,
        methods=(),
        authenticated_at=used.created_at,
        limits=used.limits,
    )
    may = set(permitted(used.subject.roles))
    return derived_token(issuer, family, [s for s in used.scopes if s in may], life=life)


def exchanged_scopes(asked: str, subject: Principal, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return what an exchanged token covers, nothing where more is asked for than there is.

    Args:
        asked: With blanks between; empty asks for all there is.
        subject: Whom the token that is exchanged speaks of.
        allowed: To the application.
    """
    may = tuple(scope for scope in allowed if scope != ADMIN_SCOPE and subject.may(scope))
    wanted = parse(asked)
    return tuple(s for s in may if not wanted or s in wanted) if set(wanted) <= set(may) else ()
