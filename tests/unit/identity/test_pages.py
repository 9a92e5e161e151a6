"""What pages say, and where they may lead."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import pages_texts, scopes
from shared.identity.browser import FormForgedError, form_token, must_be_from, new_cookie
from shared.identity.pages_return import Onward, form_target

PROBLEMS = Path(__file__).parents[3] / "docs" / "problems.md"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
cookies = st.text("abcAB01_-", min_size=43, max_size=43).map("mgb_".__add__)


def test_every_scope_is_told_in_words() -> None:
    assert tuple(pages_texts.SCOPES) == scopes.SCOPES


def test_every_error_that_a_page_explains_is_one_of_ours() -> None:
    known = re.findall(r"^\| `([a-z-]+)` \|", PROBLEMS.read_text("utf-8"), re.MULTILINE)
    assert pages_texts.PROBLEMS.keys() <= set(known)


def test_an_error_that_is_not_explained_speaks_for_itself_or_is_our_fault() -> None:
    assert pages_texts.problem_of("something-new", "there is no boat").text == "There is no boat."
    assert pages_texts.problem_of("something-new") == pages_texts.UNKNOWN


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 second"),
        (1.4, "1 second"),
        (89, "89 seconds"),
        (90, "2 minutes"),
        (900, "15 minutes"),
    ],
)
def test_a_time_is_told_as_people_tell_it(seconds: float, said: str) -> None:
    assert pages_texts.lasting(seconds) == said
    assert pages_texts.problem_of("too-many-tries", wait_seconds=seconds).text.startswith(
        f"Wait {said} "
    )


def test_what_just_happened_is_told_without_a_number() -> None:
    assert pages_texts.ago(timedelta(seconds=9)) == "just now"
    assert pages_texts.ago(timedelta(minutes=3)) == "3 minutes ago"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Linux"),
        (f"{CHROME} Edg/140.0", "Edge on Linux"),
        (IPHONE, "Safari on iPhone"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_called_as_its_user_calls_it(agent: str, name: str) -> None:
    assert pages_texts.browser_name(agent) == name


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://app.example/callback?a=b", "https://app.example"),
        ("https://APP.example:8443/x", "https://app.example:8443"),
        ("http://127.0.0.1:51004/callback", "http://127.0.0.1:51004"),
        ("http://[::1]:51004/callback", "http:"),
        ("example.app:/callback", "example.app:"),
        ("https://a;script-src *@b/", "https:"),
    ],
)
def test_forms_lead_to_the_application_that_waits(address: str, target: str) -> None:
    assert form_target(address) == target


@given(st.text())
def test_no_address_breaks_out_of_a_policy(address: str) -> None:
    try:
        target = form_target(address)
    except ValueError:
        return
    assert re.fullmatch(r"'self'|[a-z][a-z0-9+.-]*:(//[a-z0-9.:-]+)?", target)


def test_who_came_for_nothing_goes_to_their_account() -> None:
    assert (Onward().path, Onward().query) == ("/account/security", "")
    waits = Onward(request="a-b_1", return_to="/auth/device/enter")
    assert waits.path == "/auth/authorize/continue?request=a-b_1"


@given(cookies, cookies)
def test_a_form_is_of_one_browser_alone(own: str, other: str) -> None:
    must_be_from(own, form_token(own))
    for cookie, token in ((own, form_token(other)), (own, own), (own, ""), ("", form_token(""))):
        if cookie == own and own == other and token == form_token(own):
            continue
        with pytest.raises(FormForgedError):
            must_be_from(cookie, token)


def test_every_cookie_is_another() -> None:
    assert len({new_cookie("mgp_") for _ in range(100)}) == 100
