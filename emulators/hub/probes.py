"""Whether services are usable: a successful call, not an open port."""

from typing import TYPE_CHECKING, Any

import aiohttp

from emulators.managed.process import LaunchError

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = aiohttp.ClientTimeout(10)


async def answers(http: aiohttp.ClientSession, url: str) -> bool:
    """Tell whether a GET succeeds now."""
    return await get_json(http, url) is not None


async def are_ready(http: aiohttp.ClientSession, url: str) -> bool:
    """Tell whether every function answers.

    Raises:
        LaunchError: One does not start.
    """
    status = await get_json(http, url)
    functions: Mapping[str, Any] = (status or {}).get("functions", {})
    broken = [name for name, found in functions.items() if found["state"] == "failed"]
    if broken:
        raise LaunchError(f"these functions do not start, see their logs: {', '.join(broken)}")
    return bool(status and status["ready"])


async def get_json(http: aiohttp.ClientSession, url: str) -> dict[str, Any] | None:
    """Return the object a GET answers, None where it does not succeed."""
    try:
        async with http.get(url, timeout=TIMEOUT) as response:
            return dict(await response.json()) if response.ok else None
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
