"""GET and POST /api/v1/search: titles that match words and meaning."""

from functools import cache
from time import perf_counter

from shared.adapters import connect, probes
from shared.adapters.answering import served_answers
from shared.adapters.catalog_names import catalog_names
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.adapters.language_models.chosen import Chosen, chosen_readings
from shared.adapters.resident import Resident
from shared.adapters.searching import served_search
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.kernel.principal import Purpose
from shared.runtime import http, search_events
from shared.runtime.viewer import authorize
from shared.search.analytics.performed import of_served
from shared.search.answer import SearchAnswer
from shared.search.hybrid import Search
from shared.search.query import SearchParameters, SearchQuery
from shared.search.viewers import limited

clock = SystemClock()
ids = TimeOrderedIds(clock)
resident = Resident(clock)
LINKS = {
    "title": http.Link("get_title", {"id": "$response.body#/results/0/content/id"}),
    "offers": http.Link("get_availability", {"id": "$response.body#/results/0/content/id"}),
}
"""Where a viewer goes from here."""
SOON = {"cache-control": "private, max-age=30"}


@cache
def embedder() -> OnnxEmbedder:
    """Return the model of this process, loaded by the first search that needs it."""
    return OnnxEmbedder.load(connect.addresses().artifacts_dir / "models" / "minilm")


@cache
def search_titles() -> Search:
    """Return the search of this process."""
    readings = chosen_readings(Chosen.here(), clock, count=search_events.read)
    return served_search(embedder, catalog_names(), resident.current, clock, readings=readings)


answers = served_answers(search_titles, clock)


@http.describes(query=SearchParameters, answer=SearchAnswer, links=LINKS)
def search(request: http.Request) -> http.Reply:
    """Answer one search given as parameters."""
    return _answer(request, request.query(SearchParameters).to_query())


@http.describes(body=SearchQuery, answer=SearchAnswer, links=LINKS)
def search_posted(request: http.Request) -> http.Reply:
    """Answer one search given as a body."""
    return _answer(request, request.json(SearchQuery))


def _answer(request: http.Request, asked: SearchQuery) -> http.Reply:
    started, query = perf_counter(), limited(asked, request.principal)
    served = answers(query, principal=search_events.asker(request.principal))
    search_id, milliseconds = ids.new(), (perf_counter() - started) * 1000
    if request.principal.allows(Purpose.ANALYTICS):
        user = search_events.person(request.principal)
        told = of_served(served, query, search_id=search_id, user=user, milliseconds=milliseconds)
        search_events.note(told)
    return http.Reply(served.body(search_id, milliseconds), headers=SOON)


handle = http.resource(
    __file__, search, search_posted, authorize=authorize,
    probes=[probes.database, probes.vector_index, probes.embedder(embedder), probes.redis],
)  # fmt: skip
