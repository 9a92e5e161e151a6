"""What the gateway answers itself has the head of every other answer, and is kept as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from functions_framework import aio
from starlette.testclient import TestClient

from shared.gateway.headers import SECURITY_HEADERS
from tests.fakes.edge import FUNCTIONS
from tests.fakes.surroundings import change, surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORIGIN = "https://tv.example"
DOCUMENT = "/api-docs/openapi.json"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The gateway as functions-framework serves it, without a service behind it."""
    (tmp_path / "routes.json").write_bytes(b"[]")
    (tmp_path / "openapi.json").write_bytes(b"{}")
    with surroundings("", tmp_path, monkeypatch):
        change(monkeypatch, {"MEDIA_GATEWAY_ALLOWED_ORIGINS": ORIGIN})
        yield served()


def served() -> TestClient:
    """Return a client of a new gateway."""
    create: Any = aio.create_asgi_app
    return TestClient(create("handle", str(FUNCTIONS / "gateway" / "main.py"), "http"))


@pytest.mark.parametrize("path", [DOCUMENT, "/swagger-ui", "/health/live", "/nothing"])
def test_every_answer_has_the_same_head(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"origin": ORIGIN}).headers

    assert headers["access-control-allow-origin"] == ORIGIN
    assert "Origin" in headers["vary"]
    assert headers.keys() >= SECURITY_HEADERS.keys()
    assert ("nonce" in headers["content-security-policy"]) == (path == "/swagger-ui")


def test_another_page_is_told_nothing(client: TestClient) -> None:
    headers = client.get(DOCUMENT, headers={"origin": "https://tv.example.evil"}).headers

    assert "access-control-allow-origin" not in headers
    assert "Origin" in headers["vary"]


def test_a_browser_learns_what_it_may_ask_of_the_gateway_itself(client: TestClient) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "GET"}
    answer = client.options(DOCUMENT, headers=asked)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-methods"] == "GET"


@pytest.mark.parametrize("path", [DOCUMENT, "/health/live"])
def test_the_head_alone_is_that_of_the_answer(client: TestClient, path: str) -> None:
    head, answer = client.head(path), client.get(path)

    assert head.status_code == answer.status_code
    assert head.headers["content-length"] == answer.headers["content-length"]
    assert client.post(path).headers.get("allow", "GET, HEAD") == "GET, HEAD"


def test_a_document_that_is_known_is_not_sent_again(client: TestClient) -> None:
    first = client.get(DOCUMENT)
    again = client.get(DOCUMENT, headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "public, max-age=300"


@pytest.fixture
def stingy(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A gateway that a caller may ask once a minute."""
    del client  # only what it stands in is wanted
    change(monkeypatch, {"MEDIA_GATEWAY_RATE_FACTOR": "0.001"})
    return served()


@pytest.mark.parametrize("path", [DOCUMENT, "/swagger-ui", "/api/v1/status", "/dashboard/health"])
def test_what_the_gateway_answers_itself_counts_as_any_other_request(
    stingy: TestClient, path: str
) -> None:
    first, second = stingy.get(path), stingy.get("/health/aggregate")

    assert first.is_success
    assert first.headers["ratelimit-policy"].startswith('"second"')
    assert (second.status_code, second.json()["code"]) == (429, "rate-limited")
    assert int(second.headers["retry-after"]) > 1
    assert second.headers.keys() >= {"ratelimit", "ratelimit-policy", *SECURITY_HEADERS}
    assert stingy.get("/nothing").status_code == 404  # nothing is there to be counted


def test_a_refusal_of_the_gateway_itself_says_what_is_left_too(stingy: TestClient) -> None:
    answer = stingy.get("/llms.txt")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.headers["x-ratelimit-remaining"] == "0"


@pytest.mark.parametrize("path", ["/health", "/health/live"])
def test_health_is_never_limited(stingy: TestClient, path: str) -> None:
    answers = [stingy.get(path) for _ in range(3)]

    assert all(each.is_success and "ratelimit" not in each.headers for each in answers)


@pytest.mark.parametrize("path", ["/a%0Ab", "/%0A", "/a%0D%0Ab/c"])
def test_a_path_with_line_breaks_is_a_problem_as_any_other(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["trace_id"] == answer.headers["x-request-id"]
