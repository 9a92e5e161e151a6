"""Which pages may call us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.cors import Cors, is_preflight, varied

PAGE = "https://tv.example"
CORS = Cors([PAGE, "http://localhost:3000"])


def test_a_page_on_the_list_may_read_the_answer() -> None:
    found = CORS.marked(PAGE, {"etag": '"1"'})
    assert found["access-control-allow-origin"] == PAGE
    assert found["access-control-allow-credentials"] == "true"
    exposed = found["access-control-expose-headers"].split(", ")
    assert {"RateLimit", "ETag", "Link", "X-Request-ID", "Retry-After"} <= set(exposed)
    assert (found["vary"], found["etag"]) == ("Origin", '"1"')


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "*",
        "https://tv.example.evil.com",
        "https://eviltv.example",
        "http://tv.example",
        "https://tv.example:8443",
        "https://TV.example",
        "https://tv.example/",
    ],
)
def test_any_other_page_may_not_and_caches_know(origin: str | None) -> None:
    assert CORS.marked(origin, {}) == {"vary": "Origin"}


@given(st.text())
def test_no_origin_is_allowed_that_is_not_on_the_list(origin: str) -> None:
    allowed = CORS.marked(origin, {}).get("access-control-allow-origin")
    assert allowed is None or origin == allowed


def test_a_preflight_says_what_the_path_takes() -> None:
    found = CORS.preflight(PAGE, ["POST", "GET"])
    assert found["access-control-allow-methods"] == "GET, POST"
    assert "Authorization" in found["access-control-allow-headers"]
    assert found["access-control-max-age"] == "3600"
    assert "Origin" in found["vary"]


def test_a_preflight_of_another_page_learns_nothing() -> None:
    assert set(CORS.preflight("https://evil.example", ["GET"])) == {"vary"}


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("OPTIONS", {"origin": PAGE, "access-control-request-method": "PUT"}, True),
        ("OPTIONS", {"origin": PAGE}, False),
        ("OPTIONS", {"access-control-request-method": "PUT"}, False),
        ("GET", {"origin": PAGE, "access-control-request-method": "PUT"}, False),
    ],
)
def test_a_preflight_is_known_by_its_headers(
    method: str, headers: dict[str, str], expected: object
) -> None:
    assert is_preflight(method, headers) is expected


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "tv.example",
        "https://tv.example/",
        "https://*.example",
        "https://TV.example",
        "https://tv.example:443",
        "ftp://tv.example",
        "https://a@tv.example",
        "",
    ],
)
def test_what_is_no_origin_cannot_be_put_on_the_list(origin: str) -> None:
    with pytest.raises(ValueError, match="no origin"):
        Cors([PAGE, origin])


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        ("", "Origin"),
        ("Accept", "Accept, Origin"),
        ("accept,origin", "accept, origin"),
        ("*", "*"),
    ],
)
def test_vary_names_the_origin_once(vary: str, expected: str) -> None:
    assert varied(vary, "Origin") == expected
