"""Pub/Sub: events out, through Google's own client."""

from __future__ import annotations

from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.kernel import trace
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kernel.events import Event
    from shared.kernel.trace import TraceContext

PUBLISH_TIMEOUT_SECONDS = 10.0


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
        from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415 - with its client

        client, project = _client(), connect.addresses().project
        sent = []
        for event, place in zip_longest(events, places):
            with trace.resumed(place):
                sent.append((event, self._send(client, project, event)))
        failed: list[str] = []
        for event, future in sent:
            try:
                future.result(timeout=PUBLISH_TIMEOUT_SECONDS)
            except (GoogleAPIError, TimeoutError, RuntimeError) as error:
                failed.append(f"{event.event_type} {event.event_id}: {error}")
                if event.subject:  # the client refuses to resume what has no order
                    topic = client.topic_path(project, event.event_type)
                    client.resume_publish(topic, event.subject)
        if failed:
            raise UnavailableError(f"{len(failed)} events were not published: {failed[0]}")

    @staticmethod
    def _send(client: Any, project: str, event: Event) -> Any:  # noqa: ANN401 - the client is untyped
        with trace.span(f"publish {event.event_type}", trace.Kind.PRODUCER):
            return client.publish(
                client.topic_path(project, event.event_type),
                event.model_dump_json().encode(),
                ordering_key=event.subject,
                event_id=str(event.event_id),
                correlation_id=event.correlation_id,
                **trace.headers(),
            )


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
