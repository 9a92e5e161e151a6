"""/api/v1/admin/search/ranking: how searches are ranked, for whom, and how they were before."""

from typing import Any

from shared.adapters import probes
from shared.adapters.sql.ranking import acts
from shared.runtime import http
from shared.runtime.audit import audit_event
from shared.runtime.viewer import authorize
from shared.search.tuning import replies as told
from shared.search.tuning.changes import CONTROL, SEEN, RankingChange, VariantChange, seen_version
from shared.search.tuning.queries import HistoryQuery, OwnVariant, WhichVariant, WhichVersion

FRESH = {"cache-control": "no-store"}
WRITES: dict[str, Any] = {"headers": SEEN, "refusals": (409, 412)}


@http.describes(answer=told.RankingAnswer)
def get_ranking(_request: http.Request) -> http.Reply:
    """Answer with what callers get who are in no variant."""
    return _tagged(acts.usual())


@http.describes(None, RankingChange, told.RankingAnswer, **WRITES)
def replace_ranking(request: http.Request) -> http.Reply:
    """Replace what callers get who are in no variant."""
    change = request.json(RankingChange)
    return _tagged(acts.replace(change, _act(request, CONTROL, change.model_dump())))


@http.describes(answer=told.VariantList)
def list_ranking_variants(_request: http.Request) -> http.Reply:
    """Answer with every variant, and the share that they leave."""
    return http.reply(acts.variants(), headers=FRESH)


@http.describes(query=WhichVariant, answer=told.VariantAnswer)
def get_ranking_variant(request: http.Request) -> http.Reply:
    """Answer with one variant."""
    return _tagged(acts.variant(request.query(WhichVariant).name))


@http.describes(OwnVariant, VariantChange, told.VariantAnswer, **WRITES)
def put_ranking_variant(request: http.Request) -> http.Reply:
    """Make or replace a variant."""
    name, change = request.query(OwnVariant).name, request.json(VariantChange)
    return _tagged(acts.put_variant(name, change, _act(request, name, change.model_dump())))


@http.describes(OwnVariant, status=204, media_type="", **WRITES)
def end_ranking_variant(request: http.Request) -> http.Reply:
    """End a variant; its viewers get the usual again."""
    name = request.query(OwnVariant).name
    acts.end_variant(name, _act(request, name, {"ended": True}))
    return http.Reply(status=204, media_type="")


@http.describes(query=HistoryQuery, answer=told.RankingHistory)
def list_ranking_history(request: http.Request) -> http.Reply:
    """Answer with versions, newest first."""
    return http.reply(acts.history(request.query(HistoryQuery)), headers=FRESH)


@http.describes(query=WhichVersion, answer=told.PastRanking)
def get_ranking_version(request: http.Request) -> http.Reply:
    """Answer with one version, in force or ended."""
    return http.reply(acts.version(request.query(WhichVersion).version), headers=FRESH)


def _tagged(found: told.RankingAnswer) -> http.Reply:
    return http.reply(found, headers={**FRESH, "etag": f'"{found.version}"'})


def _act(request: http.Request, name: str, details: dict[str, Any]) -> acts.Act:
    seen = seen_version(request.headers)
    about: dict[str, Any] = {"resource_id": name, "details": {**details, "replaces": seen}}
    about["resource_type"] = "search-ranking"
    return acts.Act(seen, audit_event(request, request.principal, "CONFIG_CHANGE", **about))


handle = http.resource(
    __file__, get_ranking, replace_ranking, list_ranking_variants, get_ranking_variant,
    put_ranking_variant, end_ranking_variant, list_ranking_history, get_ranking_version,
    authorize=authorize, probes=[probes.database],
)  # fmt: skip
