"""What an administrator says about a platform that pushes."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.catalog.item import PlatformId
from shared.catalog.platforms import platforms
from shared.catalog.webhooks.notice import Kind

HUB_PLATFORM = "youtube"
"""The one platform whose notices come through a hub (WebSub)."""
Reference = Annotated[
    str,
    StringConstraints(pattern=r"^projects/[a-z0-9:.-]{1,100}/secrets/webhook-signing/versions/[0-9]{1,9}$"),
]  # fmt: skip
"""A version of the one secret that receivers may read: never a value, never another secret."""
Topic = Annotated[
    str,
    StringConstraints(
        pattern=r"^https://www\.youtube\.com/(xml/)?feeds/videos\.xml\?(channel|playlist)_id=[A-Za-z0-9_-]{10,64}$"
    ),
]


Known = Annotated[PlatformId, Field(json_schema_extra={"enum": sorted(platforms())})]


class Registration(BaseModel):
    """A platform's registration; the same platform again replaces it.

    Attributes:
        secret_ref: Version of the secret ``webhook-signing`` in Secret Manager.
        previous_secret_ref: One that is still good while the platform changes over.
        event_types: Kinds of notices that are taken; empty takes every one.
        legacy: Whether the platform signs the body alone, without a time: it can be replayed.
        topics: Feeds that the hub may push, of YouTube alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: Known
    secret_ref: Reference
    previous_secret_ref: Reference | None = None
    event_types: tuple[Kind, ...] = Field(default=(), max_length=3)
    rate_per_minute: int = Field(default=100, ge=1, le=6000)
    legacy: bool = False
    topics: tuple[Topic, ...] = Field(default=(), max_length=1000)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.platform not in platforms():
            raise ValueError(f"there is no platform {self.platform!r}")
        if self.topics and self.platform != HUB_PLATFORM:
            raise ValueError(f"only {HUB_PLATFORM} has topics")
        if self.previous_secret_ref == self.secret_ref:
            raise ValueError("both secrets are the same")
        return self


class Whose(BaseModel):
    """Whose notices."""

    model_config = ConfigDict(extra="forbid")

    platform: PlatformId


class StatsQuery(BaseModel):
    """Of which platform, all where none is named."""

    model_config = ConfigDict(extra="forbid")

    platform: PlatformId | None = None


class ReplayRequest(BaseModel):
    """How many dead letters, oldest first."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=100, ge=1, le=1000)
