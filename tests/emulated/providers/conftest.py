"""A provider with a frozen clock, and a client that asks it as the product would."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest_asyncio

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.server import Endpoint
from emulators.providers.allowances import TARIFFS, Tariffs
from emulators.providers.limits import Plan
from emulators.providers.service import endpoint
from tests.emulated.conftest import Emulator, ServeEmulator

Query = Mapping[str, str | int]

KEY = {"X-RapidAPI-Key": "local-key"}
CATALOG = Path(__file__).parent / "catalog.jsonl"
# 2026-06-10 12:00 UTC: no minute, day or month is about to end.
NOON = 1_781_092_800


class Provider:
    """What a test knows of a running provider."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.clock = emulator.clock
        self.faults = emulator.context.faults
        self._base = f"http://{emulator.address}"
        self._session = session

    async def ask(
        self, path: str, query: Query | None = None, headers: Mapping[str, str] = KEY
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Return status, body and headers of a GET."""
        async with self._session.get(
            self._base + path, params=query or {}, headers=headers
        ) as answer:
            return answer.status, await answer.json(), answer.headers

    async def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON
        """Return the body of a GET that must succeed."""
        status, body, _ = await self.ask(path, query)
        assert status == 200, body
        return body

    async def walk(self, path: str, **query: str | int) -> AsyncIterator[Any]:
        """Yield every page, from cursor to cursor."""
        page = await self.get(path, **query)
        yield page
        while page["hasMore"]:
            page = await self.get(path, **query, cursor=page["nextCursor"])
            yield page

    async def changes(self, change_type: str, **query: str | int) -> list[Any]:
        """Return the whole US feed of one type."""
        fixed: dict[str, str | int] = {"country": "us", "item_type": "show"}
        pages = self.walk("/changes", **fixed, change_type=change_type, **query)
        return [change async for page in pages for change in page["changes"]]

    async def send(self, method: str, path: str, body: object) -> tuple[int, Any]:
        """Return status and body of a call that makes something happen."""
        async with self._session.request(method, self._base + path, json=body) as answer:
            return answer.status, await answer.json()

    async def change(self, action: str, **fields: object) -> None:
        """Change one offer of The Matrix in the US."""
        entry = {"action": action, "show": "tt0133093", "country": "us", **fields}
        status, body = await self.send("POST", "/_mg/changes", {"changes": [entry]})
        assert status == 200, body


class Providers:
    """Starts providers; each with the three titles of `CATALOG` unless another is named."""

    def __init__(self, serve: ServeEmulator, session: aiohttp.ClientSession) -> None:
        self._serve = serve
        self._session = session

    async def __call__(
        self,
        *,
        catalog: Path = CATALOG,
        plan: Plan | None = None,
        tariffs: Tariffs = TARIFFS,
        journal: Path | None = None,
        at: float = NOON,
    ) -> Provider:
        """Serve one provider, at noon unless told; a journal file keeps what it is told."""

        async def build(context: Context) -> Endpoint:
            return await endpoint(context, catalog=catalog, plan=plan or Plan(), tariffs=tariffs)

        clock = VirtualClock(lambda: at)
        clock.freeze()
        emulator = await self._serve(build, journal=journal, clock=clock)
        return Provider(emulator, self._session)

    async def stop(self) -> Self:
        """Stop every provider started so far."""
        await self._serve.stop()
        return self


@pytest_asyncio.fixture
async def start(serve_emulator: ServeEmulator) -> AsyncIterator[Providers]:
    """Start providers on demand."""
    async with aiohttp.ClientSession() as session:
        yield Providers(serve_emulator, session)
