"""Sign-ins at other providers that are under way, for all instances.

====================================  ============================================================
``auth:federation:{sha256}``          a flow under the digest of its state, sealed
``auth:federation_ticket:{sha256}``   a wish to add a provider, under that of its ticket, sealed
====================================  ============================================================

Both are read and deleted in one step, so that of several who show the same state one finds it. They
are good for as long as the clock says; the server forgets them some time after.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.providers.guarding import area
from shared.adapters.redis.blocking import answered
from shared.adapters.redis.breakers import key_of
from shared.identity.federation import LIFE, Flow, Ticket
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from redis import Redis

    from shared.adapters.sealing import Sealer

FLOW = "auth:federation:"
TICKET = "auth:federation_ticket:"
KEPT = LIFE + timedelta(seconds=60)


class RedisFlows:
    """`shared.identity.federation.Flows`.

    Every call raises `UnavailableError` where Redis does not answer.

    Args:
        sealer: Gives what seals verifiers and nonces while they rest.
        client: Where Redis is.
    """

    def __init__(
        self, sealer: Callable[[], Sealer], client: Callable[[], Redis] = connect.redis
    ) -> None:
        self._sealer, self._client = sealer, client

    def keep(self, state: str, flow: Flow) -> None:
        """Keep a flow under its state."""
        self._keep(_key(FLOW, state), asdict(flow))

    def take(self, state: str, now: datetime) -> Flow | None:
        """Return a flow and forget it; None where there is none, or its time is over."""
        found = self._take(_key(FLOW, state), now)
        return None if found is None else Flow(**found)

    def keep_ticket(self, ticket: str, wish: Ticket) -> None:
        """Keep a wish under its ticket."""
        self._keep(_key(TICKET, ticket), asdict(wish))

    def take_ticket(self, ticket: str, now: datetime) -> Ticket | None:
        """Return a wish and forget it; None as for `take`."""
        found = self._take(_key(TICKET, ticket), now)
        return None if found is None else Ticket(**found)

    def left_alone(self, providers: Iterable[str]) -> frozenset[str]:
        """Return the providers that failed too often lately, as every instance sees it."""
        names = list(providers)
        with answered("breakers"), self._client().pipeline(transaction=False) as batch:
            batch.time()
            for name in names:
                batch.hmget(key_of(area(name)), "phase", "until")
            (seconds, _), *found = batch.execute()
        return frozenset(
            name
            for name, (phase, until) in zip(names, found, strict=True)
            if phase == b"open" and int(until) > seconds * 1000
        )

    def _keep(self, key: str, said: dict[str, Any]) -> None:
        sealed = self._sealer().seal(orjson.dumps(said).decode(), place=key)
        kept = round(KEPT.total_seconds() * 1000)
        if not self._run(lambda client: client.set(key, sealed, nx=True, px=kept)):
            raise UnavailableError("the same random number was drawn twice")

    def _take(self, key: str, now: datetime) -> dict[str, Any] | None:
        sealed = self._run(lambda client: client.getdel(key))
        if sealed is None:
            return None
        text = sealed.decode() if isinstance(sealed, bytes) else sealed
        found: dict[str, Any] = orjson.loads(self._sealer().open(text, place=key))
        found["expires_at"] = datetime.fromisoformat(found["expires_at"])
        return found if now < found["expires_at"] else None

    def _run(self, command: Callable[[Redis], Any]) -> Any:  # noqa: ANN401 - what Redis answers
        with answered("sign-ins"):
            return command(self._client())


def _key(kind: str, random: str) -> str:
    return kind + sha256(random.encode()).hexdigest()
