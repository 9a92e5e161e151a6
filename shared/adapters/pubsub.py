"""Pub/Sub: events out, through Google's own client."""

from __future__ import annotations

from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.kernel import trace
from shared.kernel.errors import UnavailableError
from shared.kernel.once import one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.adapters.sql.dead_letters.store import Again
    from shared.kernel.events import Event
    from shared.kernel.trace import TraceContext

PUBLISH_TIMEOUT_SECONDS = 10.0
REDELIVERED = "redelivered_to"
"""Attribute that names the one service a message is meant for; subscriptions filter by it."""


class PubSubPublisher:
    """Publishes events to the topic named by their type."""

    def publish(self, events: Sequence[Event], places: Sequence[TraceContext | None] = ()) -> None:
        """Return when the server has taken every event; order holds within one subject.

        Args:
            events: To the topics of their types.
            places: Of each event, where in a trace it was written; the caller's own where not said.

        Raises:
            UnavailableError: At least one was not taken; publishing all again is safe, since
                consumers know an event by its id.
        """
        sent = []
        for event, place in zip_longest(events, places):
            with trace.resumed(place):
                sent.append((event, event.event_type, _send(event, event.event_type)))
        failed = list(_failures(sent).values())
        if failed:
            raise UnavailableError(f"{len(failed)} events were not published: {failed[0]}")

    def send_again(self, letters: Sequence[Again]) -> set[int]:
        """Send each letter to the one consumer that failed at it; others' filters leave it out.

        Returns:
            Which were not taken, by their place.

        Raises:
            UnavailableError: None was taken.
        """
        sent = [
            (one.event, one.topic, _send(one.event, one.topic, **{REDELIVERED: one.consumer}))
            for one in letters
        ]
        failed = _failures(sent)
        if failed and len(failed) == len(letters):
            raise UnavailableError(f"no dead letter was taken: {failed[0]}")
        return set(failed)


def _send(event: Event, topic: str, **attributes: str) -> Any:  # noqa: ANN401 - the client is untyped
    client = one(_client)
    with trace.span(f"publish {topic}", trace.Kind.PRODUCER):
        return client.publish(
            client.topic_path(connect.addresses().project, topic),
            event.model_dump_json().encode(),
            ordering_key=event.subject,
            event_id=str(event.event_id),
            correlation_id=event.correlation_id,
            **attributes,
            **trace.headers(),
        )


def _failures(sent: Sequence[tuple[Event, str, Any]]) -> dict[int, str]:
    """Wait for each to be taken; return what is wrong with those that were not, by place."""
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415 - with its client

    failed: dict[int, str] = {}
    for at, (event, topic, future) in enumerate(sent):
        try:
            future.result(timeout=PUBLISH_TIMEOUT_SECONDS)
        except (GoogleAPIError, TimeoutError, RuntimeError) as error:
            failed[at] = f"{topic} {event.event_id}: {error}"
            if event.subject:  # the client refuses to resume what has no order
                client = one(_client)
                path = client.topic_path(connect.addresses().project, topic)
                client.resume_publish(path, event.subject)
    return failed


@cache
def _client() -> Any:  # noqa: ANN401 - the client is untyped
    # 230 ms, only where events are sent
    from google.cloud.pubsub_v1 import PublisherClient, types  # noqa: PLC0415

    return PublisherClient(
        batch_settings=types.BatchSettings(max_messages=100, max_latency=0.005),
        publisher_options=types.PublisherOptions(
            enable_message_ordering=True, timeout=PUBLISH_TIMEOUT_SECONDS
        ),
    )
