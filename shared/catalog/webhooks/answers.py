"""What the webhooks' endpoints answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.catalog.webhooks.receiving import Status

_ID = "019b76da-a800-7b31-8000-2f3c5a1d9e40"


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class WebhookTaken(BaseModel):
    """A notice was kept, now or by an earlier delivery, whose id this is."""

    model_config = _example(event_id=_ID, status="accepted")

    event_id: UUID
    status: Status


class WebhookSource(BaseModel):
    """A platform's registration; secrets stand in Secret Manager and are named by reference."""

    model_config = _example(
        platform="netflix",
        secret_ref="projects/p/secrets/webhook-signing/versions/2",  # noqa: S106 - a reference
        previous_secret_ref=None,
        event_types=["content_added", "content_removed"],
        rate_per_minute=100,
        legacy=False,
        topics=[],
    )

    platform: str
    secret_ref: str
    previous_secret_ref: str | None
    event_types: list[str]
    rate_per_minute: int
    legacy: bool
    topics: list[str]


class WebhookStats(BaseModel):
    """The last 24 hours, but for the dead letters, which are all there are.

    Attributes:
        failed: Notices that wait after a try that failed.
        queue_age_s: Age of the oldest notice that waits; 0 where none does.
        p95_ms: Bound within which 95 % of deliveries were answered, None where there was none.
    """

    model_config = _example(
        received=105,
        accepted=90,
        duplicates=10,
        rejected=5,
        processed=88,
        failed=1,
        dead_lettered=0,
        queue_age_s=3.5,
        p95_ms=25,
    )

    received: int
    accepted: int
    duplicates: int
    rejected: int
    processed: int
    failed: int
    dead_lettered: int
    queue_age_s: float
    p95_ms: int | None


class WebhookReplayed(BaseModel):
    """How many dead letters are processed once more."""

    model_config = _example(platform="netflix", replayed=12)

    platform: str
    replayed: int


class WebhookSubscription(BaseModel):
    """Where events are pushed to; its secret is never shown.

    Attributes:
        paused_because: Why nothing is pushed any more: the last try's failure.
    """

    model_config = _example(
        id=_ID,
        url="https://example.com/hooks/media",
        event_types=["availability.changed"],
        status="active",
        paused_because=None,
        paused_at=None,
        created_at="2026-01-01T00:00:00Z",
    )

    id: UUID
    url: str
    event_types: list[str]
    status: str
    paused_because: str | None
    paused_at: datetime | None
    created_at: datetime


class WebhookSubscriptions(BaseModel):
    """Every subscription of the caller, oldest first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"items": []}]})

    items: list[WebhookSubscription]
