"""A small Google over HTTP: services of Cloud Run, Monitoring, builds of images, and the door."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Json = dict[str, Any]
PLACE = "projects/p/locations/us-central1"
TITLE = {"id": "0197", "title": "Heat"}


def service(name: str, *, newest: int, percent: dict[str, int] | None = None) -> Json:
    """Return a service whose newest revision is ready; without a split, that one has everything."""
    path = f"{PLACE}/services/{name}"
    latest = f"{path}/revisions/{name}-{newest}"
    split = percent or {f"{name}-{newest}": 100}
    shares = [{"revision": revision, "percent": share} for revision, share in split.items()]
    ready = {"latestReadyRevision": latest, "latestCreatedRevision": latest}
    return {"name": path, "trafficStatuses": shares, **ready}


@dataclass
class Cloud:
    """What is there, and what was asked."""

    services: dict[str, Json] = field(default_factory=dict)
    samples: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)
    objects: dict[str, bytes] = field(default_factory=dict)
    builds: list[Json] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    walked: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    titles: bool = True
    splits: list[tuple[str, list[Json]]] = field(default_factory=list)

    def answer(self, method: str, url: str, headers: Json, body: bytes) -> tuple[int, object]:
        """Return status and body of one request."""
        parts = urlsplit(url)
        host, _, path = parts.path.lstrip("/").partition("/")
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if host in self.broken:
            return 503, {"error": {"message": f"{host} is away"}}
        hosts: dict[str, Callable[[], tuple[int, object]]] = {
            "run": lambda: self._run(method, path, asked, body),
            "monitoring": lambda: (200, self._series(asked)),
            "artifactregistry": lambda: (
                200 if path.rpartition("/")[2] in self.images else 404,
                {},
            ),
            "storage": lambda: self._storage(method, path, asked, body),
            "cloudbuild": lambda: (200, {"name": path, "done": True}),
            "door": lambda: self._door(path, headers),
        }
        return hosts[host]()

    def _run(self, method: str, path: str, asked: Json, body: bytes) -> tuple[int, object]:
        if "/operations/" in path:
            return 200, {"name": path.removeprefix("v2/"), "done": True}
        if path.endswith("builds:submit"):
            self.builds.append(json.loads(body))
            return 200, {"buildOperation": {"name": "operations/build/p/1"}}
        if method == "PATCH":
            assert asked == {"updateMask": "traffic"}
            self.splits.append((path.rpartition("/")[2], json.loads(body)["traffic"]))
            return 200, {"name": f"{PLACE}/operations/1", "done": False}
        names = sorted(self.services)
        place = int(asked.get("pageToken") or 0)
        more = {"nextPageToken": str(place + 1)} if place + 1 < len(names) else {}
        return 200, {"services": [self.services[n] for n in names[place : place + 1]], **more}

    def _series(self, asked: dict[str, str]) -> Json:
        self.queries.append(asked)
        revision = re.search(r'revision_name="([^"]*)"', asked["filter"])
        requests, failures, p95 = self.samples.get(revision[1] if revision else "", (0, 0, 0.0))
        if "request_latencies" in asked["filter"]:
            return {"timeSeries": [_points({}, {"doubleValue": p95})]} if requests else {}
        counts = {"2xx": requests - failures, "5xx": failures}
        return {
            "timeSeries": [
                _points({"response_code_class": name}, {"int64Value": str(count)})
                for name, count in counts.items()
                if count
            ]
        }

    def _storage(self, method: str, path: str, asked: Json, body: bytes) -> tuple[int, object]:
        if method == "POST":
            self.objects[asked["name"]] = body
            return 200, {"name": asked["name"]}
        return (200 if unquote(path.rpartition("/")[2]) in self.objects else 404), {}

    def _door(self, path: str, headers: Json) -> tuple[int, object]:
        who = headers.get("x-media-gateway-revision", "anyone")
        self.walked.append(f"{who} {path}")
        if who in self.broken:
            return 500, {"type": "/problems/internal"}
        answers: dict[str, object] = {
            "health/live": {},
            "api/v1/search": {"results": [{"content": TITLE}] if self.titles else []},
            "api/v1/content/0197": TITLE,
            "api/v1/content/0197/availability": {"items": []},
            "api/v1/search/autocomplete": {"suggestions": []},
            "api/v1/search/suggestions/trending": {"items": []},
            "api/v1/content/0197/links": {"items": []},
            "api/v1/content/expiring": {"items": []},
            ".well-known/jwks.json": {"keys": [{"kty": "OKP"}]},
        }
        return 200, answers[path]


def _points(labels: Json, value: Json) -> Json:
    return {"metric": {"labels": labels}, "points": [{"value": value}]}


@contextmanager
def served(cloud: Cloud) -> Iterator[str]:
    """Serve on a free port of this machine and return the address."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = cloud.answer(self.command, self.path, headers, body)
            sent = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
