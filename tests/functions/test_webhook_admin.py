"""Registrations, figures and dead letters of webhooks, asked by an administrator."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.fakes.edge import Answer, ask, load, pushed
from tests.fakes.tokens import Authority, trusted
from tests.fakes.webhooks import OLDER, PATH, REF, SECRETS, clock, notice, rows, signed, turn_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.adapters import connect
    from tests.functions.conftest import SentEvents

ROOT = "/api/v1/admin/webhooks"
REPLAY = f"{ROOT}/netflix/dead-letters/replay"
STATS = f"{ROOT}/stats"


class Desk:
    """The administrator's function, with the receiver and the worker beside it."""

    def __init__(self, authority: Authority, sent: SentEvents) -> None:
        self.authority, self.sent = authority, sent
        folders = ("webhook_admin", "webhook_receive", "webhook_process")
        self.admin, self.receive, self.process = map(load, folders)
        for module in (self.admin, self.receive, self.process):
            module.clock = clock  # type: ignore[attr-defined]
            module.PubSubPublisher = sent  # type: ignore[attr-defined]
        self.admin.publisher = sent  # type: ignore[attr-defined]
        self.receive.secret = SECRETS.__getitem__  # type: ignore[attr-defined]

    async def ask(
        self, method: str, target: str, said: Any = None, *, token: str | None = None  # noqa: ANN401 - JSON
    ) -> Answer:  # fmt: skip
        """Ask as an administrator, unless another token is given."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        body = b"" if said is None else orjson.dumps(said)
        return await ask(self.admin.handle, method, target, body=body, headers=headers)

    async def register(self, **changes: Any) -> Answer:  # noqa: ANN401 - any field
        """Register Netflix."""
        said = {"platform": "netflix", "secret_ref": REF, **changes}
        return await self.ask("POST", ROOT, said)

    async def push(self, body: bytes, **changes: Any) -> Answer:  # noqa: ANN401 - how it is signed
        """Push a notice of Netflix."""
        headers = signed(body, **changes)
        return await ask(self.receive.handle, "POST", PATH, body=body, headers=headers)

    async def work(self) -> None:
        """Process what was published last."""
        body = pushed(self.sent.events[-1])
        assert (await ask(self.process.handle, "POST", "/", body=body)).status == 204


@pytest.fixture
def desk(
    connected: connect.Addresses, sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """The functions over an empty database, with an issuer of its own."""
    assert connected.database_url
    turn_back()
    with trusted(monkeypatch) as authority:
        yield Desk(authority, sent)


async def test_a_registered_platform_may_push_and_its_secrets_can_be_changed_over(
    desk: Desk,
) -> None:
    before = await desk.push(notice(listing="0"))
    first = await desk.register()
    after = await desk.push(notice(listing="1"))
    second = await desk.register(secret_ref=OLDER, previous_secret_ref=REF, rate_per_minute=60)
    both = [await desk.push(notice(listing=k), secret=SECRETS[k]) for k in (REF, OLDER)]
    await desk.register(secret_ref=OLDER)

    assert (before.status, first.status, after.status, second.status) == (401, 201, 200, 201)
    assert [answer.status for answer in both] == [200, 200]
    assert (await desk.push(notice(listing="2"))).status == 401
    assert second.json["rate_per_minute"] == 60
    acts = rows("SELECT action, resource_id, actor_type FROM audit.audit_log")
    assert acts == [("CONFIG_CHANGE", "netflix", "admin")] * 3


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"platform": "nosuch"}, "body"),
    ({"secret_ref": "hunter2"}, "secret_ref"),
    ({"secret_ref": "projects/p/secrets/redis-auth/versions/1"}, "secret_ref"),
    ({"secret_ref": "projects/p/secrets/webhook-signing/versions/latest"}, "secret_ref"),
    ({"secret": "hunter2"}, "secret"),
    ({"previous_secret_ref": REF}, "body"),
    ({"rate_per_minute": 0}, "rate_per_minute"),
    ({"event_types": ["content_lost"]}, "event_types.0"),
    ({"topics": ["https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789"]}, "body"),
]


async def test_a_registration_that_cannot_be_names_its_field(desk: Desk) -> None:
    for changes, field in IMPOSSIBLE:
        answer = await desk.register(**changes)
        named = [one["field"] for one in answer.json["errors"]]
        assert (answer.status, named) == (422, [field])

    assert rows("SELECT 1 FROM webhook_source") == rows("SELECT 1 FROM audit.audit_log") == []


async def test_only_the_kinds_that_were_registered_are_taken(desk: Desk) -> None:
    await desk.register(event_types=["content_removed"])

    answers = [await desk.push(notice(kind)) for kind in ("content_removed", "content_added")]
    assert [answer.status for answer in answers] == [200, 422]


async def test_figures_tell_what_became_of_deliveries_and_notices(desk: Desk) -> None:
    await desk.register()
    await desk.push(notice(listing="1"))
    await desk.push(notice(listing="1"))
    await desk.push(notice(), secret="another")  # noqa: S106 - a wrong one
    await desk.work()
    await desk.push(notice(listing="2", title=None))
    await desk.work()
    await desk.push(notice(listing="3"))
    clock.advance(timedelta(seconds=90))

    answer = await desk.ask("GET", STATS)

    assert answer.headers["cache-control"] == "private, max-age=30"
    assert answer.json == {
        "received": 5,
        "accepted": 3,
        "duplicates": 1,
        "rejected": 1,
        "processed": 1,
        "failed": 0,
        "dead_lettered": 1,
        "queue_age_s": 90.0,
        "p95_ms": 5,
    }
    other = await desk.ask("GET", f"{STATS}?platform=hulu")
    assert set(other.json.values()) == {0, None}


async def test_dead_letters_are_processed_once_more_oldest_first(desk: Desk) -> None:
    await desk.register()
    for listing in ("1", "2", "3"):
        clock.advance(timedelta(seconds=1))
        await desk.push(notice(listing=listing, title=None))
        await desk.work()

    answer = await desk.ask("POST", REPLAY, {"limit": 2})

    assert (answer.status, answer.json) == (202, {"platform": "netflix", "replayed": 2})
    found = "SELECT listing, status, attempts, replays FROM webhook_event ORDER BY listing"
    assert rows(found) == [
        ("1", "received", 0, 1), ("2", "received", 0, 1), ("3", "dead", 1, 0)
    ]  # fmt: skip
    await desk.work()
    assert rows(found)[1] == ("2", "dead", 1, 1)
    assert (await desk.ask("POST", REPLAY)).json["replayed"] == 2
    acts = rows("SELECT details->>'replayed' FROM audit.audit_log ORDER BY number")
    assert acts == [(None,), ("2",), ("2",)]


async def test_a_replay_of_too_many_or_of_nobody_is_refused(desk: Desk) -> None:
    limits = [{"limit": limit} for limit in (0, 1001, "all")]
    refused = [(await desk.ask("POST", REPLAY, said)).status for said in limits]
    unknown = await desk.ask("POST", f"{ROOT}/nosuch/dead-letters/replay", {})

    assert (refused, unknown.status) == ([422] * 3, 404)


async def test_nobody_but_an_administrator_may(desk: Desk) -> None:
    viewers = desk.authority.token()
    for method, target in (("POST", ROOT), ("GET", STATS), ("POST", REPLAY)):
        answers = [await desk.ask(method, target, {}, token=token) for token in ("", viewers)]
        assert [answer.status for answer in answers] == [401, 403]
