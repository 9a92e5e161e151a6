"""Profiles, parental controls and the PIN on our own pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes.accounts_house import PASSWORD
from tests.fakes.identity_house import rows
from tests.fakes.pages_house import Browser, PagesHouse

HOUSEHOLD, PROFILE = "/account/household", "/account/household/profile"
CONTROLS, PIN = "/account/parental-controls", "/account/pin"
STRICT = {
    "enabled": "on",
    "content_rating_limit": "PG",
    "viewing_start": "16:00",
    "viewing_end": "19:30",
    "timezone": "Europe/Madrid",
    "genre__Horror": "on",
}


async def pinned(visitor: Browser) -> None:
    """Sign in and set a PIN."""
    await visitor.sign_in(PIN)
    await visitor.follow()
    await visitor.post(PIN, new_pin="4711", do="set")
    assert "The PIN is set." in await visitor.follow()


async def with_child(visitor: Browser) -> str:
    """Add a child's profile; returns its id."""
    await visitor.get(HOUSEHOLD)
    await visitor.post(HOUSEHOLD, name="Kim", is_child="on", genre__Horror="on")
    await visitor.follow()
    ((found,),) = rows("SELECT id FROM household_profile")
    return str(found)


async def test_a_profile_is_added_once_however_often_its_form_is_sent(visitor: Browser) -> None:
    await visitor.sign_in(HOUSEHOLD)
    await visitor.follow()
    nameless = await visitor.post(HOUSEHOLD, language="Español", is_child="on")
    assert (nameless.status, 'value="Español"' in visitor.page) == (422, True)
    once = visitor.fields("once")[0]

    await visitor.post(HOUSEHOLD, once=once, name="Kim", is_child="on", genre__Horror="on")
    assert "The profile is there." in await visitor.follow()
    again = await visitor.post(HOUSEHOLD, once=once, name="Kim", is_child="on")

    assert again.status == 409
    kept = rows("SELECT name, is_child, max_rating, blocked_genres FROM household_profile")
    assert kept == [("Kim", True, "PG", ["Horror"])]


async def test_a_profile_is_changed_and_removed(visitor: Browser) -> None:
    await visitor.sign_in()
    child = await with_child(visitor)
    await visitor.get(f"{PROFILE}?id={child}")
    assert 'name="genre:Horror" value="on" checked' in visitor.page

    sent = {"id": child, "name": "Kim <b>", "is_child": "on", "max_rating": "G"}
    await visitor.post(PROFILE, **sent, do="change")
    assert "Kim &lt;b&gt;" in await visitor.follow()
    assert rows("SELECT max_rating, blocked_genres FROM household_profile") == [("G", [])]
    await visitor.get(f"{PROFILE}?id={child}")
    await visitor.post(PROFILE, id=child, do="remove")

    assert "The profile is gone" in await visitor.follow()
    gone = await visitor.post(PROFILE, id=child, do="remove")
    assert gone.status == 404


async def test_stricter_controls_need_nothing_and_keep_the_browser_signed_in(
    visitor: Browser, pages: PagesHouse
) -> None:
    tokens = await pages.accounts.tokens()
    await pinned(visitor)
    await visitor.post(CONTROLS, **STRICT)

    assert "It is kept." in await visitor.follow()
    assert 'value="PG" selected' in visitor.page
    assert 'value="16:00"' in visitor.page
    assert rows("SELECT enabled, max_rating FROM parental_control") == [(True, "PG")]
    assert rows("SELECT max(token_version) FROM app_user") == [(2,)]
    assert tokens["access_token"]


async def test_to_let_more_be_seen_the_pin_is_asked_for(visitor: Browser) -> None:
    await pinned(visitor)
    await visitor.post(CONTROLS, **STRICT)
    await visitor.follow()
    wider = {**STRICT, "content_rating_limit": "R"}

    without = await visitor.post(CONTROLS, **wider)
    assert (without.status, 'value="R" selected' in visitor.page) == (403, True)
    assert 'id="pin-error"' in visitor.page
    wrong = await visitor.post(CONTROLS, **wider, pin="1234")
    assert (wrong.status, "1234" in visitor.page) == (401, False)
    assert rows("SELECT max_rating FROM parental_control") == [("PG",)]
    await visitor.post(CONTROLS, **wider, pin="4711")

    assert visitor.location == f"{CONTROLS}?done=changed"
    assert rows("SELECT max_rating FROM parental_control") == [("R",)]


async def test_a_childs_profile_is_opened_and_removed_by_the_pin_alone(visitor: Browser) -> None:
    await pinned(visitor)
    child = await with_child(visitor)
    await visitor.get(f"{PROFILE}?id={child}")
    for sent in ({"name": "Kim", "do": "change"}, {"do": "remove"}):
        assert (await visitor.post(PROFILE, id=child, **sent)).status == 403
    await visitor.post(PROFILE, id=child, do="remove", pin="4711")
    assert visitor.location == f"{HOUSEHOLD}?done=removed"


async def test_guesses_of_the_pin_have_to_wait(visitor: Browser) -> None:
    await pinned(visitor)
    answers = [
        (await visitor.post(PIN, pin="1234", new_pin="9999", do="set")).status for _ in range(6)
    ]
    assert answers == [401] * 5 + [429]


async def test_a_first_pin_is_for_who_has_just_proven_who_they_are(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.sign_in(PIN)
    await visitor.follow()
    pages.accounts.clock.advance(timedelta(minutes=6))

    await visitor.post(PIN, new_pin="4711", do="set")
    assert visitor.location == "/account/confirm?return_to=%2Faccount%2Fpin"
    await visitor.follow()
    await visitor.post("/account/confirm", password=PASSWORD)
    await visitor.follow()
    bad = await visitor.post(PIN, new_pin="47x", do="set")
    assert (bad.status, 'id="new_pin-error"' in visitor.page) == (422, True)
    await visitor.post(PIN, new_pin="4711", do="set")

    await visitor.follow()
    await visitor.get(PIN)
    await visitor.post(PIN, pin="4711", do="remove")
    assert "There is no PIN any more." in await visitor.follow()


@pytest.mark.parametrize(
    ("field", "value"),
    [("viewing_end", ""), ("viewing_start", "25:00"), ("timezone", "Mars"), ("timezone", "")],
)
async def test_a_window_that_is_none_is_said_beside_its_field(
    visitor: Browser, field: str, value: str
) -> None:
    await visitor.sign_in(CONTROLS)
    await visitor.follow()
    answer = await visitor.post(CONTROLS, **{**STRICT, field: value})
    if (field, value) == ("timezone", ""):
        assert answer.status == 303
        return
    assert answer.status == 422
    assert f'id="{field}-error"' in visitor.page


async def test_nobody_sees_or_changes_a_profile_of_another_household(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.sign_in()
    child = await with_child(visitor)
    await pages.accounts.register(email="ola@example.com", password="nine slow kites over")  # noqa: S106 - of tests
    await pages.accounts.post("verify-email", token=await pages.accounts.code())
    stranger = Browser(pages)
    await stranger.sign_in(email="ola@example.com", password="nine slow kites over")  # noqa: S106 - of tests
    await stranger.follow()

    seen = await stranger.get(f"{PROFILE}?id={child}")
    answers = [seen.status]
    for do in ("change", "remove"):
        await stranger.get(HOUSEHOLD)
        answers.append((await stranger.post(PROFILE, id=child, name="mine", do=do)).status)

    assert answers == [404, 404, 404]
    assert rows("SELECT name FROM household_profile") == [("Kim",)]
