"""Titles that stand at one place of one series, made one where nothing speaks against it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.life.merge import Act, Merged, merge_titles
from shared.adapters.sql.life.records import hold, read_records
from shared.adapters.sql.review.joins import BY, CALLED_SEPARATE, Joined, joined_event
from shared.adapters.sql.statement import statement, translated
from shared.adapters.sql.titles import ContentNotFoundError
from shared.catalog.lifecycle import AlreadyMergedError
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import ConflictError, GoneError
from shared.kernel.ids import Ids, TimeOrderedIds
from shared.matching.features import best_pair
from shared.matching.series import objection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Row

logger = logging.getLogger(__name__)

SAME_PLACES = statement(__file__, "same_places")
STAND_TOGETHER = statement(__file__, "stand_together")
ASK = statement(__file__, "ask")


class PlaceJoins:
    """Makes one of the episodes, or seasons, that several entries put at one place.

    What came before its series was there, or on two pages at once, was stored twice; who comes
    later finds the place taken (`shared.adapters.sql.series.links.SeriesLinks.placed`).
    """

    def __init__(
        self, engine: Engine | None = None, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        self._given = engine
        self._clock = clock or SystemClock()
        self._ids = ids or TimeOrderedIds(self._clock)

    def join(self, *, most: int) -> Iterator[Joined]:
        """Join or ask about at most so many pairs, each in a transaction of its own.

        Raises:
            UnavailableError: The database does not answer.
        """
        engine = self._given or connect.engine()
        with translated("series_link"), engine.connect() as connection:
            pairs = connection.execute(SAME_PLACES(), {"most": most}).all()
        for pair in pairs:
            try:
                with translated("series_link"), engine.begin() as connection:
                    done = self._join(connection, pair)
            except ConflictError as error:  # a page or a person was there at the same moment
                logger.info("join.raced", extra={"detail": error.message})
                continue
            if done is not None:
                yield Joined(done.kept, done.merged, done.outbox)

    def _join(self, connection: Connection, pair: Row[Any]) -> Merged | None:
        both = {"oldest": pair.oldest, "other": pair.other}
        try:
            hold(connection, id=pair.other, into=pair.oldest)
        except (AlreadyMergedError, ContentNotFoundError, GoneError):
            return None
        stand = connection.execute(STAND_TOGETHER(), both).one()
        sides = {"left": pair.oldest, "right": pair.other}
        if not stand.together or connection.execute(CALLED_SEPARATE(), sides).scalar_one():
            return None
        stored = read_records(connection, list(both.values()))
        left, right = (stored[one].record.facts() for one in both.values())
        why = "id" if stand.told_apart else objection(left, right)
        act = Act(self._ids.new(), BY, self._clock.now())
        place = {"season": pair.season_no, "episode": pair.episode_no}
        if why is not None:
            score = round(best_pair(left, right)[0], 4)
            said = {"score": score, "features": json_text({**place, "against": why})}
            connection.execute(ASK(), {"id": act.id, **both, **said, "now": act.at})
            return None
        done = merge_titles(connection, pair.oldest, pair.other, act=act)
        titles = {"kept": str(done.kept), "merged": str(done.merged)}
        audit.write(connection, joined_event(act, "content", done.kept, {**titles, **place}))
        logger.info("title.joined", extra={**titles, **place})
        return done
