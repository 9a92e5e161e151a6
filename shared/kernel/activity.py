"""What viewers do, as events of the stream ``user-activity`` (spec/discovery §4, spec/playback §4).

At least once: an act whose state is in SQL goes through the outbox with it; any other is published
before the caller is answered, and a failure is the caller's. Consumers know an act by its id.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Protocol
from uuid import UUID

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.kernel.events import Event

TOPIC = "user-activity"
METADATA_BYTES = 4096
MOST_IMPRESSIONS = 10

Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class ActivityType(StrEnum):
    """What was done."""

    SEARCH_QUERY = "search_query"
    SEARCH_RESULT_CLICK = "search_result_click"
    CONTENT_VIEW = "content_view"
    CONTENT_RATING = "content_rating"
    PLAYBACK_START = "playback_start"
    PLAYBACK_PAUSE = "playback_pause"
    PLAYBACK_RESUME = "playback_resume"
    PLAYBACK_COMPLETE = "playback_complete"
    PLAYBACK_ABANDON = "playback_abandon"
    USER_LOGIN = "user_login"
    USER_LOGOUT = "user_logout"
    PROFILE_UPDATE = "profile_update"
    PREFERENCE_CHANGE = "preference_change"


_ABOUT_A_TITLE = frozenset(
    {t for t in ActivityType if t.startswith(("content_", "playback_"))}
    | {ActivityType.SEARCH_RESULT_CLICK}
)


class SearchSaid(BaseModel):
    """What a ``search_query`` says; its first results are what the viewer saw."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(max_length=500)
    result_count: int = Field(ge=0)
    latency_ms: float = Field(ge=0)
    filters: dict[str, Any] = Field(default_factory=dict)
    result_ids: tuple[UUID, ...] = Field(default=(), max_length=MOST_IMPRESSIONS)


class ClickSaid(BaseModel):
    """What a ``search_result_click`` says; the first position is 1."""

    model_config = ConfigDict(extra="forbid")

    search_id: UUID
    position: int = Field(ge=1)


class RatingSaid(BaseModel):
    """What a ``content_rating`` says, in stars."""

    model_config = ConfigDict(extra="forbid")

    rating: int = Field(ge=1, le=5)


class PlaybackSaid(BaseModel):
    """What every ``playback_…`` says."""

    model_config = ConfigDict(extra="forbid")

    session_id: UUID
    platform_id: Id
    position_seconds: float = Field(ge=0)
    duration_seconds: float = Field(gt=0)
    completion_rate: float = Field(ge=0, le=1)
    device_type: str = Field(default="", pattern=r"^(?:tv|phone|tablet|web|desktop)?$")


SAID: Mapping[ActivityType, type[BaseModel]] = MappingProxyType(
    {
        ActivityType.SEARCH_QUERY: SearchSaid,
        ActivityType.SEARCH_RESULT_CLICK: ClickSaid,
        ActivityType.CONTENT_RATING: RatingSaid,
        **{kind: PlaybackSaid for kind in ActivityType if kind.startswith("playback_")},
    }
)
"""What the metadata of a type must look like; those of any other are free."""


class Activity(BaseModel):
    """Something a viewer did.

    Attributes:
        event_id: Same id, same act, however often it arrives.
        user_id: Also the ordering key.
        content_id: The title it is about; needed where there must be one.
        timestamp: When it was done, with its zone.
        metadata: As `SAID` has it for the type; at most `METADATA_BYTES` as JSON.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: UUID
    user_id: Id
    event_type: ActivityType
    content_id: UUID | None = None
    timestamp: AwareDatetime
    metadata: Mapping[str, Any] = Field(default_factory=dict)
    device_id: Id | None = None
    region: Region | None = None

    @field_validator("metadata")
    @classmethod
    def _is_small_json(cls, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            written = orjson.dumps(dict(metadata))
        except TypeError as error:
            raise ValueError(f"metadata have no JSON form: {error}") from None
        if len(written) > METADATA_BYTES:
            raise ValueError(f"metadata have {len(written)} bytes, at most {METADATA_BYTES}")
        found: dict[str, Any] = orjson.loads(written)
        return found

    @model_validator(mode="after")
    def _says_what_its_type_says(self) -> "Activity":
        if self.content_id is None and self.event_type in _ABOUT_A_TITLE:
            raise ValueError(f"{self.event_type} is about a title: content_id is missing")
        expected = SAID.get(self.event_type)
        if expected is not None:
            expected.model_validate(self.metadata)
        return self

    def event(self, correlation_id: str) -> Event:
        """Return the act in the one envelope.

        Args:
            correlation_id: Shared by everything one cause led to; a request's id.
        """
        return Event(
            event_id=self.event_id,
            event_type=TOPIC,
            occurred_at=self.timestamp,
            correlation_id=correlation_id,
            subject=self.user_id,
            data=self.model_dump(mode="json", exclude_none=True, exclude={"event_id"}),
        )


def activity_of(event: Event) -> Activity:
    """Return the act that an event of `TOPIC` tells, for a consumer.

    Raises:
        InvalidInputError: It is not one, naming every field; no repetition can mend it.
    """
    try:
        return Activity.model_validate({**event.data, "event_id": event.event_id})
    except ValidationError as error:
        issues = [
            FieldIssue(".".join(map(str, e["loc"])) or "activity", e["type"], e["msg"])
            for e in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise InvalidInputError("the event tells no activity", issues=issues) from None


class Publisher(Protocol):
    """Sends events; returns when they are taken, else raises `UnavailableError`."""

    def publish(self, events: Sequence[Event]) -> None:
        """Send every event."""


def publish_activities(
    publisher: Publisher, activities: Sequence[Activity], *, correlation_id: str
) -> int:
    """Publish acts before the caller is answered, each id once, and return how many there were.

    Order holds within one viewer.

    Raises:
        UnavailableError: At least one was not taken; publishing all again is safe.
    """
    once = {activity.event_id: activity for activity in activities}
    if once:
        publisher.publish([activity.event(correlation_id) for activity in once.values()])
    return len(once)
