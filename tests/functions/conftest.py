"""What functions answer from: a catalogue, an index in Vertex AI, accounts and their sessions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, text

from emulators.managed.redis import temporary_redis
from emulators.vertex.service import endpoint
from shared.adapters import connect, vector_search
from shared.adapters.embeddings.artifact import ModelCard
from shared.kernel import ids
from shared.kernel.events import Event
from tests.emulated.conftest import Laboratory
from tests.emulated.vertex import conftest as vertex
from tests.fakes import catalog
from tests.fakes.accounts_house import accounts_house
from tests.fakes.edge import ask, load, pushed
from tests.fakes.embedder import WordsEmbedder
from tests.fakes.identity_house import identity_house
from tests.fakes.pages_house import Browser, pages_house
from tests.fakes.surroundings import change, surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path
    from types import ModuleType

    from emulators.managed.postgres import Postgres
    from emulators.managed.redis import Redis
    from tests.fakes.accounts_house import AccountsHouse
    from tests.fakes.identity_house import House
    from tests.fakes.pages_house import PagesHouse

SEEDED = "template_seeded"


def _seed(url: str) -> None:
    engine = create_engine(url)
    try:
        catalog.ingest(engine, [*catalog.famous(), *catalog.split_offer(), *catalog.made()])
    finally:
        engine.dispose()


@pytest.fixture
def catalogue(
    postgres: Postgres, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[connect.Addresses]:
    """Connect this process to a catalogue of its own, as `tests.fakes.catalog` makes it."""
    if not postgres.has_database(SEEDED):
        postgres.create_database(SEEDED, migrated)
        _seed(postgres.url(SEEDED))
    with (
        postgres.database(SEEDED) as url,
        surroundings(url, tmp_path, monkeypatch) as addresses,
    ):
        _write_card(addresses.artifacts_dir / "models" / "minilm")
        yield addresses


def _write_card(folder: Path) -> None:
    folder.mkdir(parents=True)
    model_id, version = WordsEmbedder.model.split("@")
    card = ModelCard(
        model_id=model_id,
        version=version,
        dimension=WordsEmbedder.dimension,
        max_tokens=256,
        precision="float32",
        recipe="words",
        files={},
    )
    (folder / "model.json").write_text(card.model_dump_json())


@pytest_asyncio.fixture
async def index(
    catalogue: connect.Addresses, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[vertex.Deployment]:
    """Deploy an empty index of Vertex AI to which this process is connected."""
    assert catalogue.project == "media-gateway-local"
    laboratory = Laboratory()
    emulator = await laboratory(endpoint)
    clients = vertex.connect(emulator.address)
    deployed = await clients.deploy(await clients.create(dimensions=WordsEmbedder.dimension))
    change(
        monkeypatch,
        {
            "VERTEX_EMULATOR_HOST": emulator.address,
            "MEDIA_GATEWAY_VECTOR_INDEX": deployed.index.rpartition("/")[2],
            "MEDIA_GATEWAY_VECTOR_ENDPOINT": deployed.endpoint.rpartition("/")[2],
            "MEDIA_GATEWAY_DEPLOYED_INDEX": "titles_v1",
        },
    )
    yield deployed
    vector_search.close()
    await vertex.disconnect(clients)
    await laboratory.stop()


class SentEvents:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self) -> SentEvents:
        """Stand for the publisher's class as well."""
        return self

    def publish(self, events: Sequence[Event], _places: Sequence[object] = ()) -> None:
        """Take every event."""
        self.events.extend(events)


@pytest.fixture
def sent() -> SentEvents:
    """What functions of this test published."""
    return SentEvents()


@pytest.fixture
def enrich(catalogue: connect.Addresses, sent: SentEvents) -> ModuleType:
    """Return ``catalog_enrich`` with an embedder that needs no model."""
    assert catalogue.artifacts_dir.exists()
    main = load("catalog_enrich")
    main.embedder = WordsEmbedder  # type: ignore[attr-defined]
    main.PubSubPublisher = sent  # type: ignore[attr-defined]
    return main


def content_ids() -> list[str]:
    """Return the ids of every title."""
    with connect.reads().connect() as connection:
        return [str(row.id) for row in connection.execute(text("SELECT id FROM content"))]


def about(event_type: str, found: Sequence[str], *, turn: int = 0) -> Event:
    """Return an event about titles."""
    return Event(
        event_id=ids.named(event_type, *found, str(turn)),
        event_type=event_type,
        occurred_at=catalog.NOW,
        correlation_id="test",
        data={"content_ids": list(found)},
    )


@pytest_asyncio.fixture
async def indexed(index: vertex.Deployment, enrich: ModuleType) -> vertex.Deployment:
    """The index with every title in it, brought there by the product's own two steps."""
    found = await asyncio.to_thread(content_ids)
    for main, topic in ((enrich, "content.ingested"), (load("search_index"), "metadata.enriched")):
        answer = await ask(main.handle, "POST", "/", body=pushed(about(topic, found)))
        assert answer.status == 204
    return index


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Redis]:
    """One Redis for a file."""
    with temporary_redis() as running:
        yield running


@pytest.fixture
def identity(
    connected: connect.Addresses, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Let this process be the token and device functions, over an empty database."""
    assert connected.database_url
    with identity_house(monkeypatch, redis_server.url) as made:
        yield made


@pytest.fixture
def accounts(
    connected: connect.Addresses,
    redis_server: Redis,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[AccountsHouse]:
    """Let this process be the account functions, over an empty database."""
    assert connected.database_url
    with accounts_house(monkeypatch, redis_server.url, tmp_path / "mail") as made:
        yield made


@pytest.fixture
def pages(accounts: AccountsHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[PagesHouse]:
    """Our own pages, with one member who has a password."""
    asyncio.run(accounts.member())
    with pages_house(monkeypatch, accounts) as made:
        yield made


@pytest.fixture
def visitor(pages: PagesHouse) -> Browser:
    """A browser that shows them."""
    return Browser(pages)
