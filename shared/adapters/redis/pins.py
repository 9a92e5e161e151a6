"""Who has shown the PIN of a household lately, for all instances.

``auth:pin_ok:{user}:{session}``: until when (milliseconds), which PIN it was, and the digest of the
token that was given for it, with blanks between. The clock decides; the key is gone a little later.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.identity.parental_pin import LIFE, Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

PREFIX = "auth:pin_ok"
KEPT_MS = round(2 * LIFE.total_seconds() * 1000)
_WHAT = "PINs"


class RedisGrants:
    """`shared.identity.parental_pin.Grants`; every call is one command.

    Every call raises `UnavailableError` where Redis does not answer.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._client = client

    def put(self, user_id: str, session: str, grant: Grant) -> None:
        """Keep one in the place of any other."""
        until = int(grant.until.timestamp() * 1000)  # never later than it is
        said = f"{until} {grant.proof} {grant.token_hash.hex()}"
        with answered(_WHAT):
            self._client().set(_key(user_id, session), said, px=KEPT_MS)

    def find(self, user_id: str, session: str) -> Grant | None:
        """Return what is kept; the clock says whether it is over."""
        with answered(_WHAT):
            found = self._client().get(_key(user_id, session))
        if found is None:
            return None
        said = found.decode() if isinstance(found, bytes) else str(found)
        until, proof, token_hash = said.split(" ")
        ends = datetime.fromtimestamp(int(until) / 1000, UTC)
        return Grant(bytes.fromhex(token_hash), proof, ends)


def _key(user_id: str, session: str) -> str:
    return f"{PREFIX}:{user_id}:{session}"
