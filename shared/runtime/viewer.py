"""Who calls, proven: access tokens of the issuer (RFC 9068), checked by every function itself.

A folder whose routes look at the caller hands `authorize` to `shared.runtime.http`.
"""

from __future__ import annotations

import logging
import re
from binascii import a2b_base64
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from shared.adapters.jwks import KeySource
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnavailableError
from shared.kernel.principal import (
    ADMIN_SCOPE,
    ANONYMOUS,
    FUNCTION,
    Kind,
    Principal,
    TokenExpiredError,
    TokenInvalidError,
    moment,
    permit,
    principal_of,
)
from shared.runtime import metrics
from shared.runtime.logging import note_user
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.adapters.jwks import PublicKey
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

SIZE_LIMIT = 8192
"""Most bytes of a token, spec/auth §5.3."""
LEEWAY = timedelta(seconds=60)
"""How far clocks may be apart, spec/auth §5.3."""
REMEMBERED = 4096
REMEMBERED_SIZE = 2048
"""Most bytes of a token that is remembered, so that all of them have 8 MiB at most."""
HEADERS_REMEMBERED = 64
TYPES = frozenset({"at+jwt", "application/at+jwt"})
"""RFC 9068 §4; compared without case (RFC 7515 §4.1.9)."""

LOOK_AGAIN = timedelta(seconds=3)
"""How often a token in use is looked up among the revoked ones."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_revoked: list[Revoked] = []

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_ALPHABET = bytes.maketrans(b"-_+/=", b"+/!!!")
"""Base64url to base64; what base64 has of its own, padding too, becomes what neither has."""


@dataclass(frozen=True)
class Trust:
    """Whose tokens are acceptable, and for what.

    Attributes:
        issuer: Value of ``iss``.
        audience: Value of ``aud``, or one of its values.
    """

    issuer: str
    audience: str


class KeyFinder(Protocol):
    """Keys of an issuer; `shared.adapters.jwks.KeySource` is one."""

    @property
    def due_at(self) -> datetime:
        """From then on `renew` has something to do."""

    @property
    def generation(self) -> int:
        """Grows when the set changes."""

    async def renew(self) -> None:
        """Ask for the set where it is time to."""

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key of that name."""


class Revoked(Protocol):
    """Knows tokens that are dead before their time (spec/auth §4.2)."""

    async def is_dead(self, principal: Principal) -> bool:
        """Tell whether session, token or version of a token is dead.

        Raises:
            UnavailableError: Nobody can tell now.
        """


class _Known(NamedTuple):
    """A token that was good.

    Attributes:
        look_at: From then on it is to be looked at again: it has ended, or may have been revoked.
        until: When it ends.
        looked: Whether somebody could tell that it was not revoked.
    """

    principal: Principal
    look_at: datetime
    until: datetime
    looked: bool


class Validator:
    """Checks tokens; one that was good is known until it ends.

    Where somebody knows of revoked tokens, they are asked about each one that is shown, once in
    three seconds: with the longest wait for an answer, a revocation is seen within five (spec/auth
    §2). While they do not answer, tokens are judged by what they say themselves (§7).

    It is known by its whole text, which is as safe as by a digest of it: nothing but the very same
    text is taken for it, and how long a look takes tells nothing, since a dict compares texts only
    where their hashes agree, which no caller can bring about: the hash has 64 bits and a random key
    (PEP 456). Memory holds the tokens of requests with or without this.

    Args:
        keys: Of the issuer.
        trust: Whose tokens are acceptable.
        clock: Judges the times.
        revoked: Knows what was revoked, None where nobody does.
    """

    def __init__(
        self, keys: KeyFinder, trust: Trust, clock: Clock, revoked: Revoked | None = None
    ) -> None:
        self._keys = keys
        self._trust = trust
        self._now: Callable[[], datetime] = clock.now
        self._revoked = revoked
        self._lost_until = _NEVER
        self._generation = -1
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._headers: dict[bytes, PublicKey] = {}

    async def check(self, token: str, *, sure: bool = False) -> Principal:
        """Return whom a token speaks of.

        Args:
            token: As `bearer` returns it.
            sure: Refuse it also where nobody could tell whether it was revoked.

        Raises:
            TokenExpiredError: It was good until a minute ago or longer.
            TokenInvalidError: It is not the issuer's, not for us, or not what it should be.
            UnavailableError: No key could be had yet to check it with, or nobody is sure of it.
        """
        now = self._now()
        if now >= self._keys.due_at:
            await self._keys.renew()
        if self._generation != self._keys.generation:
            self._forget()
        known = self._known.get(token)
        if known is None:
            known = await self._verified(token, now)
        elif now >= known[1]:
            known = await self._looked_at(token, known, now)
        else:
            self._known.move_to_end(token)
        if sure and not known[3]:
            raise UnavailableError("nobody can tell now whether the token was revoked")
        return known[0]

    async def _looked_at(self, token: str, known: _Known, now: datetime) -> _Known:
        """Ask again about a token; others that show it meanwhile go by what was said before."""
        if now >= known.until:
            raise TokenExpiredError("the token has expired")
        again = known._replace(look_at=self._next_look(known.until, now))
        self._known[token] = again
        again = again._replace(looked=await self._is_not_revoked(token, known.principal, now))
        if token in self._known:
            self._known[token] = again
        return again

    def _next_look(self, until: datetime, now: datetime) -> datetime:
        return until if self._revoked is None else min(until, now + LOOK_AGAIN)

    async def _is_not_revoked(self, token: str, principal: Principal, now: datetime) -> bool:
        """Tell whether somebody could say so; while they are lost, they are asked seldom.

        Raises:
            TokenInvalidError: It was revoked.
        """
        if self._revoked is None or now < self._lost_until:
            return False
        try:
            dead = await self._revoked.is_dead(principal)
        except UnavailableError as error:
            self._lost_until = now + LOOK_AGAIN
            logger.warning("revocation.unchecked", extra={"reason": error.message})
            return False
        if dead:
            self._known.pop(token, None)
            raise TokenInvalidError("the token was revoked")
        return True

    def _forget(self) -> None:
        self._generation = self._keys.generation
        self._known.clear()
        self._headers.clear()

    async def _verified(self, token: str, now: datetime) -> _Known:
        if len(token) > SIZE_LIMIT:
            raise TokenInvalidError(f"the token has more than {SIZE_LIMIT} bytes")
        try:
            signed, _, signature = token.encode().rpartition(b".")
            header, _, payload = signed.partition(b".")
            key = self._headers.get(header) or await self._key(header)
            good = key.verify(signed, _decoded(signature))
            claims = orjson.loads(_decoded(payload)) if good else None
        except ValueError:
            raise TokenInvalidError("the token cannot be read") from None
        if not isinstance(claims, dict):
            raise TokenInvalidError("the signature is not good")
        principal, until = self._judged(claims, now)
        looked = await self._is_not_revoked(token, principal, now)
        found = _Known(principal, self._next_look(until, now), until, looked)
        self._remember(token, found, header=header, key=key)
        return found

    async def _key(self, segment: bytes) -> PublicKey:
        """Return the key that a protected header names; the algorithm is the key's own.

        Only ``kid`` is looked up: keys that a header carries or points to are never read.
        """
        header = orjson.loads(_decoded(segment))
        if not isinstance(header, dict) or str(header.get("typ")).lower() not in TYPES:
            raise TokenInvalidError("the token is no access token")
        kid = header.get("kid")
        if "crit" in header or not isinstance(kid, str):
            raise TokenInvalidError("the header of the token is not acceptable")
        key = await self._keys.find(kid)
        if key is None:
            raise TokenInvalidError("the key of the token is unknown")
        if header.get("alg") != key.alg:
            raise TokenInvalidError("the algorithm of the token is not that of its key")
        return key

    def _judged(self, claims: Mapping[str, Any], now: datetime) -> tuple[Principal, datetime]:
        """Return whom signed claims speak of, once issuer, audience and times are right.

        With it comes from when on the token is no longer good.
        """
        audience = claims.get("aud")
        if claims.get("iss") != self._trust.issuer:
            raise TokenInvalidError("the token is of another issuer")
        if self._trust.audience not in (audience if isinstance(audience, list) else (audience,)):
            raise TokenInvalidError("the token is for another audience")
        principal = principal_of(claims)
        if principal.expires_at is None or now >= (until := principal.expires_at + LEEWAY):
            raise TokenExpiredError("the token has expired")
        if (now + LEEWAY).timestamp() < max(moment(claims, "nbf"), moment(claims, "iat")):
            metrics.count(metrics.CLOCK_SKEW, service=settings().service)
            raise TokenInvalidError("the token is not valid yet")
        return principal, until

    def _remember(self, token: str, found: _Known, *, header: bytes, key: PublicKey) -> None:
        """Keep what was good, unless the set changed while it was being checked."""
        if self._generation != self._keys.generation:
            return
        if len(self._headers) < HEADERS_REMEMBERED:
            self._headers[header] = key
        if len(token) <= REMEMBERED_SIZE:
            self._known[token] = found
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _decoded(segment: bytes) -> bytes:
    """Return the bytes of a base64url segment without padding (RFC 7515 §2).

    Raises:
        ValueError: It has other characters.
    """
    return a2b_base64(segment.translate(_ALPHABET) + b"=" * (-len(segment) % 4), strict_mode=True)


def bearer(value: str) -> str:
    """Return the token of an ``Authorization`` header (RFC 6750 §2.1).

    Raises:
        TokenInvalidError: It is of another scheme, or more than one.
    """
    found = _BEARER.fullmatch(value)
    if found is None:
        raise TokenInvalidError("the Authorization header is not one bearer token")
    return found[1]


async def authorize(auth: str, scopes: Sequence[str], headers: Mapping[str, str]) -> Principal:
    """Return who calls a route, or refuse them.

    ``public`` and ``signature`` routes look at no token; to a ``service`` route only functions
    come, whose identity token was checked in front of this process. A bad token is refused wherever
    a token is looked at, never taken for none.

    Args:
        auth: Mode of the route.
        scopes: Those the route needs.
        headers: Of the request, names in lower case, repeated ones joined by commas.

    Raises:
        UnauthenticatedError: A token is bad or missing; `challenge` says so to the caller.
        DeniedError: The caller may not come here.
        UnavailableError: No key could be had yet to check tokens with.
    """
    if auth in {"public", "signature"}:
        return ANONYMOUS
    if auth == "service":
        return FUNCTION
    given, principal = headers.get("authorization"), ANONYMOUS
    if given is not None:
        # What is for administrators is for nobody while nobody can tell (spec/auth §7).
        sure = bool(_revoked) and (auth == "admin" or ADMIN_SCOPE in scopes)
        principal = await _timed(bearer(given), sure=sure)
    if principal.kind is Kind.USER:
        await note_user(principal.sub)
    permit(principal, auth, scopes)
    return principal


async def _timed(token: str, *, sure: bool) -> Principal:
    """Check a token, and note how long that took (spec/auth §10)."""
    started, result = perf_counter(), "refused"
    try:
        principal = await _validator().check(token, sure=sure)
        result = "good"
    except UnavailableError:
        result = "unavailable"
        raise
    finally:
        took, service = perf_counter() - started, settings().service
        metrics.observe(metrics.TOKEN_CHECKS, took, service=service, result=result)
    return principal


def ask_for_revoked(source: Revoked) -> None:
    """Let this process ask about revoked tokens; where strangers call, before the first one.

    A function behind the gateway need not: nobody reaches it but through the gateway, which has
    asked (docs/decisions/0025).
    """
    _revoked[:] = [source]
    _validator.cache_clear()


async def ready() -> None:
    """Make sure that tokens can be checked.

    Raises:
        UnavailableError: No issuer is configured, or its keys cannot be had.
    """
    keys = _keys()
    if keys is None:
        raise UnavailableError("no issuer is configured, so no token is acceptable")
    await keys.renew()


@cache
def _keys() -> KeySource | None:
    issuer = settings().issuer
    url = settings().jwks_url or f"{issuer.rstrip('/')}/.well-known/jwks.json"
    return KeySource(url, SystemClock()) if issuer else None


@cache
def _validator() -> Validator:
    keys = _keys()
    if keys is None:
        raise TokenInvalidError("no token is acceptable here")
    trust = Trust(settings().issuer, settings().audience)
    return Validator(keys, trust, SystemClock(), next(iter(_revoked), None))


def reset() -> None:
    """Forget keys and tokens, for tests and for a process that was just forked."""
    _revoked.clear()
    _keys.cache_clear()
    _validator.cache_clear()
