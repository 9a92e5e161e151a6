"""The issuer of this product, as the settings make it."""

from __future__ import annotations

from functools import cache

from shared.adapters import signing
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.sessions import SqlSessions
from shared.identity.tokens import Issuer
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnavailableError
from shared.kernel.ids import TimeOrderedIds
from shared.runtime.settings import settings


@cache
def issuer() -> Issuer:
    """Return who signs access tokens here.

    Raises:
        UnavailableError: No issuer is named, or its keys cannot be read.
    """
    found, clock = settings(), SystemClock()
    if not found.issuer:
        raise UnavailableError("no issuer is configured, so no token can be issued")
    return Issuer(found.issuer, found.audience, keys(), clock, TimeOrderedIds(clock))


def keys() -> signing.Keys:
    """Return the keys of tokens.

    Raises:
        UnavailableError: They cannot be read, or none serves the algorithm of the settings.
    """
    return signing.keys(settings().token_algorithm)


@cache
def sessions() -> SqlSessions:
    """Return what begins and ends sessions (`shared.identity.sessions.Sessions`)."""
    return SqlSessions(issuer(), RedisRevocations())


def reset() -> None:
    """Forget keys and issuer, for tests."""
    issuer.cache_clear()
    sessions.cache_clear()
    signing.keys.cache_clear()
