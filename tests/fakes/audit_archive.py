"""Archives of the audit log for tests: one in memory, and Cloud Storage's JSON API over HTTP."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator


class MemoryArchive:
    """`shared.kernel.audit_archive.Archive` in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def add(self, name: str, content: bytes) -> bool:
        """Keep an object unless there is one of that name."""
        return self.objects.setdefault(name, content) is content

    def read(self, name: str) -> bytes:
        """Return what an object holds."""
        return self.objects[name]

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin so."""
        return sorted(name for name in self.objects if name.startswith(prefix))


class Bucket(ThreadingHTTPServer):
    """One bucket with a retention policy: an object is made once, listed two a page.

    Attributes:
        failures: Statuses that the next requests are answered with instead.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.objects: dict[str, bytes] = {}
        self.failures: list[int] = []
        self.tokens: set[str] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self._fails():
            return
        place = urlsplit(self.path)
        asked = parse_qs(place.query)
        assert place.path == "/upload/storage/v1/b/locked/o"
        assert (asked["uploadType"], asked["ifGenerationMatch"]) == (["media"], ["0"])
        (name,) = asked["name"]
        made = self.server.objects.setdefault(name, body) is body
        self._answer(200 if made else 412, orjson.dumps({"name": name}))

    def do_GET(self) -> None:
        if self._fails():
            return
        place = urlsplit(self.path)
        asked = parse_qs(place.query, keep_blank_values=True)
        base = "/storage/v1/b/locked/o"
        if place.path == base:
            self._list(asked)
            return
        assert asked["alt"] == ["media"]
        found = self.server.objects.get(unquote(place.path.removeprefix(f"{base}/")))
        self._answer(404 if found is None else 200, found or b"{}")

    def _list(self, asked: dict[str, list[str]]) -> None:
        names = sorted(n for n in self.server.objects if n.startswith(asked["prefix"][0]))
        first = int(asked.get("pageToken", ["0"])[0])
        page: dict[str, object] = {"items": [{"name": n} for n in names[first : first + 2]]}
        if first + 2 < len(names):
            page["nextPageToken"] = str(first + 2)
        self._answer(200, orjson.dumps(page if names else {}))

    def _fails(self) -> bool:
        self.server.tokens.add(self.headers.get("authorization", ""))
        if not self.server.failures:
            return False
        self._answer(self.server.failures.pop(0), b'{"error": "later"}')
        return True

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@contextmanager
def bucket() -> Iterator[Bucket]:
    """Serve a bucket named ``locked``."""
    server = Bucket()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
