"""What a request for access needs next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.identity.authorization import AuthorizationRequest, Prompt, Step
from shared.identity.authorization_desk import answered
from shared.identity.browser import BrowserSession

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SESSION = BrowserSession("id", "user", ("pwd",), NOW, "csrf", 1)
REQUEST = AuthorizationRequest(
    id="id",
    client_id="https://notes.example/client.json",
    client_name="Film notes",
    first_party=False,
    redirect_uri="https://app.example/callback",
    scopes=("openid", "read:content"),
    state="s" * 32,
    challenge="c" * 43,
    asked_at=NOW,
)
PROMPTS = st.lists(st.sampled_from(list(Prompt)), max_size=2, unique=True).map(tuple)
AGES = st.one_of(st.none(), st.integers(0, 10_000))
SECONDS = st.integers(-10_000, 10_000)


def proven(seconds: int) -> BrowserSession:
    """Return a session whose user proved who they are so long after the request was made."""
    return replace(SESSION, authenticated_at=NOW + timedelta(seconds=seconds))


@given(PROMPTS, AGES, SECONDS, st.booleans())
def test_nobody_gets_a_code_without_a_proof_that_will_do(
    prompt: tuple[Prompt, ...], age: int | None, seconds: int, ours: bool
) -> None:
    request = replace(REQUEST, prompt=prompt, max_age=age, first_party=ours)
    later = NOW + timedelta(seconds=max(0, seconds))

    step = request.next_step(proven(seconds), ("read:content",), later)

    fresh = seconds >= 0
    young = age is None or -seconds <= age
    assert (step is Step.SIGN_IN) == (not fresh and (not young or Prompt.LOGIN in prompt))
    if step is Step.GRANT:
        assert Prompt.CONSENT not in prompt


@given(PROMPTS, AGES)
def test_who_has_just_signed_in_is_not_asked_to_again(
    prompt: tuple[Prompt, ...], age: int | None
) -> None:
    request = replace(REQUEST, prompt=prompt, max_age=age)
    assert request.next_step(proven(1), (), NOW + timedelta(minutes=9)) is Step.CONSENT


def test_nobody_allows_an_application_more_than_they_were_asked() -> None:
    for allowed in ((), ("write:ratings",), ("openid",)):
        assert REQUEST.next_step(SESSION, allowed, NOW) is Step.CONSENT
    assert REQUEST.next_step(SESSION, ("write:ratings", "read:content"), NOW) is Step.GRANT
    assert replace(REQUEST, first_party=True).next_step(SESSION, (), NOW) is Step.GRANT


def test_a_page_says_whose_host_vouches_for_an_application_and_where_it_leads() -> None:
    assert (REQUEST.client_host, REQUEST.redirect_host) == ("notes.example", "app.example")
    own = replace(REQUEST, client_id="mg-mobile", redirect_uri="example.app:/callback")
    assert (own.client_host, own.redirect_host) == ("", "")


def test_an_answer_stands_behind_what_an_address_has_of_its_own() -> None:
    assert answered("https://a.example/?x=1", code="c", state="") == "https://a.example/?x=1&code=c"
    assert answered("a.example:/x", state="a&b=c d") == "a.example:/x?state=a%26b%3Dc+d"
