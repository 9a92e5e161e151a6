"""A subscriber on loopback, behind TLS."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep
from typing import TYPE_CHECKING, ClassVar

from tests.fakes.loopback import Silent, behind_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Subscriber:
    """What was pushed to it, and what it answers.

    Attributes:
        status: Of every answer.
        headers: Of every answer.
        taken: Headers and body of each push, in order.
        drops: Seconds between the letters of an answer that never ends; 0 answers at once.
    """

    url: str = ""
    trusted: ssl.SSLContext | None = None
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    drops: float = 0


@contextmanager
def subscriber(folder: Path, name: str = "localhost") -> Iterator[Subscriber]:
    """Serve one; its certificate is of `name` and 127.0.0.1."""
    found = Subscriber()
    handler = type("_Pushed", (_Handler,), {"subscriber": found})
    with behind_tls(handler, folder, name) as (base, found.trusted):
        found.url = f"{base}/hook?of=media"
        yield found


class _Handler(Silent):
    subscriber: ClassVar[Subscriber]
    _dropped = False

    def take(self) -> None:
        """Take a push."""
        said = {name.lower(): value for name, value in self.headers.items()}
        self.subscriber.taken.append(({**said, ":path": self.path}, self.body()))
        while self.subscriber.drops:
            try:
                self.wfile.write(b"H" if not self._dropped else b"x")
            except OSError:
                return
            self._dropped = True
            sleep(self.subscriber.drops)
        self.answer(self.subscriber.status, self.subscriber.headers)
