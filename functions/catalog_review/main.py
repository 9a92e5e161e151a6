"""/api/v1/admin/ingestion/review: what ingestion could not decide, and what a person says of it."""

from functools import cache

from shared.adapters import connect, probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql import audit
from shared.adapters.sql.life.merge import Act
from shared.adapters.sql.review import reviews
from shared.adapters.sql.statement import translated
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.catalog.life_answers import (
    Decision,
    DecisionAnswer,
    ReviewItem,
    ReviewOnly,
    ReviewQuery,
)
from shared.kernel.pages import Listing, Page
from shared.runtime import http
from shared.runtime.audit import audit_event, cursors
from shared.runtime.viewer import authorize

publisher = cache(PubSubPublisher)


@http.describes(query=ReviewQuery, answer=Page[ReviewItem])
def list_reviews(request: http.Request) -> http.Reply:
    """Answer with one page of questions, the likeliest first."""
    query = request.query(ReviewQuery)
    listing = Listing(request.path, query, cursors())
    asked = listing.position()
    with translated("review_item"), connect.reads().connect() as connection:
        window = reviews.list_reviews(connection, query.filters(), asked, limit=query.per_page)
    page = listing.page(window, lambda item: item)
    links = page.link_header(listing.target())
    return http.reply(page.document(), headers={"link": links, "cache-control": "no-store"})


@http.describes(query=ReviewOnly, body=Decision, answer=DecisionAnswer, refusals=(410,))
def decide_review(request: http.Request) -> http.Reply:
    """Answer a question, for good."""
    asked, decision = request.query(ReviewOnly).id, request.json(Decision)
    details = decision.model_dump(mode="json")
    said = audit_event(
        request, request.principal, "CONTENT_UPDATE",
        resource_type="review", resource_id=str(asked), details=details,
    )  # fmt: skip
    with translated("review_item"), connect.engine().begin() as connection:
        act = Act(said.id, said.actor_id, said.occurred_at)
        done = reviews.decide_review(connection, asked, decision, act=act)
        audit.write(connection, said)
    publish_now(connect.engine(), publisher(), done.outbox)
    found = {"id": str(done.id), "status": done.status, "content_id": str(done.content_id)}
    return http.reply(found)


def secrets() -> None:
    """Make sure that cursors can be signed."""
    cursors()


handle = http.resource(
    __file__, list_reviews, decide_review,
    authorize=authorize, probes=[probes.database, secrets, probes.pubsub],
)  # fmt: skip
