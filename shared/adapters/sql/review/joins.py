"""Stored titles that turn out to be one, joined without a person where that is sure enough."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.life.merge import Act, merge_titles
from shared.adapters.sql.life.records import hold, read_records
from shared.adapters.sql.review.reviews import DECIDE, HOLD
from shared.adapters.sql.statement import statement, translated
from shared.adapters.sql.titles import ContentNotFoundError
from shared.catalog.life_answers import ReviewStatus, Verdict
from shared.catalog.lifecycle import AlreadyMergedError
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import ConflictError, GoneError
from shared.kernel.ids import Ids, TimeOrderedIds
from shared.matching.hindsight import REASONS, Question, are_one, likeliest_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine, Row

    from shared.matching.scorer import Score

    Alike = tuple[UUID, Question, Score]

logger = logging.getLogger(__name__)

OPEN_PAIRS = statement(__file__, "open_pairs")
CALLED_SEPARATE = statement(__file__, "called_separate")
BY = "catalog-join"
BATCH = 200
"""Questions whose titles are read at once."""
FIRST = UUID(int=0)


@dataclass(frozen=True)
class Joined:
    """Two titles that became one, and the outbox rows that say so."""

    kept: UUID
    merged: UUID
    outbox: tuple[int, ...]


class SqlJoins:
    """Answers questions in ``review_item`` whose titles have become alike enough.

    A question is looked at without locks first; only a pair that seems to be one is held, which
    stops all pages of items for as long as its merge takes, and looked at again.
    """

    def __init__(
        self, engine: Engine | None = None, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        self._given = engine
        self._clock = clock or SystemClock()
        self._ids = ids or TimeOrderedIds(self._clock)

    @property
    def engine(self) -> Engine:
        """Where everything is kept."""
        return self._given or connect.engine()

    def join(self, *, most: int) -> Iterator[Joined]:
        """Join the likeliest pairs, each in a transaction of its own, and yield what was joined.

        Args:
            most: Pairs to try; the others wait for the next time.

        Raises:
            UnavailableError: The database does not answer.
        """
        for question_id, reason in self._sure()[:most]:
            done = self._tried(question_id, reason)
            if done is not None:
                yield done

    def _tried(self, question_id: UUID, reason: str) -> Joined | None:
        try:
            with translated("review_item"), self.engine.begin() as connection:
                return self._join(connection, question_id, reason)
        except ConflictError as error:  # a person merged or answered at the same moment
            logger.info("join.raced", extra={"question": question_id, "detail": error.message})
            return None

    def _sure(self) -> list[tuple[UUID, str]]:
        """Return the questions whose titles are alike enough, and why they were asked."""
        found = sorted(
            (likeliest_first(alike.value, asked), question_id, asked.reason)
            for page in self._pages()
            for question_id, asked, alike in page
        )
        return [(question_id, reason) for _, question_id, reason in found]

    def _pages(self) -> Iterator[list[Alike]]:
        after, reasons = FIRST, json_text(list(REASONS))
        while True:
            with translated("review_item"), self.engine.connect() as connection:
                given = {"reasons": reasons, "after": after, "limit": BATCH}
                rows = connection.execute(OPEN_PAIRS(), given).all()
                yield _alike(connection, rows)
            if len(rows) < BATCH:
                return
            after = rows[-1].id

    def _join(self, connection: Connection, question_id: UUID, reason: str) -> Joined | None:
        row = connection.execute(HOLD(), {"id": question_id}).first()
        if row is None or row.status != ReviewStatus.PENDING:
            return None
        if None in {row.listed, row.candidate} or row.listed == row.candidate:
            return None
        try:
            hold(connection, id=row.listed, into=row.candidate)
        except (AlreadyMergedError, ContentNotFoundError, GoneError):
            return None  # another act got there first; its own statements answer the question
        both = {"left": row.listed, "right": row.candidate}
        alike = _still_alike(connection, reason, both)
        if alike is None or connection.execute(CALLED_SEPARATE(), both).scalar_one():
            return None
        return self._merge(connection, question_id, both, alike)

    def _merge(
        self, connection: Connection, question_id: UUID, both: Mapping[str, UUID], alike: Score
    ) -> Joined:
        act = Act(self._ids.new(), BY, self._clock.now())
        done = merge_titles(connection, both["left"], both["right"], act=act)
        answer = {"id": question_id, "status": str(ReviewStatus.MERGED), "by": BY, "now": act.at}
        connection.execute(DECIDE(), answer)
        said = {"decision": Verdict.MERGE.value, "score": round(alike.value, 4)}
        titles = {"kept": str(done.kept), "merged": str(done.merged)}
        audit.write(connection, joined_event(act, "review", question_id, {**said, **titles}))
        logger.info("title.joined", extra={**titles, "score": said["score"]})
        return Joined(done.kept, done.merged, done.outbox)


def _alike(connection: Connection, rows: Sequence[Row[Any]]) -> list[Alike]:
    ids = {one for row in rows for one in (row.content_id, row.candidate_id)}
    stored = read_records(connection, sorted(ids)) if ids else {}
    facts = {content_id: one.record.facts() for content_id, one in stored.items()}
    found = []
    for row in rows:
        if not {row.content_id, row.candidate_id} <= facts.keys():
            continue  # another job or a person joined it since the question was read
        asked = Question(row.reason, row.content_id, row.candidate_id)
        alike = are_one(asked.reason, facts[asked.content_id], facts[asked.candidate_id])
        if alike is not None:
            found.append((row.id, asked, alike))
    return found


def _still_alike(connection: Connection, reason: str, both: Mapping[str, UUID]) -> Score | None:
    """Return how likely two titles are one, now that nobody else can change them."""
    stored = read_records(connection, sorted(both.values()))
    left, right = (stored[one].record.facts() for one in both.values())
    return are_one(reason, left, right)


def joined_event(
    act: Act, resource_type: str, resource_id: UUID, details: Mapping[str, object]
) -> AuditEvent:
    """Return what the audit log says of two titles that the job made one.

    Args:
        act: The merge.
        resource_type: Of what led to it.
        resource_id: Likewise.
        details: The titles, and why.
    """
    return AuditEvent(
        id=act.id,
        occurred_at=act.at,
        actor_id=BY,
        actor_type=ActorType.SYSTEM,
        action="CONTENT_UPDATE",
        resource_type=resource_type,
        resource_id=str(resource_id),
        details=details,
    )
