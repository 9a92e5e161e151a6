"""Addresses that a code may be brought to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.clients_redirects import is_acceptable, is_registered

REGISTERED = (
    "https://app.example/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:4000/callback?kind=one",
    "example.app:/callback",
)
CHARACTERS = st.characters(min_codepoint=0x09, max_codepoint=0x17F)


@pytest.mark.parametrize("uri", REGISTERED)
def test_an_address_that_may_be_registered_is_itself(uri: str) -> None:
    assert is_acceptable(uri)
    assert is_registered(uri, REGISTERED)


@pytest.mark.parametrize(
    "uri",
    [
        "", "/callback", "//app.example/callback", "app.example/callback", "https://", "https:///x",
        "http://app.example/callback", "http://localhost/callback", "http://127.0.0.1.example/",
        "http://10.0.0.1/callback", "http://0.0.0.0/callback",
        "http://[::1]0/callback", "https://[::1]a:1/", "http://[::]/", "http://[::1/",
        "https://app.example/#", "https://app.example/#part", "https://user@app.example/",
        "https://user:word@app.example/", "https://app.example/a/../b", "https://app.example/.",
        "https://app.example:port/", "https://app.example:99999/", "https://app.example/ blank",
        "https://app.example/\\evil", "https://äpp.example/", "https://app.example/\n",
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "custom:/callback",
        "example.app:callback", "example.app://host/callback", "about:blank",
        "https://app.example/" + "x" * 2000,
    ],
)  # fmt: skip
@pytest.mark.behavior("oauth2:redirect:absolute-without-fragment")
def test_an_address_that_could_lead_elsewhere_is_not_registered(uri: str) -> None:
    assert not is_acceptable(uri)
    assert not is_registered(uri, REGISTERED)


@given(st.integers(1, 65535))
def test_on_loopback_the_port_is_free_and_nothing_else(port: int) -> None:
    assert is_registered(f"http://127.0.0.1:{port}/callback", REGISTERED)
    assert is_registered(f"http://[::1]:{port}/callback?kind=one", REGISTERED)
    assert not is_registered(f"http://[::1]:{port}/callback?kind=two", REGISTERED)
    assert not is_registered(f"http://[::1]0:{port}/callback?kind=one", REGISTERED)
    assert not is_registered(f"http://127.0.0.2:{port}/callback", REGISTERED)
    assert not is_registered(f"http://127.0.0.1:{port}/callback/", REGISTERED)
    assert not is_registered(f"https://app.example:{port}/callback", REGISTERED)


@given(st.sampled_from(REGISTERED), st.integers(0, 40), st.text(CHARACTERS, min_size=1, max_size=8))
def test_whatever_is_written_into_an_address_makes_it_another(uri: str, at: int, more: str) -> None:
    changed = uri[:at] + more + uri[at:]
    if is_registered(changed, REGISTERED):  # a port, or the same text once more in itself
        assert changed in REGISTERED or changed.startswith(("http://127.0.0.1:", "http://[::1]:"))
        assert "@" not in changed
        assert "#" not in changed
