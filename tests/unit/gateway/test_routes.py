"""The route table and the lists of headers."""

from typing import Any

import pytest

from shared.gateway.headers import SECURITY_HEADERS, forwarded, returned
from shared.gateway.routes import RouteTable
from shared.kernel.errors import (
    MalformedError,
    MethodNotAllowedError,
    NotFoundError,
)


def row(service: str, path: str, *, method: str = "GET", auth: str = "public") -> dict[str, Any]:
    return {
        "service": service,
        "area": "test",
        "method": method,
        "path": path,
        "auth": auth,
        "timeout_seconds": 5,
        "body_limit": 100,
    }


TABLE = RouteTable(
    [
        row("by-id", "/content/{id}"),
        row("newest", "/content/newest"),
        row("offers", "/content/{id}/availability"),
        row("mine", "/mine", auth="user"),
        row("any", "/any", auth="optional"),
    ]
)


def test_a_static_path_beats_a_template() -> None:
    assert TABLE.find("GET", "/content/newest").service == "newest"
    assert TABLE.find("GET", "/content/7").service == "by-id"


@pytest.mark.parametrize(
    "path",
    [
        "/content/../mine",
        "/content/./x",
        "/content/%2e%2e/mine",
        "/content/.%2E/mine",
        "/content/a%2Favailability",
        "/content/a%2favailability",
        "/content/..%5cmine",
        "/content/..\\mine",
    ],
)
def test_a_path_that_would_leave_its_template_is_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        TABLE.find("GET", path)


def test_a_route_knows_who_may_come() -> None:
    assert TABLE.find("GET", "/mine").auth != "public"


def test_the_methods_of_every_route_of_a_path_are_told() -> None:
    table = RouteTable(
        [row("read", "/content/{id}"), row("newest", "/content/newest", method="POST")]
    )

    with pytest.raises(MethodNotAllowedError) as refused:
        table.find("PUT", "/content/newest")

    assert refused.value.allowed == ("GET", "POST")


def test_another_method_is_told_which_ones_are_taken() -> None:
    with pytest.raises(MethodNotAllowedError) as refused:
        TABLE.find("POST", "/content/newest")
    assert refused.value.allowed == ("GET",)


@pytest.mark.parametrize("path", ["/nothing", "/content/", "/content/a/b", "//content/a", ""])
def test_an_unknown_path_is_not_found(path: str) -> None:
    with pytest.raises(NotFoundError):
        TABLE.find("GET", path)


def test_identity_headers_of_a_caller_stay_outside() -> None:
    given = {
        "accept": "application/json",
        "authorization": "Bearer user",
        "x-serverless-authorization": "Bearer forged",
        "x-goog-authenticated-user-email": "admin@example.com",
        "x-forwarded-for": "10.0.0.1",
        "x-user-id": "1",
        "cookie": "a=b",
        "host": "inside",
    }
    assert forwarded(given, request_id="abc", budget_ms=1000) == {
        "accept": "application/json",
        "authorization": "Bearer user",
        "x-request-id": "abc",
        "x-request-deadline-ms": "995",
    }


def test_a_service_learns_where_its_caller_is_from_the_gateway_alone() -> None:
    said = {"x-client-network": "10.0.0.1", "X-Client-Network": "10.0.0.1"}
    told = forwarded(said, request_id="abc", budget_ms=1000, network="203.0.113.7")

    assert told["x-client-network"] == "203.0.113.7"
    assert "10.0.0.1" not in told.values()
    assert "10.0.0.1" not in forwarded(said, request_id="abc", budget_ms=1000).values()


def test_answers_lose_what_is_internal_and_gain_what_protects() -> None:
    found = returned(
        {"ETag": '"1"', "Server": "uvicorn", "Set-Cookie": "a=b", "X-Frame-Options": ""}
    )
    assert found == {"etag": '"1"', **SECURITY_HEADERS}
