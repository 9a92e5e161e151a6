"""What goes to Vertex AI and what is made of its answers, over a server on loopback."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np
import orjson
import pytest

from shared.adapters.embeddings.vertex import VertexEmbedder, VertexModel, _batches
from shared.kernel.errors import (
    AppError,
    DeniedError,
    ExhaustedError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DIMENSION = 3


def prediction(content: str) -> dict[str, Any]:
    """One prediction in the shape of the service; the text's length decides the direction."""
    values = [float(len(content)), 2.0, 0.0]
    statistics = {"token_count": len(content.split()), "truncated": False}
    return {"embeddings": {"values": values, "statistics": statistics}}


@dataclass
class Predictor:
    """Answers predict requests and keeps them; `status` and `answer` replace the right answer."""

    address: str = ""
    status: int = 200
    answer: bytes | None = None
    silent: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[str, str | None, dict[str, Any]]] = field(default_factory=list)

    def reply(self, path: str, token: str | None, body: dict[str, Any]) -> bytes:
        """Return the bytes of the answer."""
        self.requests.append((path, token, body))
        if self.silent:
            self.released.wait(30)
        right = {"predictions": [prediction(i["content"]) for i in body["instances"]]}
        return orjson.dumps(right) if self.answer is None else self.answer


def handler_of(predictor: Predictor) -> type[BaseHTTPRequestHandler]:
    """A handler class around one predictor."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
            content = predictor.reply(self.path, self.headers["authorization"], body)
            with contextlib.suppress(ConnectionError):  # a caller that gave up has hung up
                self.send_response(predictor.status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    return Handler


@pytest.fixture
def predictor() -> Iterator[Predictor]:
    """A server on any free port, stopped after the test."""
    found = Predictor()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(found)) as server:
        found.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def embedder(predictor: Predictor) -> Iterator[VertexEmbedder]:
    """An embedder of three dimensions against that server."""
    model = VertexModel(predictor.address, "home", "us-central1", dimension=DIMENSION)
    with httpx2.Client(timeout=5) as client:
        yield VertexEmbedder(model, client, lambda: "secret")


def test_request_has_the_shape_of_the_service(
    predictor: Predictor, embedder: VertexEmbedder
) -> None:
    embedder.embed(["heat"], "query")
    embedder.embed(["A heist."], "document")

    (path, token, query), (_, _, document) = predictor.requests
    assert path == (
        "/v1/projects/home/locations/us-central1/publishers/google/models/text-embedding-005:predict"
    )
    assert token == "Bearer secret"  # noqa: S105 - not one
    assert query == {
        "instances": [{"content": "heat", "task_type": "RETRIEVAL_QUERY"}],
        "parameters": {"outputDimensionality": 3, "autoTruncate": True},
    }
    assert document["instances"][0]["task_type"] == "RETRIEVAL_DOCUMENT"


def test_vectors_are_scaled_to_unit_length_and_kept_in_order_over_several_requests(
    predictor: Predictor, embedder: VertexEmbedder
) -> None:
    texts = ["x" * (row % 7 + 1) for row in range(230)]

    vectors = embedder.embed(texts, "document")

    assert [len(body["instances"]) for _, _, body in predictor.requests] == [100, 100, 30]
    expected = np.array([[len(text), 2, 0] for text in texts], dtype=np.float32)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([3e30, 4e30, 0.0], [0.6, 0.8, 0]),
        ([0.0, 3e-30, 4e-30], [0, 0.6, 0.8]),
        ([0.0] * 3, [1, 0, 0]),
    ],
)
def test_vectors_of_any_length_get_unit_length(
    predictor: Predictor, embedder: VertexEmbedder, sent: list[float], expected: list[float]
) -> None:
    predictor.answer = orjson.dumps({"predictions": [{"embeddings": {"values": sent}}]})

    assert embedder.embed(["heat"], "document")[0] == pytest.approx(expected)


def test_no_token_is_sent_where_none_is_given(predictor: Predictor) -> None:
    model = VertexModel(predictor.address, "home", "us-central1", dimension=DIMENSION)

    with httpx2.Client() as client:
        VertexEmbedder(model, client, None).embed(["heat"], "query")

    assert predictor.requests[0][1] is None


def test_blank_and_broken_texts_are_sent_as_something_the_service_takes(
    predictor: Predictor, embedder: VertexEmbedder
) -> None:
    embedder.embed(["", " \n", "robot \ud83d"], "document")

    sent = [instance["content"] for instance in predictor.requests[0][2]["instances"]]
    assert sent == ["untitled", "untitled", "robot ?"]


def test_nothing_to_embed_sends_nothing(predictor: Predictor, embedder: VertexEmbedder) -> None:
    assert embedder.embed([], "query").shape == (0, DIMENSION)
    assert predictor.requests == []


def test_vector_of_zeros_becomes_a_vector_of_unit_length(
    predictor: Predictor, embedder: VertexEmbedder
) -> None:
    predictor.answer = b'{"predictions": [{"embeddings": {"values": [0, 0, 0]}}]}'

    assert embedder.embed(["?!"], "query").tolist() == [[1, 0, 0]]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidInputError),
        (401, UnauthenticatedError),
        (403, DeniedError),
        (404, NotFoundError),
        (429, ExhaustedError),
        (500, UnavailableError),
        (503, UnavailableError),
    ],
)
def test_status_decides_the_kind_of_error_and_the_message_carries_the_reason(
    status: int, kind: type[AppError], predictor: Predictor, embedder: VertexEmbedder
) -> None:
    predictor.status, predictor.answer = status, b'{"error": {"message": "because"}}'

    with pytest.raises(kind, match=rf"text-embedding-005@3 answered {status}.*because"):
        embedder.embed(["heat"], "query")


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b'{"predictions": [{}]}',
        b'{"predictions": []}',
        b'{"predictions": [{"embeddings": {"values": [1, 2]}}]}',
        b'{"predictions": [{"embeddings": {"values": [1, 2, "three"]}}]}',
    ],
)
def test_answer_that_holds_no_vectors_is_unavailable(
    answer: bytes, predictor: Predictor, embedder: VertexEmbedder
) -> None:
    predictor.answer = answer

    with pytest.raises(UnavailableError, match="text-embedding-005@3 answered with"):
        embedder.embed(["heat"], "query")


def test_service_that_is_not_there_or_does_not_answer_in_time_is_unavailable(
    predictor: Predictor,
) -> None:
    predictor.silent = True

    for address in ("http://127.0.0.1:1", predictor.address):
        model = VertexModel(address, "home", "us-central1")
        with (
            httpx2.Client(timeout=0.1) as client,
            pytest.raises(UnavailableError, match="did not answer"),
        ):
            VertexEmbedder(model, client, None).embed(["heat"], "query")


def test_batches_stay_below_the_tokens_that_a_request_may_have() -> None:
    texts = ["short", *(["word " * 3000] * 25), "short"]

    batches = list(_batches(texts))

    assert [row for batch in batches for row in range(len(texts))[batch]] == list(range(27))
    assert [(batch.start, batch.stop) for batch in batches] == [(0, 10), (10, 19), (19, 27)]
