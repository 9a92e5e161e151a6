"""Reports of outcomes over HTTP, by viewers who are known and by others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.catalog.links_answers import OutcomeReceipt
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import viewer
from tests.fakes.edge import Answer, ask, load
from tests.fakes.surroundings import change
from tests.fakes.tokens import AUDIENCE, Authority, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/api/v1/links/outcomes"
IDS = TimeOrderedIds(SystemClock())
REFERENCE = "projects/p/secrets/log-key/versions/1"


class Reports:
    """Sends reports, with an issuer of its own."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.main = load("links_report")

    async def send(self, *, user: str = "", **changed: Any) -> Answer:  # noqa: ANN401 - any field
        """Report a failure, or what `changed` makes of it, as a user or as nobody."""
        usual = {
            "report_id": str(IDS.new()),
            "template": "netflix.page",
            "device": "ios",
            "outcome": "failed",
        }
        body = orjson.dumps({**usual, **changed})
        token = {"authorization": f"Bearer {self.authority.token(sub=user)}"} if user else {}
        return await ask(self.main.handle, "POST", PATH, body=body, headers=token)


@pytest.fixture
def reports(connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reports]:
    """The function over empty tables."""
    assert connected.database_url
    authority = Authority()
    with serving(authority) as url:
        given = {"ISSUER": authority.issuer, "AUDIENCE": AUDIENCE, "JWKS_URL": url}
        given["LOG_KEY"] = REFERENCE
        monkeypatch.setattr("shared.adapters.secrets.secret", {REFERENCE: "k" * 32}.__getitem__)
        change(monkeypatch, {f"MEDIA_GATEWAY_{name}": value for name, value in given.items()})
        viewer.reset()
        yield Reports(authority)
        viewer.reset()


async def rows(sql: str) -> list[Any]:
    def read() -> list[Any]:
        with connect.reads().connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    return await asyncio.to_thread(read)


async def test_a_viewers_report_is_a_vote_and_anybody_elses_is_counted(reports: Reports) -> None:
    known, unknown = await reports.send(user=str(UUID(int=1))), await reports.send()

    assert (known.status, unknown.status) == (200, 200)
    assert OutcomeReceipt.model_validate_json(known.body).counted
    assert not OutcomeReceipt.model_validate_json(unknown.body).counted
    assert known.headers["cache-control"] == "no-store"
    assert await rows("SELECT failed, votes FROM link_health") == [(2, 1)]


async def test_a_report_sent_twice_is_said_to_be_a_duplicate(reports: Reports) -> None:
    same = str(IDS.new())
    first, again = await reports.send(report_id=same), await reports.send(report_id=same)

    assert [first.json["status"], again.json["status"]] == ["accepted", "duplicate"]
    assert await rows("SELECT failed FROM link_health") == [(1,)]


async def test_ten_viewers_get_a_template_out_and_one_viewer_does_not(reports: Reports) -> None:
    for _ in range(20):
        await reports.send(user=str(UUID(int=1)))
    assert await rows("SELECT quarantined_at IS NOT NULL FROM link_health") == [(False,)]

    for number in range(2, 11):
        await reports.send(user=str(UUID(int=number)))
    assert await rows("SELECT quarantined_at IS NOT NULL FROM link_health") == [(True,)]


async def test_what_is_kept_of_a_vote_names_nobody(reports: Reports) -> None:
    user = UUID(int=7)
    await reports.send(user=str(user))

    ((kept,),) = await rows("SELECT reporter FROM link_vote")
    assert len(kept) == 16
    assert bytes(kept) != user.bytes


async def test_without_a_key_nobody_is_told_apart_and_nothing_is_decided(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_KEY": ""})
    answer = await reports.send(user=str(UUID(int=1)))
    assert (answer.status, answer.json["counted"]) == (200, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("template", "netflix.teleport"),
        ("template", "'; DROP TABLE link_vote; --"),
        ("device", "fridge"),
        ("outcome", "meh"),
        ("report_id", "1"),
        ("surprise", 1),
    ],
)
async def test_a_wrong_field_is_named(reports: Reports, field: str, value: Any) -> None:  # noqa: ANN401 - wrong on purpose
    answer = await reports.send(**{field: value})
    assert answer.status == 422
    assert [issue["field"] for issue in answer.json["errors"]] == [field]


async def test_a_body_that_is_no_json_and_a_forged_token_are_refused(reports: Reports) -> None:
    handle = reports.main.handle
    assert (await ask(handle, "POST", PATH, body=b"{")).status == 400
    forged = {"authorization": "Bearer x.y.z"}
    assert (await ask(handle, "POST", PATH, body=b"{}", headers=forged)).status == 401
