"""How an account leaves, comes back within its grace, and takes a copy of its data."""

from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.avatars import AvatarFolder
from shared.adapters.redis.revocations import VERSION
from shared.adapters.sql.identity import export
from shared.identity.deletion import GRACE
from shared.kernel.events import Event
from shared.kernel.ids import named
from shared.runtime import events
from tests.fakes.accounts_house import EMAIL, OTHER_PASSWORD, PASSWORD, AccountsHouse
from tests.fakes.edge import Answer, ask, load, pushed
from tests.fakes.identity_house import rows

if TYPE_CHECKING:
    from types import ModuleType

ME = "/api/v1/users/me"
HASH = "5" * 64


class Home:
    """The functions of leaving, and Nora, who has an account."""

    def __init__(self, accounts: AccountsHouse) -> None:
        self.accounts, self.clock = accounts, accounts.clock
        write("DELETE FROM app_user WHERE email LIKE '%@sample.invalid'")
        self.main, self.purge, self.export = (
            self._load(f"identity_{name}") for name in ("life", "purge", "export")
        )
        self.main.rules = accounts.functions["identity_accounts"].rules  # type: ignore[attr-defined]
        self.export.PubSubPublisher = accounts.outgoing  # type: ignore[attr-defined]

    def _load(self, folder: str) -> ModuleType:
        module = load(folder)
        module.clock = self.clock  # type: ignore[attr-defined]
        return module

    async def ask(self, method: str, path: str, said: object = None, *, token: str = "") -> Answer:
        """Ask with a token, or with none."""
        body = b"" if said is None else orjson.dumps(said)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await ask(self.main.handle, method, ME + path, body=body, headers=headers)

    async def left(self) -> str:
        """Close Nora's account and return the code of the mail."""
        token = (await self.accounts.tokens())["access_token"]
        answer = await self.ask("DELETE", "", token=token)
        assert answer.status == 200, answer.body
        return await self.accounts.code()

    async def tick(self) -> None:
        """Let an hour's purge run."""
        headers = {"content-type": "application/json"}
        event = Event(
            event_id=named("tick", str(self.clock.now())),
            event_type=events.TICK,
            occurred_at=self.clock.now(),
            correlation_id="tick",
            data={},
        )
        answer = await ask(self.purge.handle, "POST", "/", body=pushed(event), headers=headers)
        assert answer.status == 204, answer.body

    async def built(self) -> str:
        """Bring what was published to who builds copies; returns the code of the mail."""
        for event in list(self.accounts.outgoing.events):
            if event.event_type == "export.requested":
                self.accounts.outgoing.events.remove(event)
                for _ in range(2):
                    got = await ask(self.export.handle, "POST", "/", body=pushed(event))
                    assert got.status == 204, got.body
        return await self.accounts.code()


@pytest.fixture
async def home(accounts: AccountsHouse) -> Home:
    """The functions, with one member."""
    await accounts.member()
    return Home(accounts)


def write(sql: str) -> None:
    """Change rows."""
    with connect.engine().begin() as connection:
        connection.execute(text(sql))


def status() -> str:
    """Return the status of the one account."""
    ((found,),) = rows("SELECT status FROM app_user")
    return str(found)


@pytest.mark.behavior("identity:5.13:deletion")
async def test_an_account_that_leaves_is_closed_at_once(home: Home) -> None:
    tokens = await home.accounts.tokens()
    answer = await home.ask("DELETE", "", token=tokens["access_token"])
    (mail,) = await home.accounts.delivered()

    due = (home.clock.now() + GRACE).isoformat()
    assert answer.json == {"deletion_scheduled_at": due}
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Your account will be deleted")
    assert rows("SELECT status FROM token_family") == [("revoked",)]
    ((user,),) = rows("SELECT id FROM app_user")
    assert connect.redis().get(VERSION + str(user)) == b"2"
    assert rows("SELECT action, outcome FROM audit.audit_log WHERE action LIKE 'DATA%'") == [
        ("DATA_DELETE", "success")
    ]


async def test_only_who_knows_the_password_hears_that_an_account_leaves(home: Home) -> None:
    await home.left()
    right, wrong = [await home.accounts.log_in(password=p) for p in (PASSWORD, OTHER_PASSWORD)]
    nobody = await home.accounts.log_in(email="otto@example.com")

    assert (right.status, right.json["code"]) == (403, "account-leaving")
    assert (wrong.status, wrong.json["code"]) == (401, "credentials-wrong")
    assert wrong.json["detail"] == nobody.json["detail"]
    again = await home.accounts.register()
    assert again.status == 202
    assert await home.accounts.delivered() == []


async def test_the_mail_gives_an_account_back_once(home: Home) -> None:
    code = await home.left()
    answers = [await home.ask("POST", "/restore", {"token": code}) for _ in range(2)]

    assert [answer.status for answer in answers] == [204, 410]
    assert status() == "active"
    assert (await home.accounts.log_in()).status == 200
    assert rows("SELECT deletion_scheduled_at FROM app_user") == [(None,)]


async def test_signing_in_gives_an_account_back(home: Home) -> None:
    code = await home.left()
    wrong = {"email": EMAIL, "password": OTHER_PASSWORD}
    refused = await home.ask("POST", "/restore", wrong)
    given = await home.ask("POST", "/restore", {"email": EMAIL, "password": PASSWORD})

    assert (refused.status, refused.json["code"]) == (401, "credentials-wrong")
    assert (given.status, status()) == (204, "active")
    assert (await home.ask("POST", "/restore", {"token": code})).status == 410
    stranger = {"email": "otto@example.com", "password": PASSWORD}
    assert (await home.ask("POST", "/restore", stranger)).json["code"] == "credentials-wrong"


BAD: list[dict[str, str]] = [
    {},
    {"email": EMAIL},
    {"password": PASSWORD},
    {"token": "x", "email": EMAIL, "password": PASSWORD},
]


async def test_who_wants_an_account_back_shows_one_thing(home: Home) -> None:
    for said in BAD:
        assert (await home.ask("POST", "/restore", said)).status == 422, said


async def test_a_code_that_no_mail_had_gives_nothing_back(home: Home) -> None:
    await home.left()
    answer = await home.ask("POST", "/restore", {"token": "never-sent"})

    assert (answer.status, answer.json["code"]) == (400, "mail-token-unknown")
    assert status() == "pending_deletion"


async def test_an_account_is_closed_only_by_who_just_proved_to_be_its_user(home: Home) -> None:
    token = (await home.accounts.tokens())["access_token"]
    home.clock.advance(timedelta(minutes=6))
    answer = await home.ask("DELETE", "", token=token)

    assert (answer.status, answer.json["code"]) == (401, "step-up-needed")
    assert status() == "active"


async def test_the_last_administrator_stays(home: Home) -> None:
    token = (await home.accounts.tokens())["access_token"]
    write("UPDATE app_user SET role = 'admin'")
    answer = await home.ask("DELETE", "", token=token)

    assert (answer.status, answer.json["code"]) == (409, "last-admin")
    assert status() == "active"


@pytest.mark.behavior("identity:5.13:deletion")
async def test_nothing_is_deleted_before_the_grace_is_over(home: Home) -> None:
    await home.left()
    home.clock.advance(GRACE - timedelta(seconds=1))
    await home.tick()
    assert status() == "pending_deletion"

    home.clock.advance(timedelta(seconds=1))
    late = await home.ask("POST", "/restore", {"email": EMAIL, "password": PASSWORD})
    assert (late.status, late.json["code"]) == (409, "conflict")
    await home.tick()
    assert rows("SELECT id FROM app_user") == []


@pytest.mark.behavior("identity:5.13:deletion")
async def test_nothing_of_a_user_is_left_but_an_id_in_the_log(home: Home) -> None:
    await home.left()
    ((user,),) = rows("SELECT id FROM app_user")
    folder = AvatarFolder(connect.addresses().artifacts_dir)
    folder.put(HASH, b"a picture")
    write(f"UPDATE app_user SET avatar = '{HASH}'")  # noqa: S608 - ours
    joined = "audit.address AS a JOIN audit.audit_log AS l USING (id)"
    addresses = f"SELECT count(*) > 0 FROM {joined} WHERE l.actor_id = '{user}'"  # noqa: S608 - ours
    assert rows(addresses) == [(True,)]
    home.clock.advance(GRACE)
    for _ in range(2):
        await home.tick()

    for table in tables():
        assert rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - ours
    assert folder.get(HASH) is None
    assert rows(addresses) == [(False,)]
    ((payload,),) = rows("SELECT payload FROM outbox WHERE topic = 'user.deleted'")
    assert orjson.loads(payload)["data"] == {"user_id": str(user)}
    everything = "SELECT string_agg(l::text, '') FROM audit.audit_log AS l"
    ((log,),) = rows(everything)
    assert EMAIL not in log
    assert "Nora" not in log
    by_schedule = "SELECT actor_id, resource_id FROM audit.audit_log WHERE actor_type = 'system'"
    assert rows(by_schedule) == [("identity-purge", str(user))]


async def test_a_crash_on_the_way_leaves_the_account_for_the_next_hour(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.left()
    home.clock.advance(GRACE)

    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patch:
        patch.setattr("shared.adapters.sql.audit.write", broken)
        with pytest.raises(AssertionError):
            await home.tick()
    assert status() == "pending_deletion"
    assert rows("SELECT id FROM outbox WHERE topic = 'user.deleted'") == []
    await home.tick()
    assert rows("SELECT id FROM app_user") == []


async def test_of_giving_back_and_deleting_at_once_one_wins(home: Home) -> None:
    await home.left()
    home.clock.advance(GRACE - timedelta(seconds=1))
    said = {"email": EMAIL, "password": PASSWORD}
    given = asyncio.create_task(home.ask("POST", "/restore", said))
    home.purge.clock = type(home.clock)(home.clock.now() + timedelta(seconds=1))  # type: ignore[attr-defined]
    await home.tick()
    answer = await given

    left = rows("SELECT status FROM app_user")
    assert (answer.status, left) in [(204, [("active",)]), (409, []), (401, [])]


def tables() -> list[str]:
    """Return every table that keeps something by the id of an account."""
    found = rows(
        "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND confrelid = 'app_user'::regclass"
    )
    return sorted(str(name) for (name,) in found)


async def test_services_forget_what_they_keep_of_a_user(home: Home) -> None:
    await home.left()
    ((user,),) = rows("SELECT id FROM app_user")
    mine = (
        "INSERT INTO webhook_subscription (id, owner, url, event_types, sealed_secret, created_at)"
        " VALUES (gen_random_uuid(), '{owner}', 'https://a.example', '{{}}', 'x', now())"
    )
    for owner in (user, "somebody else"):
        write(mine.format(owner=owner))
    home.clock.advance(GRACE)
    await home.tick()
    ((payload,),) = rows("SELECT payload FROM outbox WHERE topic = 'user.deleted'")
    event = Event.model_validate_json(payload)
    statuses = [
        (await ask(load("webhook_forget").handle, "POST", "/", body=pushed(event))).status
        for _ in range(2)
    ]

    assert statuses == [204, 204]
    assert rows("SELECT owner FROM webhook_subscription") == [("somebody else",)]


KEYS = {"one_time_token", "mfa_backup_code"}
"""What opens an account, and says nothing of its user."""


@pytest.mark.usefixtures("connected")
def test_every_table_of_users_is_in_the_copy() -> None:
    written = " ".join(str(part()) for part in export.PARTS.values())
    missing = {name for name in tables() if f"FROM {name}\n" not in written}

    assert missing == KEYS
    assert not {"password_hash", "key_hash", "cookie_hash", "sealed"} & set(written.split())


async def test_a_copy_is_built_behind_the_request_and_told_of_by_mail(home: Home) -> None:
    token = (await home.accounts.tokens())["access_token"]
    asked = await home.ask("GET", "/export", token=token)
    code = await home.built()
    copy = await home.ask("POST", "/export/download", {"token": code})

    assert (asked.status, asked.json["status"]) == (202, "building")
    assert copy.status == 200, copy.body
    assert copy.headers["content-type"] == "application/zip"
    assert "attachment" in copy.headers["content-disposition"]
    found = unpacked(copy.body)
    assert found.keys() == {f"{name}.json" for name in export.PARTS}
    assert found["profile.json"]["email"] == EMAIL
    assert len(found["sessions.json"]) == 1
    assert {"AUTH_LOGIN", "DATA_EXPORT"} <= {act["action"] for act in found["acts.json"]}
    assert "actor_id" not in found["acts.json"][0]
    ((sealed,),) = rows("SELECT sealed FROM user_export")
    assert EMAIL not in sealed
    assert sealed.count(".") == 4


def unpacked(content: bytes) -> dict[str, Any]:
    """Return the files of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: orjson.loads(archive.read(name)) for name in archive.namelist()}


async def test_a_copy_is_asked_for_once_a_day_however_many_ask_at_once(home: Home) -> None:
    token = (await home.accounts.tokens())["access_token"]
    answers = await asyncio.gather(*(home.ask("GET", "/export", token=token) for _ in range(5)))

    assert sorted(answer.status for answer in answers) == [202, 429, 429, 429, 429]
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.json["code"] == "export-limit"
    assert int(refused.headers["retry-after"]) == 86_400


async def test_a_copy_is_kept_for_a_week(home: Home) -> None:
    token = (await home.accounts.tokens())["access_token"]
    await home.ask("GET", "/export", token=token)
    code = await home.built()
    home.clock.advance(timedelta(days=7, seconds=-1))
    assert (await home.ask("POST", "/export/download", {"token": code})).status == 200
    home.clock.advance(timedelta(seconds=1))
    assert (await home.ask("POST", "/export/download", {"token": code})).status == 410
    await home.tick()
    assert rows("SELECT id FROM user_export") == []
    unknown = await home.ask("POST", "/export/download", {"token": "never-sent"})
    assert unknown.status == 400
