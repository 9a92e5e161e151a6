"""One way to call a provider: five seconds, no redirect, some kilobytes, past its breaker."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.providers.guarding import area
from shared.gateway.breaker import outcome_of
from shared.identity.federation import ProviderDownError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from shared.gateway.ports import Breakers

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0
"""Of a whole call, however slowly its parts come."""
MOST_BYTES = 256 << 10
FAILED = 500


@dataclass(frozen=True)
class Call:
    """What is asked.

    Attributes:
        form: Sent with POST; None asks with GET.
        headers: Beside ``Accept``.
        basic: Name and password (RFC 6749 §2.3.1, each percent-encoded), or None.
    """

    url: str
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    basic: tuple[str, str] | None = None


@dataclass(frozen=True)
class Caller:
    """Calls providers.

    Attributes:
        breakers: One for each provider.
        seconds: Longest wait for a whole answer.
    """

    breakers: Breakers
    seconds: float = TIMEOUT_SECONDS

    async def json(self, provider: str, call: Call) -> tuple[int, Any]:
        """Return status and body of an answer.

        Raises:
            ProviderDownError: It failed, was not there in time, sent no JSON, or is left alone.
        """
        permit = await self.breakers.permit(area(provider))
        if not permit.allowed:
            wait = permit.retry_after_seconds
            message = f"{provider} fails too often and is left alone for a moment"
            raise ProviderDownError(message, retry_after_seconds=wait)
        result: int | BaseException = asyncio.CancelledError()
        try:
            result, found = await self._asked(call)
        except ProviderDownError as error:
            result = error
            logger.warning("provider.down", extra={"provider": provider, "reason": error.message})
            raise
        finally:
            await self.breakers.record(area(provider), permit, outcome_of(result))
        return result, found

    async def _asked(self, call: Call) -> tuple[int, Any]:
        import httpx2  # noqa: PLC0415 - 60 ms, only where a provider is called

        try:
            async with asyncio.timeout(self.seconds):
                status, body = await _sent(call, self.seconds)
        except TimeoutError:
            raise ProviderDownError(f"no answer within {self.seconds:g} s") from None
        except httpx2.HTTPError as error:
            raise ProviderDownError(f"no answer: {type(error).__name__}") from error
        if status >= FAILED:
            raise ProviderDownError(f"answered {status}")
        try:
            return status, orjson.loads(body)
        except orjson.JSONDecodeError:
            raise ProviderDownError(f"answered {status} and no JSON") from None


async def _sent(call: Call, seconds: float) -> tuple[int, bytes]:
    import httpx2  # noqa: PLC0415 - as above

    options: dict[str, Any] = {"verify": _trusted(), "trust_env": False, "timeout": seconds}
    headers = {"accept": "application/json", **(call.headers or {})}
    asked: dict[str, Any] = {"headers": headers, "data": call.form, "auth": call.basic}
    method, body = "GET" if call.form is None else "POST", b""
    async with (
        httpx2.AsyncClient(follow_redirects=False, **options) as client,
        client.stream(method, call.url, **asked) as answer,
    ):
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise ProviderDownError(f"answered more than {MOST_BYTES} bytes")
        return int(answer.status_code), body


@cache
def _trusted() -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - reading all certificates takes 20 ms, once per process

    return ssl.create_default_context()
