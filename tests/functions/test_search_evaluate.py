"""A corpus is brought in by the product's own steps, into an empty catalogue alone."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from shared.adapters.corpus import corpus_names, load_corpus
from shared.adapters.searching import served_search
from shared.kernel.clock import FixedClock
from shared.kernel.errors import ConflictError
from shared.search.evaluation.corpus import read_corpus
from shared.search.query import SearchQuery, Strategy
from tests.fakes.catalog import NOW
from tests.fakes.embedder import WordsEmbedder

if TYPE_CHECKING:
    from pathlib import Path

    from shared.adapters.connect import Addresses
    from shared.catalog.item import CanonicalItem

CLOCK = FixedClock(NOW)
FILMS = (
    {"tmdb_id": 949, "title": "Heat", "year": 1995, "cast": ["Al Pacino"], "popularity": 30},
    {"tmdb_id": 10394, "title": "Heat", "year": 1986, "alt_titles": ["Burning Vegas"]},
    {"tmdb_id": 8195, "title": "Ronin", "year": 1998, "overview": "A case in Paris."},
)


@pytest.fixture
def items(tmp_path: Path) -> list[CanonicalItem]:
    path = tmp_path / "tmdb_corpus.jsonl"
    path.write_text("".join(json.dumps(film) + "\n" for film in FILMS))
    return list(read_corpus(path, NOW).items)


@pytest.fixture
def catalogue(connected: Addresses) -> Addresses:
    """Return an empty one, in place of that of the other tests of functions."""
    return connected


@pytest.mark.usefixtures("index")
async def test_a_corpus_is_found_by_words_by_meaning_and_by_any_of_its_names(
    items: list[CanonicalItem],
) -> None:
    films = await asyncio.to_thread(load_corpus, items, WordsEmbedder(), CLOCK)
    names = await asyncio.to_thread(corpus_names, CLOCK)
    search = served_search(WordsEmbedder, lambda: names, lambda: None, CLOCK)

    async def found(query: str, strategy: Strategy) -> list[str]:
        asked = SearchQuery(query=query, strategy=strategy)
        return [one.candidate.id for one in (await asyncio.to_thread(search, asked)).page]

    assert set(films) == {"949", "10394", "8195"}
    assert (await found("heat", Strategy.HYBRID))[:2] == [films["949"], films["10394"]]
    assert await found("burning vegas", Strategy.KEYWORD) == [films["10394"]]
    assert (await found("a case in paris", Strategy.VECTOR))[0] == films["8195"]


@pytest.mark.usefixtures("index")
async def test_a_catalogue_with_titles_takes_no_corpus(items: list[CanonicalItem]) -> None:
    await asyncio.to_thread(load_corpus, items[:1], WordsEmbedder(), CLOCK)

    with pytest.raises(ConflictError, match="goes into an empty one"):
        await asyncio.to_thread(load_corpus, items[1:], WordsEmbedder(), CLOCK)
