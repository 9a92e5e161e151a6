"""API keys as the gateway asks about them: the function ``identity_api_keys`` knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from shared.adapters.functions import Functions, Message
from shared.gateway.api_keys import Traded
from shared.gateway.outage import Outage
from shared.identity.api_keys import ApiKeyUnknownError
from shared.kernel.errors import TimedOutError, UnavailableError

if TYPE_CHECKING:
    from shared.kernel.clock import Clock

SERVICE = "identity-api-keys"
PATH = "/api/v1/internal/identity/api-keys/trade"
SECONDS = 2.0
_JSON = {"content-type": "application/json"}
_GOOD, _MISSING = 200, 404


class FunctionTrader:
    """`shared.gateway.api_keys.Trader`; while the function is gone, one call a second tries it.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self._functions, self._outage = Functions(), Outage("api_keys", clock)

    async def trade(self, digest: str) -> Traded | None:
        """Return what a key is worth; see `shared.gateway.api_keys.Trader`."""
        if not self._outage.asks():
            raise UnavailableError("API keys cannot be looked up now")
        try:
            found = await self._ask(digest)
        except UnavailableError as error:
            self._outage.failed(error)
            raise
        self._outage.worked()
        return found

    async def _ask(self, digest: str) -> Traded | None:
        message = Message(_JSON, orjson.dumps({"digest": digest}))
        try:
            found = await self._functions.call(
                SERVICE, "POST", PATH, message=message, seconds=SECONDS
            )
            said = orjson.loads(found.body)
        except (TimedOutError, ValueError) as error:
            raise UnavailableError(f"{SERVICE} does not answer for API keys: {error}") from error
        if found.status == _MISSING and said.get("code") == ApiKeyUnknownError.code:
            return None
        if found.status != _GOOD:
            raise UnavailableError(f"{SERVICE} answers {found.status} for API keys")
        return Traded(
            said["access_token"],
            float(said["expires_in"]),
            said["key_id"],
            said["rate_limit_per_minute"],
        )
