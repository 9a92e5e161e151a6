"""What suggestions ask the catalogue itself: who still lives, and what begins so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.kernel import text
from shared.kernel.clock import Clock, SystemClock
from shared.search.maturity import RESTRICTED
from shared.search.suggest.entries import Kind, title_popularity
from shared.search.suggest.highlight import highlight
from shared.search.suggest.index import Allowed, Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

LIVING = statement(__file__, "living", "allowed")
BEGUN = statement(__file__, "begun", "allowed")
MATCH_CAP = 500


class SqlSuggestedTitles:
    """`shared.search.suggest.answer.SuggestedTitles`; one statement a call."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def living(self, ids: Sequence[UUID], allowed: Allowed) -> frozenset[UUID]:
        """Return those of ``ids`` that may be suggested now."""
        if not ids:
            return frozenset()
        given = "{" + ",".join(map(str, ids)) + "}"
        rows = read(LIVING(), {"ids": given, **self._bound(allowed)}, what="suggested titles")
        return frozenset(row.id for row in rows)

    def begun(self, typed: str, allowed: Allowed, *, limit: int) -> list[Suggestion]:
        """Return titles with all the typed words, of which the last may be begun only."""
        words = text.words(typed)
        if not words:
            return []
        asked = " & ".join([*(f"{word}:A" for word in words[:-1]), f"{words[-1]}:*A"])
        bound = {"words": asked, "cap": MATCH_CAP, "limit": limit, **self._bound(allowed)}
        rows = read(BEGUN(), bound, what="titles that begin so")
        return [_suggestion(row, " ".join(words)) for row in rows]

    def _bound(self, allowed: Allowed) -> dict[str, Any]:
        return {
            "region": allowed.region,
            "maturity": allowed.maturity_rank,
            "unrated": RESTRICTED,
            "blocked": sorted(allowed.blocked_genres),
            "now": self._clock.now(),
        }


def _suggestion(row: Any, folded: str) -> Suggestion:  # noqa: ANN401 - a row
    return Suggestion(
        text=row.title,
        kind=Kind.TITLE,
        popularity=round(title_popularity(row.popularity, row.votes), 4),
        content_id=row.id,
        highlight=highlight(row.title, folded),
    )
