"""Where accounts signed in last, for all instances.

``auth:last_place:{user}``: latitude, longitude and when (milliseconds), with blanks between, for as
long as that tells anything. Nothing is lost with it but one comparison.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.identity.places import KEPT, Place, Seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

PREFIX = "auth:last_place"
_WHAT = "places"


class RedisPlaces:
    """`shared.identity.places.LastPlaces`; every call is one command.

    Every call raises `UnavailableError` where Redis does not answer.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._client = client

    def of(self, user_id: str) -> Seen | None:
        """Return where an account signed in last."""
        with answered(_WHAT):
            found = self._client().get(f"{PREFIX}:{user_id}")
        if found is None:
            return None
        said = found.decode() if isinstance(found, bytes) else str(found)
        latitude, longitude, at = said.split(" ")
        moment = datetime.fromtimestamp(int(at) / 1000, UTC)
        return Seen(Place(float(latitude), float(longitude)), moment)

    def keep(self, user_id: str, seen: Seen) -> None:
        """Keep where an account signed in."""
        at = int(seen.at.timestamp() * 1000)
        said = f"{seen.place.latitude:.1f} {seen.place.longitude:.1f} {at}"
        with answered(_WHAT):
            self._client().set(f"{PREFIX}:{user_id}", said, ex=int(KEPT.total_seconds()))
