"""Each probe on the real thing: it returns while that answers, and raises once it does not."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, text

from emulators.managed.redis import temporary_redis
from emulators.pubsub.service import endpoint as pubsub_endpoint
from emulators.vertex.service import endpoint as vertex_endpoint
from functions.manifest import Dependency
from shared.adapters import connect, probes, pubsub, secrets, vector_search
from shared.kernel.errors import UnavailableError
from tests.emulated.conftest import Laboratory
from tests.emulated.vertex import conftest as vertex
from tests.fakes.embedder import WordsEmbedder
from tests.fakes.surroundings import change, surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

NOBODY = "127.0.0.1:9"
"""The discard port: nothing of ours listens there."""


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let this process be connected to nothing at all."""
    address = f"postgresql+pg8000://nobody@{NOBODY}/none"
    with surroundings(address, tmp_path, monkeypatch):
        change(
            monkeypatch,
            {
                "MEDIA_GATEWAY_REDIS_URL": f"redis://{NOBODY}/0",
                "VERTEX_EMULATOR_HOST": NOBODY,
                "PUBSUB_EMULATOR_HOST": NOBODY,
            },
        )
        yield monkeypatch


@pytest_asyncio.fixture
async def laboratory() -> AsyncIterator[Laboratory]:
    """Starts emulators; every client of this process is made anew and closed after the test."""
    made = Laboratory()
    _forget_clients()
    yield made
    _forget_clients()
    await made.stop()


def _forget_clients() -> None:
    vector_search.close()
    if pubsub._client.cache_info().currsize:
        pubsub._client().transport.close()
    for made in (pubsub._client, secrets.secret):
        made.cache_clear()


def test_every_dependency_of_a_manifest_has_a_probe_of_its_name() -> None:
    named = {name for name, _ in inspect.getmembers(probes, inspect.isfunction)}
    assert {one.value for one in Dependency} <= named
    assert probes.embedder(WordsEmbedder).__name__ == "embedder"
    assert probes.secrets().__name__ == "secrets"


@pytest.mark.usefixtures("connected")
def test_a_database_that_answers_is_healthy() -> None:
    probes.database()


@pytest.mark.usefixtures("nowhere")
def test_a_database_that_is_gone_is_not() -> None:
    with pytest.raises(UnavailableError):
        probes.database()


@pytest.mark.usefixtures("connected")
def test_a_database_that_lost_us_is_healthy_again_when_it_takes_us_back(database: str) -> None:
    for _ in range(20):  # the loss is met as a broken pipe, an end or a reset, by chance
        probes.database()
        _end_every_other_connection(database)

        with pytest.raises(UnavailableError):
            probes.database()
        probes.database()


def _end_every_other_connection(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(
            text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608 - our own words
        )
    engine.dispose()


def test_redis_is_healthy_while_it_answers(nowhere: pytest.MonkeyPatch) -> None:
    with temporary_redis() as server:
        change(nowhere, {"MEDIA_GATEWAY_REDIS_URL": server.url})
        probes.redis()
    with pytest.raises(UnavailableError):
        probes.redis()
    connect.redis().close()


async def test_pubsub_is_healthy_while_it_answers(
    nowhere: pytest.MonkeyPatch, laboratory: Laboratory
) -> None:
    emulator = await laboratory(pubsub_endpoint)
    nowhere.setenv("PUBSUB_EMULATOR_HOST", emulator.address)

    await asyncio.to_thread(probes.pubsub)


@pytest.mark.usefixtures("nowhere", "laboratory")
async def test_pubsub_that_is_gone_is_not() -> None:
    with pytest.raises(UnavailableError):
        await asyncio.to_thread(probes.pubsub)


async def test_the_index_is_healthy_while_it_serves(
    nowhere: pytest.MonkeyPatch, laboratory: Laboratory
) -> None:
    emulator = await laboratory(vertex_endpoint)
    clients = vertex.connect(emulator.address)
    deployed = await clients.deploy(await clients.create(dimensions=4))
    named = {
        "VERTEX_EMULATOR_HOST": emulator.address,
        "GOOGLE_CLOUD_PROJECT": "media-gateway-local",
        "MEDIA_GATEWAY_VECTOR_ENDPOINT": deployed.endpoint.rpartition("/")[2],
        "MEDIA_GATEWAY_DEPLOYED_INDEX": "titles_v1",
    }
    change(nowhere, named)

    await asyncio.to_thread(probes.vector_index)

    change(nowhere, {"MEDIA_GATEWAY_DEPLOYED_INDEX": "not_deployed"})
    with pytest.raises(UnavailableError):
        await asyncio.to_thread(probes.vector_index)
    await vertex.disconnect(clients)


@pytest.mark.usefixtures("nowhere", "laboratory")
async def test_an_index_that_is_gone_is_not() -> None:
    with pytest.raises(UnavailableError):
        await asyncio.to_thread(probes.vector_index)


def test_an_embedder_is_healthy_when_it_embeds() -> None:
    def missing() -> WordsEmbedder:
        raise UnavailableError("there is no model")

    probes.embedder(WordsEmbedder)()
    with pytest.raises(UnavailableError):
        probes.embedder(missing)()


@pytest.mark.usefixtures("nowhere", "laboratory")
def test_secrets_are_healthy_when_each_can_be_read() -> None:
    probes.secrets()()
    with pytest.raises(UnavailableError):
        probes.secrets("a value, not a reference")()
