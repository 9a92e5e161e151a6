"""A viewer's shortest journey through a public door: words, a title's page, where it is offered.

    python -m terraform.pipeline.smoke https://api.example --words "space adventure"

The status is 1 with the step that failed. Nothing is written anywhere, so it may run at any time.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TIMEOUT_SECONDS = 15
OK = 200
WORDS = "space adventure"
REGION = "US"
TRIES = 5
"""A new tag, certificate or instance takes its time; a broken step stays broken."""
PAUSE_SECONDS = 10.0


class SmokeError(Exception):
    """A step of the journey failed; the message names it."""


@dataclass(frozen=True)
class Door:
    """A public door, and headers that every request carries."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, step: str, path: str, **parameters: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the body of an answer that had to be 200.

        Raises:
            SmokeError: It was another, or none.
        """
        try:
            answer = requests.get(
                f"{self.url.rstrip('/')}{path}",
                params=parameters,
                headers=dict(self.headers),
                timeout=TIMEOUT_SECONDS,
            )
            if answer.status_code != OK:
                raise SmokeError(f"{step}: {answer.status_code} {answer.text[:300]}")
            return answer.json()
        except (requests.RequestException, ValueError) as error:
            raise SmokeError(f"{step}: {error}") from error


def walked(door: Door, *, words: str = WORDS, region: str = REGION, filled: bool = True) -> str:
    """Walk once and return the title that was found.

    Args:
        door: Where it goes in.
        words: What the viewer looks for.
        region: Where the viewer is.
        filled: Whether there must be titles; an environment that is new has none.

    Raises:
        SmokeError: A step failed, or two steps contradict each other.
    """
    door.get("health", "/health/live")
    hits = door.get("search", "/api/v1/search", q=words, region=region)["results"]
    if not hits:
        if filled:
            raise SmokeError(f"search: nothing is found by {words!r}")
        return ""
    found = hits[0]["content"]
    path = f"/api/v1/content/{quote(found['id'])}"
    page = door.get("title page", path, region=region)
    if page["title"] != found["title"]:
        raise SmokeError(f"title page: {page['title']!r} is not what was found, {found['title']!r}")
    offers = door.get("availability", f"{path}/availability", region=region)
    if not isinstance(offers.get("items"), list):
        raise SmokeError(f"availability: {str(offers)[:300]} lists no offers")
    door.get("suggestions", "/api/v1/search/autocomplete", q=words, region=region)
    door.get("trends", "/api/v1/search/suggestions/trending", region=region)
    door.get("links", f"{path}/links", region=region)
    door.get("titles that leave", "/api/v1/content/expiring", region=region)
    if not door.get("keys", "/.well-known/jwks.json").get("keys"):
        raise SmokeError("keys: there is none to check tokens with")
    return str(found["title"])


def insisted(
    walk: Callable[[], str], *, tries: int = TRIES, pause: Callable[[float], None] = time.sleep
) -> str:
    """Walk until it works, a few times at most.

    Raises:
        SmokeError: It failed each time; the last reason.
    """
    for left in reversed(range(tries)):
        try:
            return walk()
        except SmokeError:
            if not left:
                raise
            pause(PAUSE_SECONDS)
    raise SmokeError("no try was asked for")


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk through one door; 1 with the step that failed."""
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.smoke")
    parser.add_argument("door", help="its address, like https://api.example")
    parser.add_argument("--words", default=WORDS, help="what to look for")
    parser.add_argument("--region", default=REGION, help="where the viewer is")
    parser.add_argument("--tries", type=int, default=TRIES, help="how often at most")
    parser.add_argument("--may-be-empty", action="store_true", help="no title need be there yet")
    asked = parser.parse_args(arguments)

    def walk() -> str:
        door, filled = Door(asked.door), not asked.may_be_empty
        return walked(door, words=asked.words, region=asked.region, filled=filled)

    try:
        found = insisted(walk, tries=asked.tries)
    except SmokeError as error:
        sys.stderr.write(f"{asked.door}: {error}\n")
        return 1
    sys.stdout.write(f"{asked.door}: found {found or 'no title, which it need not'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
