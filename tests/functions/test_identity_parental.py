"""Parental controls over the functions: what needs the PIN, and what a wrong one costs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from shared.adapters import connect
from shared.adapters.redis.revocations import RedisRevocations, RedisRevoked
from shared.adapters.sql.identity import sweep
from tests.fakes.accounts_house import EMAIL
from tests.fakes.household import CONTROLS, PIN, HouseholdHouse
from tests.fakes.identity_house import rows

if TYPE_CHECKING:
    from shared.kernel.principal import Principal
    from tests.fakes.accounts_house import AccountsHouse

QUARTER = timedelta(minutes=15)
OPENING: list[dict[str, object]] = [
    {"content_rating_limit": "R"},
    {"content_rating_limit": None},
    {"blocked_genres": []},
    {"viewing_end": "20:00"},
    {"timezone": "Asia/Tokyo"},
    {"viewing_start": None, "viewing_end": None},
    {"enabled": False},
    {"pin": None},
    {"pin": "0000"},
]
MEANINGLESS: list[tuple[dict[str, object], str]] = [
    ({"pin": "123"}, "pin"),
    ({"pin": "123456789"}, "pin"),
    ({"pin": "12a4"}, "pin"),
    ({"pin": "\u0661\u0662\u0663\u0664"}, "pin"),
    ({"content_rating_limit": "TV-MA"}, "content_rating_limit"),
    ({"timezone": "Europe/Nowhere"}, "timezone"),
    ({"timezone": "../etc/passwd"}, "timezone"),
    ({"timezone": "America"}, "timezone"),
    ({"timezone": "localtime"}, "timezone"),
    ({"timezone": "europe/madrid"}, "timezone"),
    ({"viewing_start": "25:00", "viewing_end": "26:00"}, "viewing_start"),
    ({"viewing_start": "08:00"}, "viewing_end"),
    ({"viewing_start": "08:00", "viewing_end": "08:00"}, "viewing_end"),
    ({"blocked_genres": ["Horrible"]}, "blocked_genres"),
    ({"blocked_genres": ["Horror"] * 51}, "blocked_genres"),
    ({"pin_hash": "x"}, "pin_hash"),
]


@pytest_asyncio.fixture
async def home(accounts: AccountsHouse) -> HouseholdHouse:
    """A member with a session and no controls yet."""
    await accounts.member()
    made = HouseholdHouse(accounts)
    await made.sign_in()
    return made


async def dead(*viewers: Principal) -> list[bool]:
    """Tell whose access tokens no service takes any more; each asks every three seconds."""
    revoked = RedisRevoked()
    try:
        return [await revoked.is_dead(viewer) for viewer in viewers]
    finally:
        await connect.redis_async().aclose()
        connect.redis_async.cache_clear()


async def test_nothing_is_set_at_first(home: HouseholdHouse) -> None:
    answer = await home.ask("GET", CONTROLS)
    assert answer.json == {
        "enabled": False,
        "pin_set": False,
        "content_rating_limit": None,
        "viewing_start": None,
        "viewing_end": None,
        "timezone": "Etc/UTC",
        "blocked_genres": [],
    }


@pytest.mark.behavior("identity:5.12:ceiling")
async def test_what_is_set_travels_in_the_next_token(home: HouseholdHouse) -> None:
    answer = await home.set(
        enabled=True, content_rating_limit="PG", blocked_genres=["War", "Horror", "War"],
        viewing_start="16:00", viewing_end="19:30", timezone="Europe/Madrid", pin=PIN,
    )  # fmt: skip
    who = await home.sign_in()

    assert answer.json["pin_set"] is True
    assert answer.json["blocked_genres"] == ["Horror", "War"]
    assert (who.max_rating, who.blocked_genres) == ("PG", ("Horror", "War"))
    assert who.viewing is not None
    assert who.viewing[1] - who.viewing[0] == timedelta(hours=3.5)


@pytest.mark.behavior("identity:5.12:ceiling")
async def test_a_lowered_ceiling_kills_every_older_token_and_no_session(
    home: HouseholdHouse,
) -> None:
    before = home.viewer
    await home.set(enabled=True, content_rating_limit="R")
    after = await home.refresh()

    assert (after.session, after.max_rating) == (before.session, "R")
    assert await dead(before, after) == [True, False]


async def test_what_redis_forgot_of_it_is_told_again(home: HouseholdHouse) -> None:
    before = home.viewer
    await home.set(enabled=True, content_rating_limit="R")
    connect.redis().flushall()

    sweep.tell_again(connect.reads(), RedisRevocations(), now=home.accounts.clock.now())
    assert await dead(before, await home.refresh()) == [True, False]


async def test_a_raised_ceiling_leaves_tokens_alive(home: HouseholdHouse) -> None:
    await home.set(enabled=True, content_rating_limit="PG")
    before = await home.refresh()
    await home.set(content_rating_limit="R")
    after = await home.refresh()
    assert (after.max_rating, after.version) == ("R", before.version)


@pytest.mark.behavior("identity:5.12:pin")
async def test_whatever_lets_more_be_seen_needs_the_pin(home: HouseholdHouse) -> None:
    await home.set(
        enabled=True, content_rating_limit="PG", blocked_genres=["Horror"],
        viewing_start="16:00", viewing_end="19:30", timezone="Europe/Madrid", pin=PIN,
    )  # fmt: skip
    await home.refresh()
    kept = (await home.ask("GET", CONTROLS)).json

    for wish in OPENING:
        refused = await home.set(**wish)
        assert (refused.status, refused.json["code"]) == (403, "pin-needed"), wish
    assert (await home.ask("GET", CONTROLS)).json == kept
    proven = await home.pin_token()
    for wish in OPENING[:-1]:
        assert (await home.set(proven, **wish)).status == 200, wish


async def test_stricter_is_for_everybody(home: HouseholdHouse) -> None:
    await home.set(enabled=True, content_rating_limit="PG-13", pin=PIN)
    await home.sign_in()
    answer = await home.set(content_rating_limit="G", blocked_genres=["Horror"])
    assert (answer.status, answer.json["content_rating_limit"]) == (200, "G")


async def test_what_shows_the_pin_is_of_one_session_and_of_five_minutes(
    home: HouseholdHouse,
) -> None:
    await home.set(enabled=True, content_rating_limit="PG", pin=PIN)
    await home.sign_in(device_id="sofa")
    shown = await home.pin_token()
    mine = home.access

    await home.sign_in(device_id="kitchen")
    assert (await home.set(shown, enabled=False)).status == 403
    home.access = mine
    home.accounts.clock.advance(timedelta(seconds=300))
    assert (await home.set(shown, enabled=False)).status == 403


async def test_a_changed_pin_is_not_shown_by_the_old_one(home: HouseholdHouse) -> None:
    await home.set(pin=PIN)
    old = await home.pin_token()
    assert (await home.set(old, pin="123456")).status == 200
    assert (await home.set(old, pin=None)).status == 403
    assert (await home.verify()).status == 401


@pytest.mark.behavior("identity:5.12:pin")
@pytest.mark.behavior("attacks:pin:brute-force")
async def test_five_wrong_pins_are_a_quarter_of_an_hour_and_one_letter(
    home: HouseholdHouse,
) -> None:
    await home.set(pin=PIN)
    wrong = [await home.verify("0000") for _ in range(5)]
    paused = await home.verify()

    assert {answer.json["code"] for answer in wrong} == {"pin-wrong"}
    assert (paused.status, paused.headers["retry-after"]) == (429, "900")
    (mail,) = await home.accounts.delivered()
    assert (mail["to"], mail["subject"]) == (EMAIL, "Somebody guesses your PIN")

    home.accounts.clock.advance(QUARTER + timedelta(seconds=1))
    assert (await home.verify()).status == 200


async def test_the_first_pin_is_for_who_has_just_proven_who_they_are(home: HouseholdHouse) -> None:
    home.accounts.clock.advance(timedelta(seconds=301))
    refused = await home.set(pin=PIN)
    assert (refused.status, refused.json["code"]) == (401, "step-up-needed")
    assert (await home.set(enabled=True, content_rating_limit="PG")).status == 200

    await home.sign_in()
    assert (await home.set(pin=PIN)).status == 200


async def test_four_wrong_pins_cost_nothing_but_are_told_of(home: HouseholdHouse) -> None:
    await home.set(pin=PIN)
    for _ in range(4):
        await home.verify("0000")
    assert (await home.verify()).status == 200
    denied = (
        "SELECT count(*) FROM audit.audit_log WHERE action = 'AUTH_FAILED' AND outcome = 'denied'"
    )
    assert rows(denied) == [(4,)]
    assert await home.accounts.delivered() == []


@pytest.mark.behavior("attacks:asvs:2.4.5")
async def test_a_pin_is_kept_as_nothing_that_the_database_alone_could_try(
    home: HouseholdHouse,
) -> None:
    await home.set(pin=PIN)
    ((kept,),) = rows("SELECT pin_hash FROM parental_control")
    assert PIN not in kept
    assert "argon2" not in kept
    assert home.rules.pins.sealer.open(kept, place=f"pin:{home.viewer.sub}").startswith(
        "$argon2id$"
    )


async def test_what_nobody_could_mean_is_refused(home: HouseholdHouse) -> None:
    for wish, field in MEANINGLESS:
        answer = await home.set(**wish)
        assert answer.status == 422, answer.body
        assert answer.json["errors"][0]["field"] == field
    assert rows("SELECT count(*) FROM parental_control") == [(0,)]


async def test_there_is_nothing_to_verify_without_a_pin(home: HouseholdHouse) -> None:
    answer = await home.verify()
    assert (answer.status, answer.json["code"]) == (404, "pin-unset")
