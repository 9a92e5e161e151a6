"""What is used up once within minutes, ``auth:{kind}:{sha256}``: a hash {said, until, looks}.

The clock decides how long it is good; the key's own end only tidies up.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.redis.blocking import answered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from redis import Redis

KEPT_MS = round(timedelta(minutes=10).total_seconds() * 1000)
LOOK = Path(__file__).with_name("challenges_look.lua").read_text(encoding="utf-8")
TAKE = Path(__file__).with_name("challenges_take.lua").read_text(encoding="utf-8")


class RedisChallenges:
    """`shared.identity.factors_challenges.Challenges`, one round trip a call.

    Args:
        kind: Of what is kept; kinds share no name.
        client: Where Redis is.
    """

    def __init__(self, kind: str, client: Callable[[], Redis] = connect.redis) -> None:
        self._prefix, self._client = f"auth:{kind}:", client

    def keep(self, name: bytes, said: Mapping[str, Any], until: datetime) -> None:
        """Keep what was said until a moment."""
        kept: dict[Any, Any] = {"said": orjson.dumps(dict(said)), "until": _milliseconds(until)}

        def both(client: Redis) -> None:
            with client.pipeline(transaction=True) as steps:
                steps.hset(self._key(name), mapping=kept)
                steps.pexpire(self._key(name), KEPT_MS)
                steps.execute()

        self._run(both)

    def look(self, name: bytes, now: datetime, *, most: int) -> dict[str, Any] | None:
        """Count one look and return what was said; see `Challenges.look`."""
        return self._said(LOOK, name, now, most)

    def take(self, name: bytes, now: datetime) -> dict[str, Any] | None:
        """Return what was said and forget it; see `Challenges.take`."""
        return self._said(TAKE, name, now)

    def _said(self, script: str, name: bytes, now: datetime, *more: int) -> dict[str, Any] | None:
        key, given = self._key(name), (_milliseconds(now), *more)
        found = self._run(lambda client: client.eval(script, 1, key, *given))
        return None if found is None else dict(orjson.loads(found))

    def _key(self, name: bytes) -> str:
        return self._prefix + name.hex()

    def _run(self, command: Callable[[Redis], Any]) -> Any:  # noqa: ANN401 - what Redis answers
        with answered("challenges"):
            return command(self._client())


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
