"""The search that is served: every source, filter and order of it, wired in one place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from shared.adapters.sql.facets import SqlFacets
from shared.adapters.sql.graph.reads import SqlEdges, SqlTraits
from shared.adapters.sql.search import SqlTitles, WordRetriever
from shared.adapters.vector_search import VertexVectorIndex
from shared.search.facets import RememberedFacets
from shared.search.graph.walk import GraphRetriever
from shared.search.hybrid import Search
from shared.search.languagemodel.assisted import Assisted
from shared.search.resident.serving import (
    ResidentEdges,
    ResidentFacets,
    ResidentTitles,
    ResidentTraits,
    ResidentWords,
)
from shared.search.retrieval import MeaningRetriever, QueryVectors
from shared.search.understanding.reading import Understanding

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.kernel.clock import Clock
    from shared.search.languagemodel.race import Raced
    from shared.search.ports import Embedder
    from shared.search.resident.catalog import Catalog
    from shared.search.understanding.ports import Names

RETRIEVERS_AT_ONCE = 16


def served_search(
    embedder: Callable[[], Embedder],
    names: Callable[[], Names | None],
    resident: Callable[[], Catalog | None],
    clock: Clock,
    *,
    readings: Raced | None = None,
) -> Search:
    """Return a search over the catalogue that this process is connected to.

    Args:
        embedder: Gives the model when it is first needed, so that words are searched without one.
        names: Gives the names of the catalogue, None while there are none.
        resident: Gives the catalogue of this process; SQL answers while there is none.
        clock: Tells which offers are live, and this year.
        readings: Gives what a language model read of a question before; None without a model.
    """
    meaning = MeaningRetriever(QueryVectors(embedder), VertexVectorIndex())
    words = ResidentWords(resident, WordRetriever(clock=clock), clock)
    counts = ResidentFacets(resident, RememberedFacets(SqlFacets(clock=clock), clock), clock)
    rules = Understanding(names, clock)
    return Search(
        retrievers=[meaning, words, GraphRetriever(ResidentEdges(resident, SqlEdges()))],
        titles=ResidentTitles(resident, SqlTitles(clock=clock), clock),
        executor=ThreadPoolExecutor(RETRIEVERS_AT_ONCE, "retriever"),
        clock=clock,
        understand=rules if readings is None else Assisted(rules, readings, names),
        counts=counts,
        traits=ResidentTraits(resident, SqlTraits()),
    )
