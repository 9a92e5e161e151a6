"""Somebody's host that says what its application is, behind TLS on loopback."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from tests.fakes.loopback import Silent, behind_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/oauth/client.json"
CALLBACK = "https://notes.example/callback"


@dataclass
class ClientHost:
    """What it answers, and how often it was asked.

    Attributes:
        url: Of the document, which is the application's id.
        said: The document; bytes are answered as they are.
        drops: Seconds between the bytes of a body that takes its time; 0 answers at once.
    """

    url: str = ""
    trusted: ssl.SSLContext | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    said: Any = None
    asked: int = 0
    drops: float = 0

    def document(self, **changed: object) -> dict[str, object]:
        """Return a good document, some members changed; None leaves one out."""
        usual: dict[str, object] = {
            "client_id": self.url,
            "client_name": "Film notes",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "logo_uri": "https://notes.example/logo.png",
        }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}


@contextmanager
def client_host(folder: Path) -> Iterator[ClientHost]:
    """Serve one document."""
    found = ClientHost()
    handler = type("_Asked", (_Handler,), {"host": found})
    with behind_tls(handler, folder, "localhost") as (base, found.trusted):
        found.url = base + PATH
        found.said = found.document()
        yield found


class _Handler(Silent):
    host: ClassVar[ClientHost]

    def take(self) -> None:
        """Answer with the document."""
        self.host.asked += 1
        said = self.host.said
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        self.send_response(self.host.status)
        length = 100_000 if self.host.drops else len(body)
        for name, value in {**self.host.headers, "content-length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
        while self.host.drops:
            try:
                self.wfile.write(b" ")
            except OSError:
                return
            sleep(self.host.drops)
        self.wfile.write(body)
