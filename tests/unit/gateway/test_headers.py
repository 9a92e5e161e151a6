"""What stands on every answer, and what passes."""

from __future__ import annotations

import re

import pytest

from shared.gateway.headers import SECURITY_HEADERS, forwarded, page_headers, returned

NONCE = "dGhlIG5vbmNlIG9mIGEgdGVzdA"


def test_every_answer_protects_its_reader() -> None:
    found = returned({"Server": "uvicorn", "X-Powered-By": "x", "Content-Type": "text/html"})
    assert found == {"content-type": "text/html", **SECURITY_HEADERS}
    assert found["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert found["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert found["referrer-policy"] == "strict-origin-when-cross-origin"
    assert found["cross-origin-resource-policy"] == "same-site"
    assert (found["x-content-type-options"], found["x-frame-options"]) == ("nosniff", "DENY")


def test_no_feature_is_granted_to_anybody() -> None:
    granted = SECURITY_HEADERS["permissions-policy"].split(", ")
    assert all(re.fullmatch(r"[a-z-]+=\(\)", feature) for feature in granted)
    assert "camera=()" in granted


def test_a_service_cannot_weaken_what_protects() -> None:
    weaker = {name.title(): "none" for name in SECURITY_HEADERS}
    assert returned(weaker) == SECURITY_HEADERS


@pytest.mark.behavior("attacks:pages:clickjacking")
def test_a_page_runs_its_own_scripts_and_no_others() -> None:
    found = page_headers(NONCE)
    policy = dict(part.split(" ", 1) for part in found["content-security-policy"].split("; "))
    assert policy["script-src"] == policy["style-src"] == f"'nonce-{NONCE}'"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in found["content-security-policy"]
    assert {**found, "content-security-policy": ""} == {
        **SECURITY_HEADERS,
        "content-security-policy": "",
    }


@pytest.mark.parametrize(
    "nonce", ["", "short", NONCE + "'", NONCE + "; script-src *", NONCE + "\n"]
)
def test_a_nonce_that_could_be_guessed_or_breaks_out_is_refused(nonce: str) -> None:
    with pytest.raises(ValueError, match="nonce"):
        page_headers(nonce)


def test_forms_of_a_page_go_where_it_says_and_nowhere_else() -> None:
    said = page_headers(NONCE, forms=["'self'", "https://app.example"])
    assert "form-action 'self' https://app.example;" in said["content-security-policy"]
    assert "form-action 'none';" in page_headers(NONCE)["content-security-policy"]


def test_cookies_of_this_host_pass_to_and_from_routes_for_browsers_alone() -> None:
    sent = {"cookie": "a=b; __Host-mg=c; __Hostile=d", "origin": "https://x.example"}
    said = {"Set-Cookie": "__Host-mg=e; Path=/"}

    page = forwarded(sent, request_id="abc", budget_ms=9, page=True)

    assert (page["cookie"], page["origin"]) == ("__Host-mg=c", "https://x.example")
    assert not {"cookie", "origin"} & forwarded(sent, request_id="abc", budget_ms=9).keys()
    assert returned(said, page=True)["set-cookie"] == "__Host-mg=e; Path=/"
    assert "set-cookie" not in returned(said)
    assert "set-cookie" not in returned({"set-cookie": "a=b"}, page=True)


def test_a_page_brings_its_own_policy_where_that_forbids_everything_else() -> None:
    strict, lax = "default-src 'none'; style-src 'nonce-x'", "default-src *"
    given = "content-security-policy"
    assert returned({given: strict}, page=True)[given] == strict
    assert returned({given: lax}, page=True) == returned({given: strict}) == SECURITY_HEADERS
