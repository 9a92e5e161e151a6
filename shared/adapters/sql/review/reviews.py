"""Questions that ingestion leaves to a person: listed, and answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.sql.life.merge import merge_titles
from shared.adapters.sql.statement import statement
from shared.catalog.life_answers import ReviewItem, ReviewStatus, Verdict
from shared.kernel.errors import ConflictError, FieldIssue, InvalidInputError, NotFoundError
from shared.kernel.pages import Window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy import Connection, Row

    from shared.adapters.sql.life.merge import Act
    from shared.catalog.life_answers import Decision
    from shared.kernel.pages import Position

NEXT = statement(__file__, "list_next", "shown")
BEFORE = statement(__file__, "list_before", "shown")
HOLD = statement(__file__, "hold_review")
DECIDE = statement(__file__, "decide")
JSON_COLUMNS = ("features", "listed", "candidate")


class ReviewDecidedError(ConflictError):
    """Somebody answered the question before."""

    code = "review-decided"


@dataclass(frozen=True)
class Decided:
    """What became of a question, and the outbox rows that say so.

    Attributes:
        content_id: The title that the listing belongs to now.
    """

    id: UUID
    status: ReviewStatus
    content_id: UUID
    outbox: tuple[int, ...] = ()


def list_reviews(
    connection: Connection, filters: Mapping[str, Any], asked: Position | None, *, limit: int
) -> Window[ReviewItem]:
    """Return a page of the questions that pass every filter, the likeliest first.

    Args:
        connection: Where to read.
        filters: ``status``, ``reason`` and ``platform``, as `ReviewQuery.filters` gives them.
        asked: Where the page begins; None is the likeliest question.
        limit: Questions of a page.
    """
    place = {"sort_key": asked and asked.sort_key, "id": asked and asked.id}
    query = BEFORE if asked and asked.backward else NEXT
    rows = connection.execute(query(), {**filters, **place, "limit": limit + 1}).all()
    return Window.cut(
        [_shown(row) for row in rows],
        limit,
        asked=asked,
        place=lambda item: (item.score, str(item.id)),
    )


def _shown(row: Row[Any]) -> ReviewItem:
    found = dict(row._mapping)  # noqa: SLF001 - public, in spite of its name
    return ReviewItem.model_validate(
        found | {name: orjson.loads(found[name]) for name in JSON_COLUMNS}
    )


def decide_review(
    connection: Connection, review_id: UUID, decision: Decision, *, act: Act
) -> Decided:
    """Answer a question in the caller's transaction.

    ``merge`` makes the listing's title one with the candidate, or with the title that is named
    instead; ``separate`` makes that nobody is asked about the two again.

    Raises:
        NotFoundError: There is no such question.
        ReviewDecidedError: It was answered before.
        InvalidInputError: A title is named though the two are separate.
        AppError: The titles cannot be merged; see `merge_titles`.
    """
    row = connection.execute(HOLD(), {"id": review_id}).first()
    if row is None:
        raise NotFoundError(f"there is no question {review_id}")
    if row.status != ReviewStatus.PENDING:
        raise ReviewDecidedError(f"question {review_id} was answered: {row.status}")
    if decision.decision is Verdict.SEPARATE and decision.entity_id is not None:
        message = "a title is named only where the two are merged"
        raise InvalidInputError(message, issues=[FieldIssue("entity_id", "with-merge", message)])
    found = Decided(review_id, ReviewStatus.SEPARATE, row.listed)
    if decision.decision is Verdict.MERGE:
        found = _merged(connection, row, decision.entity_id, act)
    given = {"id": review_id, "status": str(found.status), "by": act.by, "now": act.at}
    connection.execute(DECIDE(), given)
    return found


def _merged(connection: Connection, row: Row[Any], entity_id: UUID | None, act: Act) -> Decided:
    other = entity_id or row.candidate
    if other == row.listed:
        return Decided(row.id, ReviewStatus.MERGED, row.listed)
    done = merge_titles(connection, row.listed, other, act=act)
    return Decided(row.id, ReviewStatus.MERGED, done.kept, done.outbox)
