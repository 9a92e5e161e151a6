"""Where a browser may be sent after it signed in, and what providers are configured as."""

from __future__ import annotations

import json
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.federation.configured import is_safe, read_providers
from shared.identity.federation import ReturnRefusedError
from shared.identity.federation_return import HOME, local_path

HERE = "https://api.example"
SEPARATORS = st.sampled_from(
    ["/", "//", "\\", "auth", "account", ".", "..", "%2F", "%5c", "@", ":", "?", "#", "evil", "\t"]
)
ONE = {"id": "google", "kind": "google", "client_id": "c", "client_secret": "s"}
OUTSIDE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2F%2Fevil.example",
    "/auth//evil.example",
    "/auth/%5Cevil.example",
    "/auth/..//evil.example",
    "/auth/../evil",
    "/auth/./x",
    "https://evil.example/auth/authorize",
    "https:evil.example",
    "javascript:alert(1)",
    "/auth@evil.example",
    "/authority",
    "/auth/\tx",
    "/auth/x\r\nset-cookie: a=b",
    "/auth/x#fragment",
    "auth/authorize",
    "/api/v1/users/me",
    "/auth/oauth/google/authorize",
    "/auth/" + "x" * 2000,
]


@pytest.mark.behavior("attacks:code:open-redirect")
@pytest.mark.parametrize("back", OUTSIDE)
def test_nothing_but_a_page_of_ours_is_gone_back_to(back: str) -> None:
    with pytest.raises(ReturnRefusedError):
        local_path(back)


@pytest.mark.parametrize(
    "back",
    [
        "/auth/authorize/continue?request=0Ab_-9",
        "/auth/device?user_code=ABCD-EFGH",
        "/auth/sign-in",
        "/account",
        "/account/security?tab=ways%20in",
    ],
)
def test_pages_of_ours_are_gone_back_to_as_they_are(back: str) -> None:
    assert local_path(back) == back


def test_who_names_no_page_is_sent_to_the_usual_one() -> None:
    assert local_path("") == HOME


@given(st.lists(SEPARATORS, max_size=8).map("".join) | st.text(max_size=30))
def test_whatever_is_asked_for_a_browser_stays_here(given: str) -> None:
    for back in (given, "/auth/" + given, "/account" + given):
        try:
            found = urljoin(HERE + "/auth/oauth/google/callback", local_path(back))
        except ReturnRefusedError:
            continue
        parts = urlsplit(found)
        assert f"{parts.scheme}://{parts.netloc}" == HERE
        assert parts.path.startswith(("/auth", "/account"))


def test_what_is_usual_for_a_provider_need_not_be_said() -> None:
    (found,) = read_providers(json.dumps([ONE]))

    assert (found.name, found.issuer) == ("Google", "https://accounts.google.com")


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": ""},
        {"kind": "apple"},
        {"kind": "oidc"},
        {"kind": "saml"},
        {"issuer": "http://accounts.example"},
        {"issuer": "https://user@accounts.example"},
        {"id": "../google"},
        {"secret": "misspelled"},
    ],
)
def test_a_provider_that_cannot_work_is_refused_without_its_secret(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not acceptable") as refused:
        read_providers(json.dumps([{**ONE, "client_secret": "very-secret", **wrong}]))

    assert "very-secret" not in str(refused.value)


def test_two_providers_have_two_ids() -> None:
    with pytest.raises(ValueError, match="one id"):
        read_providers(json.dumps([ONE, ONE]))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://id.example", True),
        ("http://127.0.0.1:8091/identity/google", True),
        ("http://[::1]:8091", True),
        ("http://id.example", False),
        ("http://10.0.0.1", False),
        ("ftp://id.example", False),
        ("https://", False),
        ("", False),
    ],
)
def test_a_provider_is_spoken_to_over_tls_or_on_this_machine(url: str, safe: bool) -> None:
    assert is_safe(url) is safe
