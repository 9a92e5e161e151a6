"""The answers that are served: ranked as SQL says, kept in Redis, wired in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.redis.answers import RedisAnswers
from shared.adapters.sql.ranking.catalog_version import CatalogVersion
from shared.adapters.sql.ranking.store import read_standing
from shared.search.answers.kept import OPEN_SECONDS, USUAL_SECONDS, KeptAnswers
from shared.search.answers.serving import ServedAnswers
from shared.search.tuning.tunings import Tunings

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.kernel.clock import Clock
    from shared.search.hybrid import Search


def served_answers(
    search: Callable[[], Search],
    clock: Clock,
    *,
    usual_seconds: int = USUAL_SECONDS,
    open_seconds: int = OPEN_SECONDS,
) -> ServedAnswers:
    """Return the answers of this process; making them reaches for nothing.

    Args:
        search: Gives the search of this process.
        clock: Tells when a change of the catalog has settled.
        usual_seconds: How long an answer is kept.
        open_seconds: How long one that no filter holds for is, where nobody signed in.
    """
    kept = KeptAnswers(RedisAnswers(), usual_seconds=usual_seconds, open_seconds=open_seconds)
    return ServedAnswers(search, Tunings(read_standing), kept, CatalogVersion(clock))
