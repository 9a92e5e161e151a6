"""GET /api/v1/search/autocomplete: what a viewer may be about to type."""

from shared.adapters import connect, probes
from shared.adapters.snapshots import Snapshot, WatchedSnapshot
from shared.adapters.sql.dictionary.asked import SqlSuggestedTitles
from shared.gateway.vary import TAGS_HEADER
from shared.kernel.principal import Principal
from shared.runtime import http
from shared.runtime.viewer import authorize
from shared.search.suggest.answer import (
    Dictionary,
    Found,
    Recent,
    SuggestAnswer,
    SuggestParameters,
    suggest_answer,
    suggestions,
)
from shared.search.suggest.index import SNAPSHOT, Suggester
from shared.search.viewers import kept_for

HOUR = 3600
titles = SqlSuggestedTitles()
recent = Recent()


def _dictionary(snapshot: Snapshot) -> Dictionary:
    return Dictionary(snapshot.version, Suggester.from_arrays(snapshot.arrays, snapshot.about))


dictionary = WatchedSnapshot(lambda: connect.addresses().artifacts_dir / SNAPSHOT, _dictionary)


@http.describes(query=SuggestParameters, answer=SuggestAnswer)
def autocomplete(request: http.Request) -> http.Reply:
    """Answer with suggestions; what could not be checked is not kept by anybody."""
    asked = request.query(SuggestParameters)
    loaded = dictionary.current()
    who, known = request.principal, loaded.value if loaded else None
    found = suggestions(asked, known, titles, recent, viewer=who)
    return http.reply(suggest_answer(asked, found), headers=_headers(found, who))


def _headers(found: Found, viewer: Principal) -> dict[str, str]:
    """Return for how long an answer may be kept, and whose events make it untrue."""
    if found.degraded:
        return {"cache-control": "no-store"}
    ids = [str(each.content_id) for each in found.suggestions if each.content_id]
    return {
        "cache-control": kept_for(viewer, HOUR),
        **({TAGS_HEADER: ",".join(ids)} if ids else {}),
    }


handle = http.resource(__file__, autocomplete, authorize=authorize, probes=[probes.database])
