"""What can be subscribed to is what is pushed."""

from __future__ import annotations

from functions.manifest import read_all
from shared.catalog.webhooks.subscribing import ATTEMPTS, Topic, wait_after


def test_the_function_that_pushes_hears_exactly_what_can_be_subscribed_to() -> None:
    event = read_all()["webhook_deliver"].event
    assert event is not None
    assert set(event.topics) == set(Topic)


def test_five_tries_are_5_10_20_and_40_seconds_apart() -> None:
    waits = [wait_after(attempt) for attempt in range(1, ATTEMPTS + 1)]
    assert [wait and wait.total_seconds() for wait in waits] == [5, 10, 20, 40, None]
