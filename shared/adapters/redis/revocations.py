"""Tokens that are dead before their time, for everybody who checks tokens.

==============================  =======================================  ==========================
``auth:revoked_sid:{sid}``      1: the session has ended                 an access token's life
``auth:revoked:{jti}``          1: this one token is dead                what is left of its life
``auth:user_version:{user}``    lowest version that is good              24 h
==============================  =======================================  ==========================

A copy of what SQL says: `identity_sweep` writes it again where Redis lost it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.adapters.redis.blocking import answered
from shared.identity.revocations import KEPT, VERSION_KEPT
from shared.kernel.errors import UnavailableError
from shared.kernel.principal import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

    from shared.kernel.principal import Principal

SESSION = "auth:revoked_sid:"
TOKEN = "auth:revoked:"  # noqa: S105 - a prefix of keys
VERSION = "auth:user_version:"
logger = logging.getLogger(__name__)


class RedisRevocations:
    """`shared.identity.revocations.Revocations`; every call is one round trip."""

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._client = client

    def sessions(self, family_ids: Sequence[str]) -> bool:
        """Say that sessions have ended; False where Redis does not answer."""
        return self._told({SESSION + each: "1" for each in family_ids}, KEPT)

    def token(self, token_id: str, life: timedelta) -> bool:
        """Say that one access token is dead, for as long as it would be good."""
        return self._told({TOKEN + token_id: "1"}, life)

    def version(self, user_id: str, version: int) -> bool:
        """Say that access tokens of an earlier version than this are dead."""
        return self._told({VERSION + user_id: str(version)}, VERSION_KEPT)

    def is_dead(self, token_id: str) -> bool:
        """Tell whether one access token is dead.

        Raises:
            UnavailableError: Redis does not answer.
        """
        with answered("revoked tokens"):
            return bool(self._client().exists(TOKEN + token_id))

    def _told(self, marks: dict[str, str], life: timedelta) -> bool:
        if not marks:
            return True
        milliseconds = max(1, round(life.total_seconds() * 1000))
        try:
            with answered("revoked tokens"), self._client().pipeline(transaction=False) as batch:
                for key, value in marks.items():
                    batch.set(key, value, px=milliseconds)
                batch.execute()
        except UnavailableError as error:
            said = {"marks": len(marks), "reason": error.message}
            logger.warning("revocation.untold", extra=said)
            return False
        return True


class RedisRevoked:
    """`shared.runtime.viewer.Revoked` for an event loop; a look is one round trip."""

    def __init__(self, client: Callable[[], AsyncRedis] = connect.redis_async) -> None:
        self._client = client

    async def is_dead(self, principal: Principal) -> bool:
        """Tell whether session, token or version of a token is dead.

        Raises:
            UnavailableError: Redis does not answer.
        """
        keys = [TOKEN + principal.token_id, SESSION + principal.session, VERSION + principal.sub]
        async with commands("revoked tokens"):
            token, session, version = await self._client().mget(keys)
        user = principal.kind is Kind.USER
        outdated = user and version is not None and principal.version < int(version)
        return bool(token or session or outdated)
