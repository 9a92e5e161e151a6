"""A hub on loopback that takes or refuses subscriptions, and is asked to confirm them by a test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl

from tests.fakes.loopback import Silent, loopback

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Hub:
    """What it was asked for, and what it answers.

    Attributes:
        refuses: Topics that it answers with 422.
        asked: The form of each request, in order.
    """

    url: str = ""
    refuses: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving_hub() -> Iterator[Hub]:
    """Serve a hub at `Hub.url`."""
    found = Hub()
    with loopback(type("_Asked", (_Handler,), {"hub": found})) as base:
        found.url = f"{base}/subscribe"
        yield found


class _Handler(Silent):
    hub: ClassVar[Hub]

    def take(self) -> None:
        """Take a request for a subscription (WebSub §5.1.1: 202)."""
        form = dict(parse_qsl(self.body().decode()))
        self.hub.asked.append(form)
        self.answer(422 if form["hub.topic"] in self.hub.refuses else 202)
