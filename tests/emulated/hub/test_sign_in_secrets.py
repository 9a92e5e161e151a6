"""The local cloud tells the product where the fake accounts are, and Apple's fake who we are."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from emulators.cloud_run.functions import Function
from emulators.core.environment import Environment
from emulators.core.server import Endpoint
from emulators.hub.layout import Layout
from emulators.hub.provision import Provisioner
from emulators.hub.sign_in_secrets import FIREBASE, PROVIDERS, apple_key
from emulators.providers.identity.routes import NAME, identity_routes
from emulators.providers.identity.state import State
from emulators.secret_manager.service import endpoint as secret_manager
from shared.adapters.federation.configured import read_providers
from shared.adapters.firebase import read_account

if TYPE_CHECKING:
    from emulators.core.context import Context
    from tests.emulated.conftest import Emulator, ServeEmulator

READER = Function(
    "identity_federation", "identity-federation", Path("main.py"), secrets=(PROVIDERS, FIREBASE)
)


class Cloud:
    """Secret Manager, and fakes that may move."""

    def __init__(self, secrets: Emulator, http: aiohttp.ClientSession) -> None:
        self._secrets, self._http = secrets, http

    async def provision(self, fakes: Emulator, folder: Path) -> None:
        """Make what the function needs."""
        ports = {"secret_manager": self._secrets.running.port, "providers": fakes.running.port}
        layout = Layout(folder, Environment(folder, project="p", ports=ports))
        await Provisioner(layout, self._http).everything([READER], [])

    async def versions(self, name: str) -> list[str]:
        """Return the versions of a secret, the newest first."""
        listed = (await self._get(f"{name}/versions"))["versions"]
        found = [
            await self._get(f"{each['name'].partition('secrets/')[2]}:access") for each in listed
        ]
        return [base64.b64decode(one["payload"]["data"]).decode() for one in found]

    async def _get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        url = f"http://{self._secrets.address}/v1/projects/p/secrets/{path}"
        async with self._http.get(url) as answer:
            return await answer.json()


async def test_the_product_reads_where_the_fakes_are_also_after_they_moved(
    serve_emulator: ServeEmulator, tmp_path: Path
) -> None:
    states = list[State]()

    async def build(context: Context) -> Endpoint:
        state = State(context.clock)
        states.append(state)
        routes = identity_routes(context, state)
        return Endpoint(NAME, routes=lambda: routes)

    secrets = await serve_emulator(secret_manager)
    here, there = await serve_emulator(build), await serve_emulator(build)
    async with aiohttp.ClientSession() as http:
        cloud = Cloud(secrets, http)
        for fakes in (here, here, there):
            await cloud.provision(fakes, tmp_path)
        after, before = await cloud.versions(PROVIDERS)
        (key_file,) = await cloud.versions(FIREBASE)

    found = {one.id: one.issuer for one in read_providers(after)}
    assert list(found) == ["google", "github", "apple", "example"]
    assert found["google"] == f"http://{there.address}/identity/google"
    assert apple_key(after) == apple_key(before) == states[0].apple_key == states[1].apple_key
    assert read_account(key_file).email == "local@p.iam.gserviceaccount.com"
