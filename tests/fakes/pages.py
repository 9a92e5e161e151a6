"""A platform's pages on loopback, behind TLS with a certificate of a test's own authority."""

from __future__ import annotations

import ssl
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

from tests.fakes.subscribers import _certificate

if TYPE_CHECKING:
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
    chain, key = _certificate(folder, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            found.base = f"https://localhost:{server.server_port}"
            found.trusted = ssl.create_default_context(cafile=str(chain))
            yield found
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    pages: ClassVar[Pages]
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        """Answer with a status."""
        self.pages.asked.append((self.command, self.path, self.headers["user-agent"]))
        either = f"{self.command} {self.path}"
        statuses = self.pages.statuses
        self.send_response(statuses[either if either in statuses else self.path])
        self.send_header("content-length", "0")
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        """Answer with a status and an empty page."""
        self.do_HEAD()

    def log_message(self, *_words: object) -> None:
        """Keep silent."""
