"""Households over the functions: profiles, and sessions that go on as another viewer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest_asyncio

from shared.adapters import connect
from shared.adapters.redis.revocations import SESSION, TOKEN
from shared.identity.household import HouseholdFullError, HouseholdProfile
from tests.fakes.accounts_house import EMAIL
from tests.fakes.household import CONTROLS, PIN, PROFILES, HouseholdHouse
from tests.fakes.identity_house import rows

if TYPE_CHECKING:
    from tests.fakes.accounts_house import AccountsHouse

WIDER: list[dict[str, object]] = [
    {"max_rating": "PG-13"},
    {"is_child": False},
    {"blocked_genres": []},
]
IMPOSSIBLE: list[tuple[dict[str, object], str]] = [
    ({"name": ""}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"language": "Spanish!"}, "language"),
    ({"max_rating": "TV-14"}, "max_rating"),
    ({"blocked_genres": ["Horrible"]}, "blocked_genres"),
    ({"id": "0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11"}, "id"),
    ({"is_owner": True}, "is_owner"),
]


@pytest_asyncio.fixture
async def home(accounts: AccountsHouse) -> HouseholdHouse:
    """A member with a session, alone in their household."""
    await accounts.member()
    made = HouseholdHouse(accounts)
    await made.sign_in()
    return made


async def test_an_account_is_a_household_of_one(home: HouseholdHouse) -> None:
    answer = await home.ask("GET", PROFILES)
    (owner,) = answer.json["items"]
    assert answer.json["most"] == 5
    assert (owner["id"], owner["name"]) == (home.viewer.sub, "Nora")
    assert owner["is_owner"]
    assert owner["is_current"]


async def test_a_childs_profile_has_a_ceiling_whether_or_not_one_is_named(
    home: HouseholdHouse,
) -> None:
    child = await home.add(is_child=True)
    shown = (await home.ask("GET", f"{PROFILES}/{child}")).json
    assert (shown["max_rating"], shown["is_owner"], shown["is_current"]) == ("PG", False, False)

    nothing = {"max_rating": None, "name": None, "language": None}
    answer = await home.ask("PATCH", f"{PROFILES}/{child}", nothing)
    assert answer.json == shown


async def test_a_session_goes_on_as_the_profile_that_is_selected(home: HouseholdHouse) -> None:
    child = await home.add(is_child=True, max_rating="G", blocked_genres=["Horror"])
    before = home.viewer
    answer = await home.select(child)
    selected, refreshed = home.viewer, await home.refresh()

    assert answer.json["scope"].split() == sorted(before.scopes, key=answer.json["scope"].find)
    for who in (selected, refreshed):
        assert (who.sub, who.pid, who.session) == (before.sub, child, before.session)
        assert (who.max_rating, who.blocked_genres) == ("G", ("Horror",))
    assert connect.redis().get(TOKEN + before.token_id)


async def test_of_account_and_profile_the_lower_ceiling_holds(home: HouseholdHouse) -> None:
    child = await home.add(max_rating="R", blocked_genres=["War"])
    await home.set(enabled=True, content_rating_limit="PG-13", blocked_genres=["Horror"])
    await home.refresh()
    await home.select(child)
    assert (home.viewer.max_rating, home.viewer.blocked_genres) == ("PG-13", ("Horror", "War"))


async def test_a_child_cannot_go_on_as_somebody_who_may_see_more(home: HouseholdHouse) -> None:
    child = await home.add(is_child=True, max_rating="PG")
    await home.set(pin=PIN)
    await home.select(child)

    refused = await home.select(home.viewer.sub)
    assert (refused.status, refused.json["code"]) == (403, "pin-needed")
    assert (await home.refresh()).pid == child

    await home.select(home.viewer.sub, pin=await home.pin_token())
    assert (home.viewer.pid, home.viewer.max_rating) == (home.viewer.sub, "")


async def test_without_a_pin_anybody_goes_on_as_anybody(home: HouseholdHouse) -> None:
    child = await home.add(is_child=True)
    await home.select(child)
    assert (await home.select(home.viewer.sub)).status == 200


async def test_a_child_cannot_widen_a_profile_nor_do_away_with_it(home: HouseholdHouse) -> None:
    child = await home.add(is_child=True, max_rating="PG", blocked_genres=["Horror"])
    await home.set(pin=PIN)
    await home.select(child)

    for wish in WIDER:
        refused = await home.ask("PATCH", f"{PROFILES}/{child}", wish)
        assert (refused.status, refused.json["code"]) == (403, "pin-needed")
    gone = await home.ask("DELETE", f"{PROFILES}/{child}")
    assert (gone.status, gone.json["code"]) == (403, "pin-needed")
    proven = await home.pin_token()
    assert (await home.ask("PATCH", f"{PROFILES}/{child}", wish, pin=proven)).status == 200


async def test_a_stricter_profile_kills_older_tokens(home: HouseholdHouse) -> None:
    teen = await home.add(max_rating="R")
    await home.select(teen)
    before = home.viewer
    await home.ask("PATCH", f"{PROFILES}/{teen}", {"max_rating": "PG"})
    after = await home.refresh()
    assert (after.max_rating, after.version) == ("PG", before.version + 1)


async def test_a_profile_that_goes_ends_its_sessions(home: HouseholdHouse) -> None:
    child = await home.add(is_child=True)
    await home.select(child)
    session = home.viewer.session
    answer = await home.ask("DELETE", f"{PROFILES}/{child}")

    assert answer.status == 204
    assert rows("SELECT status, revoked_reason, profile_id FROM token_family") == [
        ("revoked", "profile_removed", None)
    ]
    assert connect.redis().get(SESSION + session)


async def test_the_owners_profile_is_the_account(home: HouseholdHouse) -> None:
    own = f"{PROFILES}/{home.viewer.sub}"
    for method, said in (("PATCH", {"name": "Eva"}), ("DELETE", None)):
        answer = await home.ask(method, own, said)
        assert (answer.status, answer.json["code"]) == (409, "own-profile")


async def test_a_free_household_has_five_profiles_and_one_that_pays_ten(
    home: HouseholdHouse,
) -> None:
    for number in range(4):
        await home.add(name=f"Viewer {number}")
    full = await home.ask("POST", PROFILES, {"name": "One more"})
    assert (full.status, full.json["code"]) == (409, "household-full")

    with connect.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE app_user SET tier = 'premium'")
    await home.refresh()
    await home.add(name="One more")


async def test_of_many_at_once_no_more_are_added_than_there_is_room_for(
    home: HouseholdHouse,
) -> None:
    owner, household, told = home.viewer.sub, home.rules.profiles, home.told
    made = [
        HouseholdProfile(str(home.rules.ids.new()), "Viewer", "es", home.accounts.clock.now())
        for _ in range(12)
    ]

    def add(profile: HouseholdProfile) -> bool:
        try:
            household.add(owner, profile, 5, told())
        except HouseholdFullError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        added = await asyncio.to_thread(lambda: list(pool.map(add, made)))
    assert sum(added) == 4
    assert len(household.all_of(owner)) == 5


async def test_another_account_sees_and_selects_nothing_of_it(
    home: HouseholdHouse, accounts: AccountsHouse
) -> None:
    child = await home.add(is_child=True)
    await accounts.register(email="otto@example.com", display_name="Otto")
    await accounts.post("verify-email", token=await accounts.code())
    await home.sign_in(email="otto@example.com")

    for method, path, said in (
        ("GET", f"{PROFILES}/{child}", None),
        ("PATCH", f"{PROFILES}/{child}", {"name": "Mine"}),
        ("DELETE", f"{PROFILES}/{child}", None),
        ("POST", f"{PROFILES}/{child}/select", None),
    ):
        answer = await home.ask(method, path, said)
        assert (answer.status, answer.json["code"]) == (404, "profile-not-found")
    assert len((await home.ask("GET", PROFILES)).json["items"]) == 1


async def test_who_acts_for_a_user_changes_nothing_of_their_household(
    home: HouseholdHouse,
) -> None:
    home.access = home.acting_for()
    for path, said in ((PROFILES, {"name": "Eva"}), (f"{CONTROLS}/verify-pin", {"pin": PIN})):
        answer = await home.ask("POST", path, said)
        assert (answer.status, answer.json["code"]) == (403, "acted-for")


async def test_what_happens_in_a_household_is_in_the_log_without_names(
    home: HouseholdHouse,
) -> None:
    child = await home.add(name="Secret Sofia", is_child=True)
    await home.ask("PATCH", f"{PROFILES}/{child}", {"name": "Sofia"})
    await home.select(child)
    await home.ask("DELETE", f"{PROFILES}/{child}")

    said = rows(
        "SELECT action FROM audit.audit_log WHERE action LIKE 'USER_PROFILE%' ORDER BY number"
    )
    assert [action for (action,) in said] == [
        "USER_PROFILE_ADD", "USER_PROFILE_CHANGE", "USER_PROFILE_SELECT", "USER_PROFILE_REMOVE",
    ]  # fmt: skip
    everything = str(rows("SELECT l::text FROM audit.audit_log AS l"))
    assert "Sofia" not in everything
    assert EMAIL not in everything


async def test_what_no_profile_can_be_is_refused(home: HouseholdHouse) -> None:
    for wish, field in IMPOSSIBLE:
        answer = await home.ask("POST", PROFILES, {"name": "Tomás", **wish})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
