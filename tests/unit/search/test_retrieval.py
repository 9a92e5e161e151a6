"""Retrieval by meaning: what the nearest vectors are asked to be near to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from shared.kernel.vectors import normalize
from shared.search.filters import Filters
from shared.search.ports import Asked, Hit, Seed
from shared.search.retrieval import MeaningRetriever, QueryVectors
from tests.fakes.embedder import WordsEmbedder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from shared.search.ports import Datapoint, Vector


class CountedEmbedder(WordsEmbedder):
    """An embedder that tells what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def embed(self, texts: Sequence[str], kind: Literal["query", "document"]) -> Vector:
        """Return one row per text."""
        self.asked += [(text, kind) for text in texts]
        return super().embed(texts, kind)


class Index:
    """Points that lie where their names say; tells what was asked for."""

    def __init__(self, *points: str) -> None:
        self.points = dict(zip(points, WordsEmbedder().embed(points, "document"), strict=True))
        self.near: list[tuple[Vector, Filters, str, int]] = []

    def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        """Change nothing."""

    def remove(self, ids: Sequence[str]) -> None:
        """Change nothing."""

    def nearest(self, vector: Vector, filters: Filters, *, model: str, limit: int) -> Sequence[str]:
        """Return the points, nearest first."""
        self.near.append((vector, filters, model, limit))
        return sorted(self.points, key=lambda id_: -float(self.points[id_] @ vector))[:limit]

    def vectors(self, ids: Sequence[str], *, model: str) -> Mapping[str, Vector]:
        """Return the vectors of the points there are."""
        assert model == WordsEmbedder.model
        return {id_: self.points[id_] for id_ in ids if id_ in self.points}


@pytest.fixture
def index() -> Index:
    return Index("train robbery", "desert fox", "sea robbery")


def vector(*texts: str) -> Vector:
    """Return what lies between texts."""
    return normalize(WordsEmbedder().embed(texts, "query").sum(axis=0))


def asked_of(index: Index, asked: Asked) -> Vector:
    """Return the vector that the index was asked to be near to."""
    MeaningRetriever(QueryVectors(WordsEmbedder), index).retrieve(asked, limit=2)
    return index.near[-1][0]


def test_titles_come_nearest_first_of_the_model_and_the_filters_asked_for(index: Index) -> None:
    filters = Filters(platforms=("netflix",))
    retriever = MeaningRetriever(QueryVectors(WordsEmbedder), index)

    hits = retriever.retrieve(Asked("train robbery", filters), limit=2)

    assert hits == [Hit("train robbery"), Hit("sea robbery")]
    assert index.near[0][1:] == (filters, WordsEmbedder.model, 2)


def test_without_titles_to_be_like_near_is_what_is_near_the_words(index: Index) -> None:
    assert asked_of(index, Asked("fox")) == pytest.approx(vector("fox"))


def test_without_words_near_is_what_is_near_the_titles_to_be_like(index: Index) -> None:
    seeds = (Seed("train robbery"), Seed("desert fox"))
    assert asked_of(index, Asked("", seeds=seeds)) == pytest.approx(
        vector("train robbery", "desert fox")
    )


def test_words_count_as_one_title_to_be_like_does_and_titles_by_their_weight(index: Index) -> None:
    seeds = (Seed("train robbery"), Seed("desert fox", 0.5), Seed("unknown"))
    wanted = vector("sea") + vector("train robbery") + 0.5 * vector("desert fox")

    assert asked_of(index, Asked("sea", seeds=seeds)) == pytest.approx(normalize(wanted))


@pytest.mark.parametrize("asked", [Asked(""), Asked("", seeds=(Seed("unknown"),))])
def test_where_there_is_nothing_to_be_near_to_nothing_is_asked(index: Index, asked: Asked) -> None:
    assert MeaningRetriever(QueryVectors(WordsEmbedder), index).retrieve(asked, limit=2) == []
    assert index.near == []


def test_a_query_is_embedded_once_however_its_letters_are_written() -> None:
    embedder = CountedEmbedder()
    vectors = QueryVectors(lambda: embedder)

    assert np.array_equal(vectors("Space War"), vectors("space war"))
    assert embedder.asked == [("Space War", "query")]


def test_the_query_that_nobody_asked_for_longest_is_forgotten_first() -> None:
    embedder = CountedEmbedder()
    vectors = QueryVectors(lambda: embedder, size=2)
    for text in ("war", "space", "war", "bank", "war", "space"):
        vectors(text)

    assert [text for text, _ in embedder.asked] == ["war", "space", "bank", "space"]
