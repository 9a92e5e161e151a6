"""A platform's pages on loopback, behind TLS."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from tests.fakes.loopback import Silent, behind_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Pages:
    """What was asked, and what is answered.

    Attributes:
        statuses: By path, or by method and path; 200 for every other.
        asked: Method, path and agent of each call, in order.
    """

    base: str = ""
    trusted: ssl.SSLContext | None = None
    statuses: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: 200))
    asked: list[tuple[str, str, str]] = field(default_factory=list)


@contextmanager
def serving_pages(folder: Path) -> Iterator[Pages]:
    """Serve a platform at `Pages.base`."""
    found = Pages()
    handler = type("_Asked", (_Handler,), {"pages": found})
    with behind_tls(handler, folder) as (found.base, found.trusted):
        yield found


class _Handler(Silent):
    pages: ClassVar[Pages]

    def take(self) -> None:
        """Answer with a status and an empty page."""
        self.pages.asked.append((self.command, self.path, self.headers["user-agent"]))
        either = f"{self.command} {self.path}"
        statuses = self.pages.statuses
        status = statuses[either if either in statuses else self.path]
        self.answer(status, {"location": "/elsewhere"})
