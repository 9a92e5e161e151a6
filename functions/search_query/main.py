"""GET and POST /api/v1/search: titles that match words and meaning."""

from functools import cache
from time import perf_counter

from shared.adapters import connect, probes
from shared.adapters.catalog_names import catalog_names
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.adapters.resident import Resident
from shared.adapters.searching import served_search
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import http
from shared.search.answer import SearchAnswer, search_answer
from shared.search.hybrid import Search
from shared.search.query import SearchParameters, SearchQuery

clock = SystemClock()
ids = TimeOrderedIds(clock)
names = catalog_names()
resident = Resident(clock)
LINKS = {
    "title": http.Link("get_title", {"id": "$response.body#/results/0/content/id"}),
    "offers": http.Link("get_availability", {"id": "$response.body#/results/0/content/id"}),
}
"""Where a viewer goes from here."""


@cache
def embedder() -> OnnxEmbedder:
    """Return the model of this process, loaded by the first search that needs it."""
    return OnnxEmbedder.load(connect.addresses().artifacts_dir / "models" / "minilm")


@cache
def search_titles() -> Search:
    """Return the search of this process."""
    return served_search(embedder, names, resident.current, clock)


@http.describes(query=SearchParameters, answer=SearchAnswer, links=LINKS)
def search(request: http.Request) -> http.Reply:
    """Answer one search given as parameters."""
    return _answer(request.query(SearchParameters).to_query())


@http.describes(body=SearchQuery, answer=SearchAnswer, links=LINKS)
def search_posted(request: http.Request) -> http.Reply:
    """Answer one search given as a body."""
    return _answer(request.json(SearchQuery))


def _answer(query: SearchQuery) -> http.Reply:
    started = perf_counter()
    found = search_titles()(query)
    milliseconds = (perf_counter() - started) * 1000
    answer = search_answer(query, found, search_id=ids.new(), milliseconds=milliseconds)
    return http.reply(answer, headers={"cache-control": "private, max-age=30"})


handle = http.resource(
    __file__,
    search,
    search_posted,
    probes=[probes.database, probes.vector_index, probes.embedder(embedder)],
)
