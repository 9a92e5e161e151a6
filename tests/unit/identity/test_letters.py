"""Which letter an account is sent, what it says, and what an address may look like."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from shared.identity.accounts import Account, Purpose, normalized_email
from shared.identity.mail import Asked, Letter, letter_for, requested, write
from shared.kernel.clock import FixedClock

NORA = Account(
    id="nora",
    email="nora@example.com",
    email_verified=True,
    password_hash=None,
    display_name="Nora <b>",
    region="",
    role="user",
    tier="free",
    status="active",
    version=1,
)
UNVERIFIED = replace(NORA, email_verified=False)
EVENT = UUID(int=7)
CASES = [
    (Asked.REGISTERED, UNVERIFIED, "nora", Letter.VERIFY),
    (Asked.REGISTERED, NORA, "nora", None),
    (Asked.REGISTERED, NORA, "somebody-else", Letter.KNOWN),
    (Asked.REGISTERED, UNVERIFIED, "somebody-else", Letter.RESET),
    (Asked.VERIFICATION, UNVERIFIED, "", Letter.VERIFY),
    (Asked.VERIFICATION, NORA, "", None),
    (Asked.RESET, NORA, "", Letter.RESET),
    (Asked.RESET, UNVERIFIED, "", Letter.RESET),
    (Asked.PASSWORD_CHANGED, NORA, "nora", Letter.CHANGED),
    (Asked.TOKEN_REUSED, NORA, "nora", Letter.REUSED),
    (Asked.EXPORTED, NORA, "nora", Letter.EXPORTED),
    (Asked.DELETION, replace(NORA, status="pending_deletion"), "nora", Letter.DELETION),
    (Asked.DELETION, NORA, "nora", None),
]


@pytest.mark.behavior("attacks:asvs:2.5.3")
@pytest.mark.parametrize(("asked", "account", "user_id", "letter"), CASES)
def test_an_account_is_sent_the_letter_that_fits_it(
    asked: Asked, account: Account, user_id: str, letter: Letter | None
) -> None:
    assert letter_for(asked, account, user_id) is letter


def test_nobody_and_who_may_not_be_used_is_sent_nothing() -> None:
    for asked in Asked:
        assert letter_for(asked, None, "nora") is None
        assert letter_for(asked, replace(NORA, status="suspended"), "nora") is None


@pytest.mark.parametrize("letter", list(Letter))
def test_a_letter_is_the_same_plain_and_as_html_and_quotes_no_markup(letter: Letter) -> None:
    token = "a-code" if letter.purpose else ""
    found = write(letter, NORA, EVENT, token=token, pages="https://app.example/account/")

    assert (found.to, found.id) == (NORA.email, str(EVENT))
    assert "Nora <b>" in found.text
    assert "<b>" not in found.html
    assert token in found.text
    assert token in found.html
    link = "https://app.example/account/"
    assert (link in found.text, link in found.html) == (True, True)
    assert (f"#token={token}" in found.text) is bool(token)


@pytest.mark.behavior("attacks:code:referrer")
def test_a_link_holds_its_code_where_no_server_and_no_referrer_sees_it() -> None:
    found = write(Letter.RESET, NORA, EVENT, token="code", pages="https://app.example/account")  # noqa: S106 - of tests
    assert "https://app.example/account/reset-password#token=code" in found.text
    assert "http" not in write(Letter.RESET, NORA, EVENT, token="code", pages="").text  # noqa: S106 - of tests


def test_codes_that_open_an_account_live_an_hour() -> None:
    lives = [p.life.total_seconds() for p in Purpose]
    assert lives == [86_400, 3_600, 30 * 86_400, 7 * 86_400]
    assert {letter: letter.purpose for letter in Letter if letter.purpose} == {
        Letter.VERIFY: Purpose.VERIFY,
        Letter.RESET: Purpose.RESET,
        Letter.DELETION: Purpose.RESTORE,
        Letter.EXPORTED: Purpose.DOWNLOAD,
    }


def test_an_event_says_no_more_than_what_is_asked_for_whom() -> None:
    event = requested(Asked.RESET, EVENT, FixedClock().now(), sealed="sealed")
    assert event.data == {"asked": "reset", "user_id": "", "sealed_email": "sealed"}
    assert (event.event_type, event.subject) == ("mail.requested", "")


ADDRESSES = [
    (" Nora@Example.COM ", "nora@example.com"),
    ("a.b+c@x-y.example", "a.b+c@x-y.example"),
    (f"{'x' * 64}@example.com", f"{'x' * 64}@example.com"),
    (f"{'x' * 65}@example.com", None),
    (f"x@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.com", None),
    ("nora@localhost", None),
    ("nora@-example.com", None),
    ("nora..b@example.com", None),
    ("nora@example.com\r\nBcc: x@example.com", None),
    ("nora@example.com, otto@example.com", None),
    ('"quoted"@example.com', None),
    ("nöra@example.com", None),
]


@pytest.mark.parametrize(("given", "form"), ADDRESSES)
def test_an_address_has_one_form_or_is_none(given: str, form: str | None) -> None:
    assert normalized_email(given) == form
