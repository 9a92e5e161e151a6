"""What users let be kept of what they do, and be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.adapters import connect
from tests.fakes.edge import ask
from tests.fakes.identity_house import rows
from tests.functions.test_identity_life import Home

if TYPE_CHECKING:
    from tests.fakes.accounts_house import AccountsHouse
    from tests.fakes.edge import Answer

PATH = "/privacy"


@pytest.fixture
async def home(accounts: AccountsHouse) -> Home:
    """The function, with one member."""
    await accounts.member()
    return Home(accounts)


def granted(answer: Answer) -> dict[str, bool]:
    """Return what is allowed."""
    assert answer.status == 200, answer.body
    return {purpose: said["granted"] for purpose, said in answer.json.items()}


def claims(token: str) -> dict[str, Any]:
    """Return what a token says."""
    payload = token.split(".")[1]
    found: dict[str, Any] = orjson.loads(_decoded(payload))
    return found


def _decoded(segment: str) -> bytes:
    from base64 import urlsafe_b64decode  # noqa: PLC0415 - of tests

    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


@pytest.mark.behavior("identity:4.1:privacy")
async def test_who_has_decided_nothing_allows_it_and_a_refusal_is_kept_with_its_version(
    home: Home,
) -> None:
    token = (await home.accounts.tokens())["access_token"]
    before = await home.ask("GET", PATH, token=token)
    after = await home.ask("PATCH", PATH, {"personalization": False}, token=token)

    assert granted(before) == {"activity": True, "analytics": True, "personalization": True}
    assert granted(after) == {"activity": True, "analytics": True, "personalization": False}
    assert after.json["personalization"]["version"] == 1
    assert before.json["personalization"]["decided_at"] is None
    said = "SELECT details FROM audit.audit_log WHERE action = 'PREFERENCE_CHANGE'"
    assert [details for (details,) in rows(said)] == [{"personalization": False}]


@pytest.mark.behavior("identity:4.1:privacy")
async def test_a_refusal_kills_tokens_that_say_otherwise_and_the_next_one_says_it(
    home: Home,
) -> None:
    tokens = await home.accounts.tokens()
    ((user,),) = rows("SELECT id FROM app_user")
    wish = {"analytics": False, "activity": False}
    await home.ask("PATCH", PATH, wish, token=tokens["access_token"])

    assert "declined" not in claims(tokens["access_token"])
    version = claims(tokens["access_token"])["ver"]
    assert connect.redis().get(f"auth:user_version:{user}") == str(version + 1).encode()
    again = claims((await home.accounts.tokens())["access_token"])
    assert (again["declined"], again["ver"]) == (["activity", "analytics"], version + 1)


async def test_allowing_again_and_deciding_nothing_new_kill_no_token(home: Home) -> None:
    token = (await home.accounts.tokens())["access_token"]
    for wish in ({"analytics": True}, {}, {"personalization": True}):
        assert (await home.ask("PATCH", PATH, wish, token=token)).status == 200
    assert list(connect.redis().scan_iter("auth:user_version:*")) == []


@pytest.mark.parametrize(
    "wish", [{"marketing": True}, {"analytics": "maybe"}, {"analytics": None, "user_id": "x"}, []]
)
async def test_a_purpose_that_there_is_not_is_named(home: Home, wish: object) -> None:
    token = (await home.accounts.tokens())["access_token"]
    assert (await home.ask("PATCH", PATH, wish, token=token)).status == 422
    assert rows("SELECT * FROM privacy_preference") == []


async def test_nobody_else_decides_and_nobody_else_reads(home: Home) -> None:
    body = orjson.dumps({"analytics": False})
    for method in ("GET", "PATCH"):
        path = "/api/v1/users/me/privacy"
        assert (await ask(home.main.handle, method, path, body=body)).status == 401
