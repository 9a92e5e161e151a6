"""The audit log over HTTP, asked by an administrator whose token is checked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import FixedClock
from shared.kernel.ids import TimeOrderedIds
from shared.kernel.pages import Cursors, Page
from shared.kernel.principal import Kind, Principal, Role
from shared.runtime import viewer
from shared.runtime.audit import AuditEntry, actor_type
from shared.runtime.audit_queue import queue
from tests.fakes.edge import Answer, ask, load
from tests.fakes.surroundings import change
from tests.fakes.tokens import AUDIENCE, USER, Authority, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/api/v1/admin/audit"
THEN = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
IDS = TimeOrderedIds(THEN)
MARCH = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-31T00:00:00Z"}


class Log:
    """Asks the function as an administrator, and writes entries of its own."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.main = load("audit_query")
        keys = Cursors([b"k" * 32], THEN)
        self.main.cursors = lambda: keys  # type: ignore[attr-defined]

    async def get(self, target: str = "", *, token: str | None = None, **asked: Any) -> Answer:  # noqa: ANN401 - any filter
        """Return the answer to a GET with filters, or of a link."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}", "user-agent": "test/1"} if bearer else {}
        query = target or f"{PATH}?{urlencode({**MARCH, **asked})}"
        return await ask(self.main.handle, "GET", query, headers=headers)

    async def keep(self, count: int, **said: Any) -> None:  # noqa: ANN401 - any field
        """Write entries a second apart."""
        await asyncio.to_thread(self._keep, count, said)

    @staticmethod
    def _keep(count: int, said: dict[str, Any]) -> None:
        usual: dict[str, Any] = {"action": "USER_SUSPENDED", "actor_id": "u", "actor_type": "user"}
        with connect.engine().begin() as connection:
            for n in range(count):
                at = THEN.now() + timedelta(seconds=n)
                details = {"details": {"n": n}}
                event = {"id": IDS.new(), "occurred_at": at} | usual | details | said
                audit.write(connection, AuditEvent.model_validate(event))


@pytest.fixture
def log(connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """The function over an empty log, with an issuer of its own."""
    assert connected.database_url
    authority = Authority()
    with serving(authority) as url:
        given = {"ISSUER": authority.issuer, "AUDIENCE": AUDIENCE, "JWKS_URL": url}
        change(monkeypatch, {f"MEDIA_GATEWAY_{name}": value for name, value in given.items()})
        viewer.reset()
        yield Log(authority)
        viewer.reset()


async def test_an_administrator_reads_what_was_done_newest_first(log: Log) -> None:
    await log.keep(3)
    answer = await log.get()

    assert answer.status == 200, answer.body
    assert answer.headers["cache-control"] == "no-store"
    assert [entry["details"]["n"] for entry in answer.json["data"]] == [2, 1, 0]
    assert answer.json["pagination"] == {"limit": 50, "has_more": False, "total": 3}
    Page[AuditEntry].model_validate(answer.json)


async def test_links_lead_through_all_entries_and_back(log: Log) -> None:
    await log.keep(7)
    seen, answer = [], await log.get(per_page=3)
    while True:
        seen.append([entry["details"]["n"] for entry in answer.json["data"]])
        if "next" not in answer.json["_links"]:
            break
        assert 'rel="next"' in answer.headers["link"]
        answer = await log.get(answer.json["_links"]["next"])
    back = await log.get(answer.json["_links"]["prev"])

    assert seen == [[6, 5, 4], [3, 2, 1], [0]]
    assert [entry["details"]["n"] for entry in back.json["data"]] == [3, 2, 1]


async def test_filters_keep_what_they_name(log: Log) -> None:
    await log.keep(1)
    await log.keep(1, action="MFA_ENABLED", actor_id="b", outcome="denied")
    await log.keep(1, action="MFA_DISABLED", resource_type="user", resource_id="7")

    async def actions(**asked: str) -> list[str]:
        # All of one moment, whose order is that of their random ids.
        return sorted(entry["action"] for entry in (await log.get(**asked)).json["data"])

    assert await actions(action="MFA_%") == ["MFA_DISABLED", "MFA_ENABLED"]
    assert await actions(action="MFA_ENABLED") == ["MFA_ENABLED"]
    assert await actions(actor_id="b", outcome="denied") == ["MFA_ENABLED"]
    assert await actions(resource_type="user", resource_id="7") == ["MFA_DISABLED"]


async def test_a_moment_of_any_zone_is_taken(log: Log) -> None:
    await log.keep(1)

    answer = await log.get(start="2026-03-01T19:00:00+19:56", end="2026-03-02T00:00:00-23:59")

    assert (answer.status, len(answer.json["data"])) == (200, 1)


async def test_each_query_is_itself_in_the_log(log: Log) -> None:
    await log.get(action="MFA_%")
    today = datetime.now(UTC)  # noqa: TID251 - the function's own clock is the machine's
    window = {"start": today - timedelta(hours=1), "end": today + timedelta(hours=1)}
    answer = await log.get(**{name: at.isoformat() for name, at in window.items()})

    (entry,) = answer.json["data"]
    assert (entry["actor_id"], entry["actor_type"], entry["action"]) == (
        USER,
        "admin",
        "ADMIN_ACTION",
    )
    assert entry["details"]["filters"]["action"] == "MFA_%"
    assert entry["user_agent"] == "test/1"
    assert (await asyncio.to_thread(audit.verify, connect.engine())).findings == ()


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-03-01T00:00:00"}, "start"),
        ({"start": "0001-01-01T00:00:00+01:00"}, "start"),
        ({"end": "2026-03-31T00:00:01Z"}, "query"),
        ({"end": "2026-02-28T00:00:00Z"}, "query"),
        ({"action": "mfa"}, "action"),
        ({"action": "%MFA"}, "action"),
        ({"per_page": 0}, "per_page"),
        ({"per_page": 201}, "per_page"),
        ({"outcome": "maybe"}, "outcome"),
        ({"actor_id": "a\x00b"}, "actor_id"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_wrong_parameter_is_named(log: Log, asked: dict[str, Any], named: str) -> None:
    answer = await log.get(**asked)
    assert (answer.status, [issue["field"] for issue in answer.json["errors"]]) == (422, [named])


async def test_a_cursor_that_was_bent_or_is_of_other_filters_is_refused(log: Log) -> None:
    await log.keep(2)
    cursor = (await log.get(per_page=1)).json["pagination"]["next_cursor"]

    for asked in ({"cursor": "x" + cursor}, {"cursor": cursor, "action": "MFA_%"}, {"cursor": "ü"}):
        answer = await log.get(**asked)
        assert (answer.status, answer.json["code"]) == (400, "invalid-cursor")


async def test_nobody_but_an_administrator_reads_it(log: Log) -> None:
    viewers = log.authority.token()
    without_scope = log.authority.admin(scope="read:content")

    refusals = [await log.get(token=token) for token in ("", "nonsense", viewers, without_scope)]

    assert [answer.status for answer in refusals] == [401, 401, 403, 403]
    assert (await asyncio.to_thread(audit.verify, connect.engine())).head.number == 0


async def noted() -> list[Any]:
    """Return what was noted behind the answers: actor, outcome and details of each, in order."""
    await queue().settle()

    def rows() -> list[Any]:
        with connect.engine().connect() as connection:
            return [
                (row.actor_id, row.outcome, row.details)
                for row in connection.execute(
                    text("SELECT * FROM audit.audit_log WHERE chain = 'notes' ORDER BY number")
                )
            ]

    return await asyncio.to_thread(rows)


async def test_who_was_refused_is_noted(log: Log) -> None:
    viewers = log.authority.token()
    for token in ("", "nonsense", viewers):
        await log.get(token=token)

    assert [(who, outcome, said["code"]) for who, outcome, said in await noted()] == [
        ("anonymous", "denied", "unauthenticated"),
        ("anonymous", "denied", "token-invalid"),
        (USER, "denied", "denied"),
    ]


async def test_that_somebody_read_on_is_noted_and_that_they_began_is_certain(log: Log) -> None:
    await log.keep(3)
    first = await log.get(per_page=2)
    assert await noted() == []
    certain = (await asyncio.to_thread(audit.verify, connect.engine())).head.number

    await log.get(first.json["_links"]["next"])

    assert [(who, said["first_page"], said["rows"]) for who, _, said in await noted()] == [
        (USER, False, 1)
    ]
    assert (await asyncio.to_thread(audit.verify, connect.engine())).head.number == certain == 4


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (Principal(Kind.USER, "u", roles=frozenset({Role.USER})), ActorType.USER),
        (Principal(Kind.USER, "u", roles=frozenset({Role.ADMIN})), ActorType.ADMIN),
        (Principal(Kind.USER, "u", actor="a"), ActorType.ADMIN),
        (Principal(Kind.SERVICE, "s"), ActorType.SERVICE),
    ],
)
def test_who_acts_is_told_from_the_token(who: Principal, expected: ActorType) -> None:
    assert actor_type(who) is expected
