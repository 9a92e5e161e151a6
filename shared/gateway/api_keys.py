"""API keys at the door: traded for a short token of their user, which stands in their place.

    key ── checksum ──▶ trade, kept at most a minute ──▶ token ── goes the way of any other

No service ever sees a key (the phantom-token pattern), and a key that ended is seen by its token:
that is looked up among the revoked ones as all are, by the key's id.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Protocol

from shared.gateway.gcra import Quotas
from shared.gateway.ports import Quota
from shared.identity.api_keys import has_api_key, is_api_key
from shared.kernel.errors import MalformedError, UnavailableError
from shared.kernel.principal import KEY_CLIENT, TokenInvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.kernel.principal import Principal

HEADER = "x-api-key"
CLASS = "api_key"
"""Class of limits by which a network's trades are counted."""
KEPT_SECONDS = 60.0
"""How long a trade is good at most."""
REFUSED_SECONDS = 10.0
"""How long a key that nobody knows is refused without asking again."""
REMEMBERED = 4096
MOST_ASKED = 64
"""Trades at one time; whoever comes when there are so many is told to come again."""
_SHARE_AT_ONCE = 6
"""A sixth of a key's minute may come at once, as of a class that states no burst."""
_BEARER = "bearer mg_"


class ApiKeyInQueryError(MalformedError):
    """A key stands in the address of a request, where logs and histories keep it."""

    code = "api-key-in-query"


class Traded(NamedTuple):
    """What a key was traded for.

    Attributes:
        seconds: How long the token is good.
        rate: Requests a minute that the key may make.
    """

    token: str
    seconds: float
    key_id: str
    rate: int


class Trader(Protocol):
    """Knows keys by their digest."""

    async def trade(self, digest: str) -> Traded | None:
        """Return what a key is worth, None where there is no such live key.

        Args:
            digest: SHA-256 of the key, hexadecimal.

        Raises:
            UnavailableError: Nobody can tell now.
        """


class ApiKeys:
    """The keys that come through one door.

    Args:
        trader: Knows them.
        seconds: A clock that only goes forward, like `time.monotonic`.
    """

    def __init__(self, trader: Trader, seconds: Callable[[], float]) -> None:
        self._trader, self._seconds = trader, seconds
        self._known: OrderedDict[str, tuple[float, Traded | None]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Traded | None]] = {}
        self._rates: dict[str, int] = {}
        self._quotas: dict[tuple[str, str | None], tuple[Quotas, Quotas]] = {}

    def knows(self, key: str) -> bool:
        """Tell whether nobody has to be asked about a key: it is known, or cannot be one."""
        known = self._known.get(key)
        return (known is not None and self._seconds() < known[0]) or not is_api_key(key)

    async def token(self, key: str) -> str:
        """Return the token that stands in a key's place.

        Raises:
            TokenInvalidError: There is no such key, or it has ended.
            UnavailableError: Nobody can tell now; a key is never taken for none.
        """
        known = self._known.get(key)
        if known is not None and self._seconds() < known[0]:
            self._known.move_to_end(key)
            traded = known[1]
        else:
            traded = await self._asked(key) if is_api_key(key) else None
        if traded is None:
            raise TokenInvalidError("the API key is not one, or it has ended")
        return traded.token

    def forget(self, key: str) -> None:
        """Ask anew about a key whose token was not taken: its user may have signed out since."""
        known = self._known.get(key)
        if known is not None and known[1] is not None:
            del self._known[key]

    def quotas(self, who: Principal, rate_class: str | None, whole: Quotas) -> Quotas:
        """Return what a request counts against: its user's quotas, and its key's own.

        Args:
            who: Calls.
            rate_class: Of the route.
            whole: The quotas of the user, empty where the route is exempt.
        """
        rate = self._rates.get(who.client_id)
        if rate is None or not whole:
            return whole
        made = self._quotas.get((who.client_id, rate_class))
        if made is None or made[0] is not whole:
            own = Quota("key", who.client_id, rate, 60.0, max(1, rate // _SHARE_AT_ONCE))
            if len(self._quotas) >= REMEMBERED:
                self._quotas.clear()
            made = self._quotas[who.client_id, rate_class] = whole, Quotas([*whole, own])
        return made[1]

    async def _asked(self, key: str) -> Traded | None:
        """Ask about a key; who shows it meanwhile waits for the same answer."""
        asking = self._asking.get(key)
        if asking is None:
            if len(self._asking) >= MOST_ASKED:
                raise UnavailableError("too many API keys are being looked up; come again")
            asking = self._asking[key] = asyncio.create_task(self._trade(key))
            asking.add_done_callback(lambda done: self._asked_for(key, done))
        return await asyncio.shield(asking)

    def _asked_for(self, key: str, done: asyncio.Task[Traded | None]) -> None:
        self._asking.pop(key, None)
        if not done.cancelled():
            done.exception()  # its callers may all be gone

    async def _trade(self, key: str) -> Traded | None:
        traded = await self._trader.trade(sha256(key.encode()).hexdigest())
        kept = REFUSED_SECONDS if traded is None else min(KEPT_SECONDS, traded.seconds)
        self._known[key] = self._seconds() + kept, traded
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        if traded is not None:
            self._note_rate(KEY_CLIENT + traded.key_id, traded.rate)
        return traded

    def _note_rate(self, client_id: str, rate: int) -> None:
        if len(self._rates) >= 2 * REMEMBERED:
            self._rates.clear()  # those in use come back with their next trade
        if self._rates.get(client_id) != rate:
            self._rates[client_id] = rate
            self._quotas.clear()


def presented(target: str, headers: Mapping[str, str]) -> str | None:
    """Return the key that a request shows, None where it shows none.

    Args:
        target: Path and query as they stand in the request line.
        headers: Names in lower case.

    Raises:
        ApiKeyInQueryError: It stands in the address.
        TokenInvalidError: A key and a token are shown.
    """
    if has_api_key(target):
        raise ApiKeyInQueryError("send the key as a header, and rotate it: addresses are kept")
    said, given = headers.get("authorization"), headers.get(HEADER)
    if given is None:
        is_key = said is not None and said[: len(_BEARER)].lower() == _BEARER
        return said.partition(" ")[2].strip() if said is not None and is_key else None
    if said is not None:
        raise TokenInvalidError("send a key or a token, not both")
    return given


def in_place(headers: Mapping[str, str], token: str) -> dict[str, str]:
    """Return a request's headers with a token where its key was."""
    kept = {name: value for name, value in headers.items() if name != HEADER}
    return {**kept, "authorization": f"Bearer {token}"}
