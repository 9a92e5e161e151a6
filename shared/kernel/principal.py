"""Who calls, what they may do, and how they are told that they may not.

Claims are those of an access token in the RFC 9068 profile; every service reads them here, so that
one set of names holds for the issuer, the gateway and whoever decides.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.kernel.errors import DeniedError, UnauthenticatedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REALM = 'Bearer realm="media-gateway"'
RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
"""Where the API says who signs its tokens (RFC 9728 §3)."""
LAST_SECOND = 4_102_444_800
"""The year 2100: a token that speaks of a later time is not believed."""


class Kind(StrEnum):
    """What sort of caller it is."""

    ANONYMOUS = "anonymous"
    USER = "user"
    SERVICE = "service"


class Tier(StrEnum):
    """What a caller's quotas are counted by, and nothing else."""

    ANONYMOUS = "anonymous"
    FREE = "free"
    PREMIUM = "premium"
    ENTERPRISE = "enterprise"


class Role(StrEnum):
    """What an account is; a token may carry others, which open nothing."""

    ANONYMOUS = "anonymous"
    USER = "user"
    PREMIUM = "premium"
    FAMILY_ADMIN = "family_admin"
    ADMIN = "admin"
    SERVICE = "service"


class Purpose(StrEnum):
    """What is kept of what users do is kept for one of these (spec/auth §4.1)."""

    ACTIVITY = "activity"
    """What is watched, rated and looked at, as events of the stream ``user-activity``."""
    ANALYTICS = "analytics"
    """Searches and what they lead to, counted without names."""
    PERSONALIZATION = "personalization"
    """Answers that depend on what their viewer did before."""


ADMIN_SCOPE = "admin:full"
KEY_CLIENT = "api-key:"
"""How ``client_id`` begins in tokens that API keys are traded for; the key's id follows."""
RATINGS = ("G", "PG", "PG-13", "R", "NC-17")
"""What a ceiling may be, lowest first."""


class Principal(NamedTuple):
    """Who calls.

    One is made for every new token, and a frozen dataclass of so many fields takes thrice as long.

    Attributes:
        kind: A user is a person's session, a service a client that acts for itself.
        sub: Id of the user, or of the client that acts for itself; empty for nobody and where a
            function was let in by its identity token.
        pid: Profile of the household; the user's own id where the token names none.
        client_id: The application.
        session: Family of refresh tokens that the token comes from.
        token_id: Id of the token.
        version: Of the user's tokens; a lower one than the user's own is dead.
        region: ISO 3166-1 alpha-2, or empty.
        max_rating: Ceiling of the profile, one of `RATINGS`, or empty for none.
        blocked_genres: Nothing of these is shown to the profile.
        declined: Purposes that nothing may be kept or used for, of `Purpose`.
        viewing: Instants from and until which may be watched, None for always.
        methods: How the user proved who they are (RFC 8176).
        authenticated_at: When they did, where the token says it.
        actor: Who acts as `sub` (RFC 8693 §4.1), or empty.
        expires_at: When the token ends; None where there is none.
    """

    kind: Kind
    sub: str = ""
    pid: str = ""
    tier: Tier = Tier.ANONYMOUS
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    client_id: str = ""
    session: str = ""
    token_id: str = ""
    version: int = 0
    device_id: str = ""
    region: str = ""
    max_rating: str = ""
    blocked_genres: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    viewing: tuple[datetime, datetime] | None = None
    methods: tuple[str, ...] = ()
    authenticated_at: datetime | None = None
    actor: str = ""
    expires_at: datetime | None = None

    def may_watch(self, now: datetime) -> bool:
        """Tell whether this is a time at which the viewer may watch (docs/decisions/0027)."""
        return self.viewing is None or self.viewing[0] <= now < self.viewing[1]

    def allows(self, purpose: Purpose) -> bool:
        """Tell whether what the caller does may be kept, or used, for a purpose."""
        return purpose not in self.declined

    @property
    def is_delegated(self) -> bool:
        """Whether a program acts for the user, by an API key or an exchanged token (RFC 8693)."""
        exchanged = bool(self.actor) and self.actor == self.client_id
        return exchanged or self.client_id.startswith(KEY_CLIENT)

    def may(self, scope: str) -> bool:
        """Tell whether the token covers `scope`; ``write:x`` covers ``read:x`` too."""
        action, _, thing = scope.partition(":")
        return scope in self.scopes or (action == "read" and f"write:{thing}" in self.scopes)


ANONYMOUS = Principal(Kind.ANONYMOUS)
FUNCTION = Principal(Kind.SERVICE)
"""A function of ours, whose identity token was checked before the request came here."""


class TokenMissingError(UnauthenticatedError):
    """No token was shown where one is needed.

    Attributes:
        challenge: Value of ``WWW-Authenticate``, without an error (RFC 6750 §3.1).
    """

    challenge = REALM


class TokenInvalidError(UnauthenticatedError):
    """A token was shown that is not acceptable; the message never quotes it.

    Attributes:
        challenge: Value of ``WWW-Authenticate`` (RFC 6750 §3).
    """

    code = "token-invalid"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.challenge = f'{REALM}, error="invalid_token", error_description="{message}"'


class TokenExpiredError(TokenInvalidError):
    """The token was good once."""

    code = "token-expired"


class InsufficientScopeError(DeniedError):
    """The token does not cover what the route needs.

    Attributes:
        challenge: Value of ``WWW-Authenticate``, naming every scope that is needed (RFC 6750 §3.1).
    """

    code = "insufficient-scope"

    def __init__(self, scopes: Iterable[str]) -> None:
        named = " ".join(sorted(scopes))
        super().__init__(f"the token does not cover {named}")
        self.challenge = f'{REALM}, error="insufficient_scope", scope="{named}"'


class NotCoveredError(DeniedError):
    """No scope covers this, so it is the user's own to do and no program's."""

    code = "not-covered"


_NEEDS = {"optional": None, "user": Kind.USER, "admin": Kind.USER}


def permit(principal: Principal, auth: str, scopes: Iterable[str]) -> None:
    """Refuse a caller whom a route is not for.

    Args:
        principal: Verified.
        auth: Mode of a route that looks at the caller: ``optional``, ``user`` or ``admin``; any
            other lets nobody in.
        scopes: Those the route needs; asked of everybody but the anonymous, whom ``optional``
            alone lets in.

    Raises:
        TokenMissingError: A user is needed, and nobody showed a token.
        DeniedError: It is no user, or no administrator.
        NotCoveredError: The route is a user's, names no scope, and a program acts for the user.
        InsufficientScopeError: The token does not cover the scopes.
    """
    if auth not in _NEEDS:
        raise DeniedError(f"nobody is let in by {auth!r}")
    anonymous = principal.kind is Kind.ANONYMOUS
    if anonymous and auth != "optional":
        raise TokenMissingError("this needs a user: send a bearer token")
    if auth != "optional" and principal.kind is not _NEEDS[auth]:
        raise DeniedError("this is for users")
    if auth == "admin" and Role.ADMIN not in principal.roles:
        raise DeniedError("this is for administrators")
    if auth == "user" and not scopes and principal.is_delegated:
        raise NotCoveredError("this is the user's own to do: no program does it for them")
    needed = {*scopes, ADMIN_SCOPE} if auth == "admin" else set(scopes)
    if not anonymous and not all(principal.may(scope) for scope in needed):
        raise InsufficientScopeError(needed)


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """Return who a token speaks of.

    Issuer, audience and times are the validator's to judge; here every claim must have its form. A
    missing one is a failure (RFC 8725 §3); a token of a service has no session and no version.

    Raises:
        TokenInvalidError: Naming the claim.
    """
    roles = frozenset(_strings(claims, "roles"))
    service = Role.SERVICE in roles
    sub = _text(claims, "sub")
    return Principal(
        kind=Kind.SERVICE if service else Kind.USER,
        sub=sub,
        pid=_optional(claims, "pid") or sub,
        tier=_tier(_text(claims, "tier")),
        roles=roles,
        scopes=_scopes(claims),
        client_id=_text(claims, "client_id"),
        session="" if service else _text(claims, "sid"),
        token_id=_text(claims, "jti"),
        version=0 if service else _whole(claims, "ver"),
        device_id=_optional(claims, "device_id"),
        region=_optional(claims, "region"),
        max_rating=_rating(_optional(claims, "max_rating")),
        blocked_genres=_listed(claims, "blocked_genres"),
        declined=_listed(claims, "declined"),
        viewing=_viewing(claims),
        methods=_listed(claims, "amr"),
        authenticated_at=_time(claims, "auth_time") if "auth_time" in claims else None,
        actor=_actor(claims),
        expires_at=_time(claims, "exp"),
    )


def moment(claims: Mapping[str, Any], name: str) -> float:
    """Return the Unix second of a claim that is a NumericDate (RFC 7519 §2).

    Raises:
        TokenInvalidError: It is missing, or no second from 1970 to 2100.
    """
    found: float = claims.get(name)  # type: ignore[assignment]
    if type(found) not in _NUMBERS or not 0 <= found <= LAST_SECOND:
        raise _wrong(name)
    return found


_NUMBERS = (int, float)
"""Types of a NumericDate; a bool, which Python takes for a number, is none."""


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    return datetime.fromtimestamp(moment(claims, name), UTC)


def _wrong(name: str) -> TokenInvalidError:
    return TokenInvalidError(f"claim {name} is missing or has no acceptable value")


def _text(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name)
    if isinstance(found, str) and found:
        return found
    raise _wrong(name)


def _optional(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name)
    if found is None:
        return ""
    if isinstance(found, str) and found:
        return found
    raise _wrong(name)


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return those of ``scope``, which may be empty and may not be missing."""
    found = claims.get("scope")
    if isinstance(found, str):
        return _parted(found)
    raise _wrong("scope")


@lru_cache(maxsize=256)
def _parted(scope: str) -> frozenset[str]:
    """Many tokens carry the same few lists."""
    return frozenset(scope.split())


def _strings(claims: Mapping[str, Any], name: str) -> list[str]:
    found = claims.get(name)
    if not isinstance(found, list):
        raise _wrong(name)
    for each in found:
        if type(each) is not str:
            raise _wrong(name)
    return found


def _listed(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_strings(claims, name)) if name in claims else ()


def _whole(claims: Mapping[str, Any], name: str) -> int:
    found = claims.get(name)
    if type(found) is int and found >= 0:
        return found
    raise _wrong(name)


_TIERS = {tier.value: tier for tier in Tier}


def _tier(value: str) -> Tier:
    if value in _TIERS:
        return _TIERS[value]
    raise _wrong("tier")


def _rating(value: str) -> str:
    """A ceiling that nobody knows would be no ceiling."""
    if value and value not in RATINGS:
        raise _wrong("max_rating")
    return value


def _viewing(claims: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """Return from and until when may be watched; one claim without the other is a mistake."""
    if "viewing_from" not in claims and "viewing_until" not in claims:
        return None
    return _time(claims, "viewing_from"), _time(claims, "viewing_until")


def _actor(claims: Mapping[str, Any]) -> str:
    found = claims.get("act")
    if found is None:
        return ""
    if isinstance(found, dict):
        return _text(found, "sub")
    raise _wrong("act")
