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
from pathlib import Path
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
RAISE = Path(__file__).with_name("revocations_version.lua").read_text(encoding="utf-8")
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
        """Say that access tokens of an earlier version than this are dead.

        Two changes of one account may be told in another order than they were made: the later
        version stays.
        """
        life = round(VERSION_KEPT.total_seconds() * 1000)
        return self._answered(
            1, lambda client: client.eval(RAISE, 1, VERSION + user_id, version, life)
        )

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

        def tell(client: Redis) -> None:
            with client.pipeline(transaction=False) as batch:
                for key, value in marks.items():
                    batch.set(key, value, px=milliseconds)
                batch.execute()

        return self._answered(len(marks), tell)

    def _answered(self, marks: int, tell: Callable[[Redis], object]) -> bool:
        try:
            with answered("revoked tokens"):
                tell(self._client())
        except UnavailableError as error:
            logger.warning("revocation.untold", extra={"marks": marks, "reason": error.message})
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
