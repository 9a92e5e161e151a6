"""What functions really answer is what the API documents."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from shared.catalog.answers import Availability, GenreList, PlatformList, TitlePage
from shared.search.answer import SearchAnswer
from tests.fakes.edge import ask, load
from tests.fakes.embedder import WordsEmbedder
from tests.functions.conftest import content_ids

if TYPE_CHECKING:
    from pydantic import BaseModel

    from shared.adapters import connect
    from tests.emulated.vertex.conftest import Deployment

TARGETS = [
    ("/api/v1/genres", GenreList),
    ("/api/v1/platforms", PlatformList),
]


async def conforms(folder: str, target: str, model: type[BaseModel]) -> BaseModel:
    """Return a real answer, read by the model that documents it."""
    main = load(folder)
    main.embedder = WordsEmbedder  # type: ignore[attr-defined]
    answer = await ask(main.handle, "GET", target)
    assert answer.status == 200, answer.body
    return model.model_validate_json(answer.body, strict=True)


@pytest.mark.parametrize(("target", "model"), TARGETS)
async def test_lists_conform(
    catalogue: connect.Addresses, target: str, model: type[BaseModel]
) -> None:
    assert catalogue.database_url
    found = await conforms("catalog_read", target, model)
    assert len(found.items) > 1  # type: ignore[attr-defined]


async def test_every_title_and_its_offers_conform(catalogue: connect.Addresses) -> None:
    assert catalogue.database_url
    offers = 0
    for content_id in content_ids()[:15]:
        path = f"/api/v1/content/{content_id}"
        page = await conforms("catalog_read", path, TitlePage)
        found = await conforms("catalog_read", f"{path}/availability?region=US", Availability)
        offers += len(found.items)  # type: ignore[attr-defined]
        assert page.id == UUID(content_id)  # type: ignore[attr-defined]
    assert offers > 1


@pytest.mark.parametrize("rest", ["", "&explain=true", "&region=US&year_from=1990&sort=newest"])
async def test_searches_conform(indexed: Deployment, rest: str) -> None:
    assert indexed.index
    found = await conforms("search_query", f"/api/v1/search?q=heptapods+garden{rest}", SearchAnswer)
    assert found.results  # type: ignore[attr-defined]
