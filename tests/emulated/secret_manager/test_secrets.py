"""Secrets and their versions, judged by the official client over gRPC and REST."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import google_crc32c
import grpc
import pytest
import pytest_asyncio
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
)

from emulators.secret_manager.service import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from emulators.core.methods import Proto
    from tests.emulated.conftest import Laboratory

NAME = "projects/p/secrets/token-key"
AUTOMATIC: dict[str, Any] = {"replication": {"automatic": {}}}


class Secrets:
    """The client, its calls in threads since they block the server's loop."""

    def __init__(self, client: SecretManagerServiceClient) -> None:
        self.client = client

    async def __call__(self, method: str, **request: Proto) -> Proto:
        """Call one method."""
        return await asyncio.to_thread(getattr(self.client, method), request=request)

    async def create(self, *payloads: bytes) -> None:
        """Create the secret with versions."""
        new = {"parent": "projects/p", "secret_id": NAME.rpartition("/")[2], "secret": AUTOMATIC}
        await self("create_secret", **new)
        for payload in payloads:
            await self("add_secret_version", parent=NAME, payload={"data": payload})

    async def access(self, version: str) -> bytes:
        """Return a payload."""
        reply = await self("access_secret_version", name=f"{NAME}/versions/{version}")
        assert reply.payload.data_crc32c == google_crc32c.value(reply.payload.data)
        return bytes(reply.payload.data)


@pytest_asyncio.fixture
async def start(serve_emulator: Laboratory) -> AsyncIterator[Callable[..., Any]]:
    """Serve Secret Manager on demand, to a gRPC or a REST client."""
    clients: list[SecretManagerServiceClient] = []

    async def begin(wire: str = "grpc", journal: Path | None = None) -> Secrets:
        emulator = await serve_emulator(endpoint, journal=journal)
        clients.append(connected(wire, emulator.address))
        return Secrets(clients[-1])

    yield begin
    for client in clients:
        await asyncio.to_thread(client.transport.close)


def connected(wire: str, address: str) -> SecretManagerServiceClient:
    if wire == "rest":
        return SecretManagerServiceClient(
            transport="rest",
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": f"http://{address}"},
        )
    channel = grpc.insecure_channel(address)
    return SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))


@pytest_asyncio.fixture(params=["grpc", "rest"])
async def secrets(request: pytest.FixtureRequest, start: Callable[..., Any]) -> Secrets:
    made: Secrets = await start(request.param)
    return made


async def test_latest_is_the_newest_version_and_older_ones_stay(secrets: Secrets) -> None:
    await secrets.create(b"one", b"two\x00\xff")

    assert await secrets.access("latest") == b"two\x00\xff"
    assert await secrets.access("1") == b"one"
    with pytest.raises(exceptions.NotFound, match="versions/3"):
        await secrets.access("3")


async def test_disabled_version_is_refused_until_it_is_enabled(secrets: Secrets) -> None:
    await secrets.create(b"one")

    await secrets("disable_secret_version", name=f"{NAME}/versions/1")
    with pytest.raises(exceptions.BadRequest, match="DISABLED"):
        await secrets.access("latest")
    await secrets("enable_secret_version", name=f"{NAME}/versions/1")

    assert await secrets.access("latest") == b"one"


async def test_destroyed_version_never_comes_back(secrets: Secrets) -> None:
    await secrets.create(b"one")

    destroyed = await secrets("destroy_secret_version", name=f"{NAME}/versions/1")

    assert destroyed.state.name == "DESTROYED"
    for method in ("access_secret_version", "enable_secret_version", "destroy_secret_version"):
        with pytest.raises(exceptions.BadRequest, match="DESTROYED"):
            await secrets(method, name=f"{NAME}/versions/1")


async def test_payload_that_is_not_of_its_checksum_is_refused(secrets: Secrets) -> None:
    await secrets.create()
    good = {"data": b"one", "data_crc32c": google_crc32c.value(b"one")}
    bad = {"data": b"one", "data_crc32c": 1}

    version = await secrets("add_secret_version", parent=NAME, payload=good)

    assert version.client_specified_payload_checksum
    with pytest.raises(exceptions.BadRequest, match="CRC32C"):
        await secrets("add_secret_version", parent=NAME, payload=bad)


async def test_lists_are_newest_first_and_paged(secrets: Secrets) -> None:
    await secrets.create(b"one", b"two", b"three")

    pager = await secrets("list_secret_versions", parent=NAME, page_size=2)
    versions = await asyncio.to_thread(list, pager)
    found = await asyncio.to_thread(list, await secrets("list_secrets", parent="projects/p"))

    assert [v.name.rpartition("/")[2] for v in versions] == ["3", "2", "1"]
    assert [s.name for s in found] == [NAME]


async def test_deleted_secret_is_gone_with_its_versions(secrets: Secrets) -> None:
    await secrets.create(b"one")

    await secrets("delete_secret", name=NAME)

    for method, name in (("get_secret", NAME), ("get_secret_version", f"{NAME}/versions/1")):
        with pytest.raises(exceptions.NotFound, match="token-key"):
            await secrets(method, name=name)
    await secrets.create(b"anew")
    assert await secrets.access("1") == b"anew"


async def test_wrong_requests_are_told_apart(secrets: Secrets) -> None:
    await secrets.create()
    new = {"parent": "projects/p", "secret_id": "other"}

    with pytest.raises(exceptions.Conflict):
        await secrets.create()
    with pytest.raises(exceptions.BadRequest, match="replication must be provided"):
        await secrets("create_secret", **new, secret={})
    with pytest.raises(exceptions.BadRequest, match="cannot be empty"):
        await secrets("add_secret_version", parent=NAME, payload={"data": b""})
    with pytest.raises(exceptions.MethodNotImplemented, match=r"Secret\.ttl"):
        await secrets("create_secret", **new, secret=AUTOMATIC | {"ttl": {"seconds": 3600}})
    with pytest.raises(exceptions.BadRequest, match="etag"):
        await secrets("delete_secret", name=NAME, etag='"0"')


async def test_secrets_outlive_the_process(start: Callable[..., Any], tmp_path: Path) -> None:
    before: Secrets = await start(journal=tmp_path / "emulators.sqlite")
    await before.create(b"one", b"two")
    await before("destroy_secret_version", name=f"{NAME}/versions/1")

    after: Secrets = await start(journal=tmp_path / "emulators.sqlite")

    assert await after.access("latest") == b"two"
    first = await after("get_secret_version", name=f"{NAME}/versions/1")
    assert first.state.name == "DESTROYED"
    # What was destroyed is not left in the file for the next one who looks.
    journal = (tmp_path / "emulators.sqlite").stat()
    assert journal.st_mode & 0o077 == 0
