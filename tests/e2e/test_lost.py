"""Where search itself is lost, its problem tells what is popular."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from emulators.hub.calls import Answer
from tests.e2e.cloud import Cloud, within

SOON = 30


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process stand still meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_lost_search_leaves_what_is_popular(cloud: Cloud) -> None:
    within(SOON, lambda: cloud.finds("space adventure"), "search")

    def lost() -> Answer | None:
        answer = cloud.ask("GET", "/api/v1/search?q=heat")
        return None if answer.is_good or "fallback" not in answer.body else answer

    with stopped(cloud.functions()["search_query"]["pid"]):
        answer = within(SOON, lost, "a problem with what stands in")
        filtered = cloud.ask("GET", "/api/v1/search?q=heat&region=US")

    assert answer is not None
    assert answer.status in {503, 504}
    assert answer.body["fallback"]["path"] == "/api/v1/search"
    assert answer.body["fallback"]["answer"]["results"]
    assert "fallback" not in filtered.body
    within(SOON, lambda: cloud.finds("space adventure"), "search")
