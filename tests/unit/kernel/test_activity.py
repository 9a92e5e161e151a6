"""Acts of viewers are validated, travel in the one envelope and keep their ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.kernel.activity import (
    SAID,
    TOPIC,
    Activity,
    ActivityType,
    activity_of,
    publish_activities,
)
from shared.kernel.errors import InvalidInputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kernel.events import Event

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEAT, SEARCH, SESSION = UUID(int=1), UUID(int=2), UUID(int=3)
WATCHED = {
    "session_id": str(SESSION),
    "platform_id": "netflix",
    "position_seconds": 900.5,
    "duration_seconds": 10_200,
    "completion_rate": 0.09,
    "device_type": "tv",
}
METADATA: dict[ActivityType, dict[str, Any]] = {
    ActivityType.SEARCH_QUERY: {
        "query": "heist",
        "result_count": 2,
        "latency_ms": 41.5,
        "filters": {"region": "US"},
        "result_ids": [str(HEAT)],
    },
    ActivityType.SEARCH_RESULT_CLICK: {"search_id": str(SEARCH), "position": 1},
    ActivityType.CONTENT_RATING: {"rating": 5},
    **{kind: WATCHED for kind in ActivityType if kind.startswith("playback_")},
}


def act(kind: ActivityType = ActivityType.CONTENT_VIEW, n: int = 1, **said: Any) -> Activity:  # noqa: ANN401 - any field
    usual = {"event_id": UUID(int=n), "user_id": "u-1", "content_id": HEAT, "timestamp": NOON}
    return Activity.model_validate(
        {**usual, "event_type": kind, "metadata": METADATA.get(kind, {}), **said}
    )


class Topic:
    """Takes events, or refuses them."""

    def __init__(self, *, down: bool = False) -> None:
        self.taken: list[Event] = []
        self.down = down

    def publish(self, events: Sequence[Event]) -> None:
        """Take every event."""
        if self.down:
            raise UnavailableError("the topic does not answer")
        self.taken.extend(events)


@pytest.mark.parametrize("kind", ActivityType)
def test_every_kind_of_act_arrives_as_it_was_sent(kind: ActivityType) -> None:
    sent = act(kind, region="DE", device_id="d-1")
    event = sent.event("request-1")

    assert (event.event_type, event.subject, event.event_id) == (TOPIC, "u-1", sent.event_id)
    assert activity_of(type(event).model_validate_json(event.model_dump_json())) == sent


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        (ActivityType.CONTENT_VIEW, {"content_id": None}, "content_id is missing"),
        (ActivityType.CONTENT_VIEW, {"timestamp": datetime(2026, 1, 1)}, "timestamp"),  # noqa: DTZ001 - what is refused
        (ActivityType.CONTENT_VIEW, {"user_id": ""}, "user_id"),
        (ActivityType.CONTENT_VIEW, {"region": "de"}, "region"),
        (ActivityType.CONTENT_VIEW, {"mood": "tense"}, "mood"),
        (ActivityType.CONTENT_VIEW, {"metadata": {"text": "x" * 4096}}, "4107 bytes"),
        (ActivityType.CONTENT_RATING, {"metadata": {"rating": 6}}, "rating"),
        (ActivityType.SEARCH_QUERY, {"metadata": {"query": "x"}}, "result_count"),
        (
            ActivityType.SEARCH_QUERY,
            {"metadata": METADATA[ActivityType.SEARCH_QUERY] | {"result_ids": [str(HEAT)] * 11}},
            "result_ids",
        ),
        (ActivityType.PLAYBACK_START, {"metadata": WATCHED | {"completion_rate": 2}}, "completion"),
        (ActivityType.PLAYBACK_START, {"metadata": WATCHED | {"device_type": "fridge"}}, "device"),
    ],
)
def test_an_act_that_says_the_wrong_thing_is_refused(
    kind: ActivityType, said: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        act(kind, **said)


def test_acts_of_the_account_need_no_title_and_say_what_they_like() -> None:
    login = act(ActivityType.USER_LOGIN, content_id=None, metadata={"method": "passkey"})

    assert "content_id" not in login.event("r").data
    assert ActivityType.USER_LOGIN not in SAID


def test_an_event_that_tells_no_act_is_set_aside_and_names_its_fields() -> None:
    event = act().event("r").model_copy(update={"data": {"user_id": "u-1", "event_type": "sneeze"}})

    with pytest.raises(InvalidInputError) as refused:
        activity_of(event)
    assert {issue.field for issue in refused.value.issues} == {"event_type", "timestamp"}


def test_each_act_is_published_once_in_order() -> None:
    topic = Topic()
    first, second = act(n=1), act(ActivityType.CONTENT_RATING, n=2)

    assert publish_activities(topic, [first, second, first], correlation_id="request-1") == 2
    assert [event.event_id for event in topic.taken] == [first.event_id, second.event_id]
    assert {event.correlation_id for event in topic.taken} == {"request-1"}
    assert publish_activities(topic, [], correlation_id="request-1") == 0


def test_what_the_topic_does_not_take_is_the_callers_failure() -> None:
    with pytest.raises(UnavailableError):
        publish_activities(Topic(down=True), [act()], correlation_id="request-1")
