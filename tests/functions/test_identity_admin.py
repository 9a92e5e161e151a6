"""Users as administrators see and change them, and acting as one of them."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.redis.revocations import SESSION, VERSION
from shared.identity.families import Family
from shared.identity.scopes import SCOPES, roles_of
from shared.identity.sessions import Subject
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import issuing
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity import ADA, BEN, add_users
from tests.fakes.identity_house import House, rows

if TYPE_CHECKING:
    from types import ModuleType

USERS = "/api/v1/admin/users"
ids = TimeOrderedIds(SystemClock())
EVE = "eeeeeeee-0000-4000-8000-000000000001"
NOTHING = "019b76da-a800-7b31-8000-2f3c5a1d9e41"
REASON = {"reason": "asked for help by telephone"}


class Office:
    """The function of administrators: Ada is one, Ben and Eve are not."""

    def __init__(self, house: House) -> None:
        self.house, self.clock = house, FixedClock(SystemClock().now())
        self.main: ModuleType = load("identity_admin")
        self.main.clock = self.clock  # type: ignore[attr-defined]
        add_users(connect.engine(), EVE)
        write(f"UPDATE app_user SET role = 'admin' WHERE id = '{ADA}'")  # noqa: S608 - ours

    def token(
        self, user: str = ADA, *, role: str = "admin", methods: tuple[str, ...] = ("pwd", "otp")
    ) -> str:
        """Return the token of somebody who has just signed in."""
        family = Family(
            Subject(user, roles=roles_of(role)),
            str(ids.new()), "mg-web", "device", SCOPES, methods, SystemClock().now(),
        )  # fmt: skip
        scopes = SCOPES if role == "admin" else SCOPES[:-1]
        return issuing.issuer().access_token(family, scopes)

    async def ask(self, method: str, path: str, said: object = None, *, token: str = "") -> Answer:
        """Ask as Ada, or with a token."""
        body = b"" if said is None else orjson.dumps(said)
        headers = {"authorization": f"Bearer {token or self.token()}"}
        return await ask(self.main.handle, method, path, body=body, headers=headers)


@pytest.fixture
def office(identity: House) -> Office:
    """The function, under a clock."""
    return Office(identity)


def write(sql: str, **given: object) -> None:
    """Change rows."""
    with connect.engine().begin() as connection:
        connection.execute(text(sql), given)


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says."""
    payload = token.split(".")[1]
    found: dict[str, Any] = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def acts() -> list[tuple[Any, ...]]:
    """Return what the audit log says of accounts."""
    return rows(
        "SELECT action, actor_id, actor_type, resource_id, outcome FROM audit.audit_log"
        " WHERE resource_type = 'account' ORDER BY number"
    )


async def test_users_are_listed_page_by_page(office: Office) -> None:
    answer = await office.ask("GET", f"{USERS}?per_page=2&sort_by=email&order=asc")
    second = await office.ask("GET", f"{USERS}?per_page=2&page=2&sort_by=email&order=asc")

    assert (answer.status, answer.json["total"]) == (200, 3)
    seen = [user["email"] for user in answer.json["items"] + second.json["items"]]
    assert seen == sorted(seen)
    assert len(seen) == 3
    assert "password_hash" not in answer.body.decode()
    assert acts()[0] == ("ADMIN_ACTION", ADA, "admin", "", "success")


async def test_every_order_is_an_order(office: Office) -> None:
    for sort_by in ("email", "display_name", "created_at"):
        found = []
        for order in ("asc", "desc"):
            path = f"{USERS}?sort_by={sort_by}&order={order}"
            found.append([u[sort_by] for u in (await office.ask("GET", path)).json["items"]])
        assert found[0] == sorted(found[0])
        assert found[1] == found[0][::-1]


WILD = [("100%25", 1), ("_", 0), ("%25", 1), ("%5C", 0), ("ALAN", 1), ("'%20OR%201=1", 0)]


async def test_a_search_takes_signs_for_themselves(office: Office) -> None:
    write("UPDATE app_user SET name = 'Alan 100%' WHERE id = :id", id=BEN)
    for search, found in WILD:
        answer = await office.ask("GET", f"{USERS}?search={search}")
        assert (search, answer.status, answer.json["total"]) == (search, 200, found)


async def test_the_log_does_not_tell_whom_somebody_searched_for(office: Office) -> None:
    await office.ask("GET", f"{USERS}?search=nora@example.com&status=active")
    ((details,),) = rows("SELECT details FROM audit.audit_log")

    assert details["listed"]["search"] is True
    assert "nora" not in str(details)


async def test_what_cannot_be_listed_is_refused(office: Office) -> None:
    for query in ("per_page=0", "per_page=101", "page=0", f"page={9**30}", "sort_by=role", "x=1"):
        assert (await office.ask("GET", f"{USERS}?{query}")).status == 422, query


async def test_only_administrators_come_here_and_others_are_noted(office: Office) -> None:
    token = office.token(BEN, role="user")
    paths = [("GET", USERS), ("GET", f"{USERS}/{ADA}"), ("PATCH", f"{USERS}/{ADA}")]
    paths += [("DELETE", f"{USERS}/{ADA}"), ("POST", f"{USERS}/{ADA}/impersonate")]
    for method, path in paths:
        assert (await office.ask(method, path, {}, token=token)).status == 403


async def test_a_suspended_user_loses_every_session_and_key(office: Office) -> None:
    tokens = office.house.start(user=BEN)
    session = claims_of(tokens.access_token)["sid"]
    answer = await office.ask("PATCH", f"{USERS}/{BEN}", {"suspended": True, **REASON})

    assert (answer.status, answer.json["status"], answer.json["sessions"]) == (200, "suspended", 0)
    assert answer.json["suspended_reason"] == REASON["reason"]
    assert (await office.house.refresh(tokens.refresh_token)).status == 400
    assert connect.redis().exists(SESSION + session) == 1
    assert int(connect.redis().get(VERSION + BEN)) == 2  # type: ignore[arg-type]
    assert acts()[-1] == ("USER_CHANGE", ADA, "admin", BEN, "success")
    again = await office.ask("PATCH", f"{USERS}/{BEN}", {"suspended": False})
    assert (again.json["status"], again.json["suspended_reason"]) == ("active", None)


async def test_another_role_needs_another_token_and_no_other_session(office: Office) -> None:
    tokens = office.house.start(user=BEN)
    answer = await office.ask("PATCH", f"{USERS}/{BEN}", {"role": "premium"})

    assert (answer.json["role"], answer.json["sessions"]) == ("premium", 1)
    assert int(connect.redis().get(VERSION + BEN)) == 2  # type: ignore[arg-type]
    refreshed = await office.house.refresh(tokens.refresh_token)
    assert claims_of(refreshed.json["access_token"])["roles"] == ["user", "premium"]


async def test_who_is_no_administrator_any_more_signs_in_anew(office: Office) -> None:
    await office.ask("PATCH", f"{USERS}/{BEN}", {"role": "admin"})
    tokens = office.house.start(user=EVE)
    write("UPDATE app_user SET role = 'admin' WHERE id = :id", id=EVE)
    answer = await office.ask("PATCH", f"{USERS}/{EVE}", {"role": "user"})

    assert (answer.json["role"], answer.json["sessions"]) == ("user", 0)
    assert (await office.house.refresh(tokens.refresh_token)).status == 400


BAD = [{}, {"suspended": True}, {"suspended": True, "reason": "short"}, {"role": "service"}]


async def test_a_change_that_is_none_is_refused(office: Office) -> None:
    for said in (*BAD, {"tier": "enterprise", "role": "user"}):
        assert (await office.ask("PATCH", f"{USERS}/{BEN}", said)).status == 422, said


async def test_nobody_changes_or_deletes_their_own_account_here(office: Office) -> None:
    changed = await office.ask("PATCH", f"{USERS}/{ADA}", {"role": "user"})
    gone = await office.ask("DELETE", f"{USERS}/{ADA}?confirm={ADA}@sample.invalid")

    assert [(one.status, one.json["code"]) for one in (changed, gone)] == [(409, "own-account")] * 2


async def test_of_two_administrators_who_demote_each_other_one_is_left(office: Office) -> None:
    write("UPDATE app_user SET role = 'admin' WHERE id = :id", id=BEN)
    token = office.token(BEN)
    answers = await asyncio.gather(
        office.ask("PATCH", f"{USERS}/{BEN}", {"role": "user"}),
        office.ask("PATCH", f"{USERS}/{ADA}", {"role": "user"}, token=token),
    )

    assert sorted(answer.status for answer in answers) == [200, 409]
    assert rows("SELECT count(*) FROM app_user WHERE role = 'admin'") == [(1,)]
    assert {answer.json.get("code") for answer in answers} == {None, "last-admin"}


async def test_a_user_is_deleted_by_who_names_their_address(office: Office) -> None:
    office.house.start(user=BEN)
    wrong = await office.ask("DELETE", f"{USERS}/{BEN}?confirm=somebody@example.com")
    gone = await office.ask("DELETE", f"{USERS}/{BEN}?confirm={BEN}@sample.invalid")

    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "confirm")
    assert gone.status == 204
    assert rows(f"SELECT id FROM app_user WHERE id = '{BEN}'") == []  # noqa: S608 - ours
    assert rows("SELECT family_id FROM token_family") == []
    ((payload,),) = rows("SELECT payload FROM outbox WHERE topic = 'user.deleted'")
    assert orjson.loads(payload)["data"] == {"user_id": BEN}
    assert acts()[-1] == ("DATA_DELETE", ADA, "admin", BEN, "success")
    assert (await office.ask("GET", f"{USERS}/{BEN}")).status == 404


@pytest.mark.behavior("attacks:asvs:4.3.1")
async def test_deleting_and_roles_need_a_fresh_proof_and_acting_a_second_factor(
    office: Office,
) -> None:
    late, plain = office.token(), office.token(methods=("pwd",))
    path = f"{USERS}/{BEN}/impersonate"
    weak = await office.ask("POST", path, REASON, token=plain)
    office.clock.advance(timedelta(minutes=6))
    old = await office.ask("POST", path, REASON, token=late)
    gone = await office.ask("DELETE", f"{USERS}/{BEN}?confirm={BEN}@sample.invalid", token=late)
    role = await office.ask("PATCH", f"{USERS}/{BEN}", {"role": "admin"}, token=late)
    closed = await office.ask("PATCH", f"{USERS}/{BEN}", {"suspended": True, **REASON}, token=late)

    assert [(one.status, one.json["code"]) for one in (weak, old, gone, role)] == [
        (401, "step-up-needed")
    ] * 4
    assert closed.status == 200  # what protects others is done at once


@pytest.mark.behavior("identity:5.4:lifetimes")
async def test_who_acts_as_a_user_is_named_and_may_no_more_than_they(office: Office) -> None:
    answer = await office.ask("POST", f"{USERS}/{BEN}/impersonate", REASON)
    said = claims_of(answer.json["access_token"])

    assert answer.status == 200
    assert "refresh_token" not in answer.json
    assert (said["sub"], said["act"]) == (BEN, {"sub": ADA})
    assert said["exp"] - said["iat"] == answer.json["expires_in"] == 900
    assert "admin:full" not in said["scope"]
    assert not {"auth_time", "amr"} & said.keys()
    assert acts()[-1] == ("IMPERSONATE", ADA, "admin", BEN, "success")
    ((details,),) = rows("SELECT details FROM audit.audit_log WHERE action = 'IMPERSONATE'")
    assert details == REASON


async def test_nobody_acts_as_an_administrator_themselves_or_a_closed_account(
    office: Office,
) -> None:
    write("UPDATE app_user SET role = 'admin' WHERE id = :id", id=BEN)
    write("UPDATE app_user SET status = 'suspended' WHERE id = :id", id=EVE)
    for user in (ADA, BEN, EVE, str(ids.new())):
        answer = await office.ask("POST", f"{USERS}/{user}/impersonate", REASON)
        assert (answer.status, answer.json["code"]) == (403, "not-impersonated")


async def test_who_acts_as_a_user_says_why(office: Office) -> None:
    for reason in ("", "too short", "x" * 501, " " * 20):
        answer = await office.ask("POST", f"{USERS}/{BEN}/impersonate", {"reason": reason})
        assert answer.status == 422, reason


@pytest.mark.parametrize(
    ("folder", "method", "path"),
    [
        ("identity_sessions", "POST", "/auth/logout"),
        ("identity_sessions", "DELETE", f"/api/v1/auth/sessions/{NOTHING}"),
        ("identity_authorize", "DELETE", f"/api/v1/auth/consents/{NOTHING}"),
        ("identity_api_keys", "POST", f"/api/v1/auth/api-keys/{NOTHING}/rotate"),
        ("identity_life", "DELETE", "/api/v1/users/me"),
    ],
)
async def test_who_acts_as_a_user_does_not_decide_who_else_gets_in(
    office: Office, folder: str, method: str, path: str
) -> None:
    made = await office.ask("POST", f"{USERS}/{BEN}/impersonate", REASON)
    headers = {"authorization": f"Bearer {made.json['access_token']}"}
    answer = await ask(load(folder).handle, method, path, headers=headers)
    assert (answer.status, answer.json["code"]) == (403, "acted-for")


async def test_what_an_actor_does_is_told_of_the_actor(office: Office) -> None:
    made = await office.ask("POST", f"{USERS}/{BEN}/impersonate", REASON)
    profile = load("identity_profile")
    headers = {"authorization": f"Bearer {made.json['access_token']}"}
    body = orjson.dumps({"display_name": "Ben B."})
    answer = await ask(profile.handle, "PATCH", "/api/v1/users/me", body=body, headers=headers)

    assert answer.status == 200, answer.body
    said = "SELECT actor_id, actor_type, act_on_behalf_of FROM audit.audit_log WHERE action = "
    assert rows(f"{said}'PREFERENCE_CHANGE'") == [(ADA, "admin", BEN)]
