"""Merging, parting and reviewing titles over HTTP, asked by an administrator."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.catalog.life_answers import (
    DecisionAnswer,
    MergeAnswer,
    ReviewItem,
    SplitAnswer,
)
from shared.catalog.values import ExternalIdType
from shared.kernel.clock import FixedClock
from shared.kernel.pages import Cursors, Page
from tests.contracts.sql.conftest import Catalog
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import USER, Authority, trusted
from tests.unit.matching.items import NOON, bare, item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functions.conftest import SentEvents

REVIEW = "/api/v1/admin/ingestion/review"
CONTENT = "/api/v1/admin/content"
NOBODY = str(UUID(int=5))
IMDB, TVDB = ExternalIdType.IMDB, ExternalIdType.TVDB


class Desk:
    """An administrator before a catalog with two films and open questions."""

    def __init__(self, authority: Authority, sent: SentEvents) -> None:
        self.authority = authority
        self.sent = sent
        self.catalog = Catalog(connect.engine())
        keys = Cursors([b"k" * 32], FixedClock(NOON))
        self.folders = {name: load(name) for name in ("catalog_admin", "catalog_review")}
        for main in self.folders.values():
            main.publisher = sent  # type: ignore[attr-defined]
        self.folders["catalog_review"].cursors = lambda: keys  # type: ignore[attr-defined]

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,  # noqa: ANN401 - JSON
        *,
        token: str | None = None,
    ) -> Answer:
        """Return the answer to a request."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        main = self.folders["catalog_review" if path.startswith(REVIEW) else "catalog_admin"]
        written = body if isinstance(body, bytes) else orjson.dumps(body)
        return await ask(main.handle, method, path, body=written, headers=headers)

    async def post(self, path: str, body: Any, **more: Any) -> Answer:  # noqa: ANN401 - JSON
        """Return the answer to a POST."""
        return await self.call("POST", path, body, **more)

    async def take(self, *items: Any) -> None:  # noqa: ANN401 - items
        """Ingest items, a page each."""
        for one in items:
            await asyncio.to_thread(self.catalog.take, one)
            self.catalog.clock.advance(timedelta(minutes=1))

    async def rows(self, sql: str) -> list[Any]:
        """Return the rows of a query."""
        return await asyncio.to_thread(self.catalog.rows, sql)

    async def titles(self) -> list[str]:
        """Return the ids of the titles that live, the oldest first."""
        living = "SELECT id FROM content WHERE merged_into IS NULL ORDER BY created_at, id"
        return [str(found) for (found,) in await self.rows(living)]

    async def two(self) -> tuple[str, str]:
        """Ingest two films and return their ids."""
        await self.take(bare("netflix", "1"), bare("hulu", "2", "Ronin", release_year=1998))
        first, second = await self.titles()
        return first, second

    async def question(self) -> dict[str, Any]:
        """Ingest what raises a question: two ids that lead to two titles. Return it."""
        await self.take(
            item("netflix", "1", external_ids={IMDB: "tt0113277"}),
            bare("hulu", "2", "Hetta", release_year=1994, external_ids={TVDB: "77"}),
            bare("peacock", "3", "Jaktens hetta", release_year=1995, genres=("Crime",),
                 external_ids={IMDB: "tt0113277", TVDB: "77"}),
        )  # fmt: skip
        found: list[dict[str, Any]] = (await self.call("GET", REVIEW)).json["data"]
        assert len(found) == 2
        return found[0]

    async def acts(self) -> list[tuple[str, str, str]]:
        """Return action, actor and resource of every entry of the audit log."""
        said = "SELECT action, actor_id, resource_id FROM audit.audit_log ORDER BY number"
        return [tuple(row) for row in await self.rows(said)]


@pytest.fixture
def desk(
    connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch, sent: SentEvents
) -> Iterator[Desk]:
    """Return an administrator before an empty catalog, with an issuer of its own."""
    assert connected.database_url
    with trusted(monkeypatch) as authority:
        yield Desk(authority, sent)


async def test_a_merge_is_done_told_and_audited(desk: Desk) -> None:
    kept, merged = await desk.two()

    answer = await desk.post(f"{CONTENT}/{merged}/merge", {"into": kept})

    assert answer.status == 200, answer.body
    MergeAnswer.model_validate_json(answer.body)
    assert answer.json == {"content_id": kept, "merged_id": merged}
    assert await desk.titles() == [kept]
    assert [event.event_type for event in desk.sent.events] == ["content.merged", "content.updated"]
    assert await desk.acts() == [("CONTENT_UPDATE", USER, merged)]
    assert (await asyncio.to_thread(audit.verify, connect.engine())).findings == ()


async def test_a_split_undoes_a_merge(desk: Desk) -> None:
    kept, merged = await desk.two()
    await desk.post(f"{CONTENT}/{merged}/merge", {"into": kept})

    answer = await desk.post(f"{CONTENT}/{kept}/split", {"platform_ids": ["hulu"]})

    SplitAnswer.model_validate_json(answer.body)
    assert answer.json == {
        "content_id": kept, "split_id": merged, "is_new": False, "platform_ids": ["hulu:2"]
    }  # fmt: skip
    assert await desk.titles() == [kept, merged]
    assert len(await desk.acts()) == 2


REFUSED: list[tuple[str, Any, int, str]] = [
    ("{0}/merge", {}, 422, "into"),
    ("{0}/merge", {"into": "x"}, 422, "into"),
    ("{0}/merge", {"into": "{0}"}, 422, "into"),
    ("{0}/merge", {"into": NOBODY}, 404, "into"),
    (f"{NOBODY}/merge", {"into": "{0}"}, 404, "id"),
    ("x/merge", {"into": "{0}"}, 422, "id"),
    ("{0}/merge", {"into": "{1}", "force": True}, 422, "force"),
    ("{0}/split", {"platform_ids": []}, 422, "platform_ids"),
    ("{0}/split", {"platform_ids": ["hulu"]}, 422, "platform_ids.0"),
    ("{0}/split", {"platform_ids": ["netflix"]}, 422, "platform_ids"),
    ("{0}/split", {"platform_ids": ["Netflix!"]}, 422, "platform_ids.0"),
    (f"{NOBODY}/split", {"platform_ids": ["hulu"]}, 404, "id"),
]


async def test_what_cannot_be_done_names_the_field_and_changes_nothing(desk: Desk) -> None:
    found = await desk.two()
    for path, body, status, field in REFUSED:
        filled = orjson.dumps(body).decode()
        for n, content_id in enumerate(found):
            filled = filled.replace(f"{{{n}}}", content_id)

        answer = await desk.post(f"{CONTENT}/{path.format(*found)}", filled.encode())

        assert answer.status == status, (path, body, answer.body)
        assert [issue["field"] for issue in answer.json["errors"]] == [field]
    assert await desk.titles() == list(found)
    assert await desk.acts() == []


async def test_a_title_that_is_part_of_another_cannot_be_merged_again(desk: Desk) -> None:
    kept, merged = await desk.two()
    await desk.post(f"{CONTENT}/{merged}/merge", {"into": kept})

    answer = await desk.post(f"{CONTENT}/{merged}/merge", {"into": kept})

    assert (answer.status, answer.json["code"]) == (409, "already-merged")


async def test_a_body_that_is_no_json_is_malformed(desk: Desk) -> None:
    assert (await desk.post(f"{CONTENT}/{NOBODY}/merge", b"{")).status == 400


async def test_questions_are_listed_the_likeliest_first(desk: Desk) -> None:
    await desk.question()

    answer = await desk.call("GET", REVIEW)

    Page[ReviewItem].model_validate(answer.json)
    scores = [one["score"] for one in answer.json["data"]]
    assert scores == sorted(scores, reverse=True)
    assert {one["reason"] for one in answer.json["data"]} == {"ids-disagree"}
    assert {one["candidate"]["title"] for one in answer.json["data"]} == {"Heat", "Hetta"}
    assert (await desk.call("GET", f"{REVIEW}?status=merged")).json["data"] == []
    assert (await desk.call("GET", f"{REVIEW}?platform=hulu")).json["data"] == []
    assert len((await desk.call("GET", f"{REVIEW}?reason=ids-disagree")).json["data"]) == 2


async def test_links_lead_through_all_questions_and_back(desk: Desk) -> None:
    await desk.question()
    first = await desk.call("GET", f"{REVIEW}?per_page=1")
    second = await desk.call("GET", first.json["_links"]["next"])
    back = await desk.call("GET", second.json["_links"]["prev"])

    assert first.json["data"] != second.json["data"]
    assert back.json["data"] == first.json["data"]
    assert "next" not in second.json["_links"]
    bent = first.json["pagination"]["next_cursor"][:-2]
    assert (await desk.call("GET", f"{REVIEW}?per_page=1&cursor={bent}")).status == 400


async def test_a_merge_makes_the_titles_of_a_question_one(desk: Desk) -> None:
    asked = await desk.question()

    answer = await desk.post(f"{REVIEW}/{asked['id']}", {"decision": "merge"})

    assert answer.status == 200, answer.body
    DecisionAnswer.model_validate_json(answer.body)
    assert answer.json["status"] == "merged"
    assert len(await desk.titles()) == 2
    assert answer.json["content_id"] in await desk.titles()
    again = await desk.post(f"{REVIEW}/{asked['id']}", {"decision": "separate"})
    assert (again.status, again.json["code"]) == (409, "review-decided")
    assert await desk.acts() == [("CONTENT_UPDATE", USER, asked["id"])]


async def test_a_merge_can_name_another_title_than_the_candidate(desk: Desk) -> None:
    asked = await desk.question()
    await desk.take(bare("mubi", "4", "Hitze", release_year=2011))
    named = (await desk.titles())[-1]

    body = {"decision": "merge", "entity_id": named}
    answer = await desk.post(f"{REVIEW}/{asked['id']}", body)

    assert answer.status == 200, answer.body
    leads = f"SELECT merged_into FROM content WHERE id = '{named}'"  # noqa: S608 - an id of ours
    assert [str(found) for (found,) in await desk.rows(leads)] == [answer.json["content_id"]]


async def test_what_is_called_separate_is_never_asked_again(desk: Desk) -> None:
    asked = await desk.question()
    before = await desk.titles()

    answer = await desk.post(f"{REVIEW}/{asked['id']}", {"decision": "separate"})

    assert (answer.status, answer.json["status"]) == (200, "separate")
    later = NOON.replace(hour=18)
    for overview in ("It says something new.", "And something newer."):
        await desk.take(bare("peacock", "3", "Jaktens hetta", release_year=1995,
                             external_ids={IMDB: "tt0113277", TVDB: "77"}, fetched_at=later,
                             overview=overview))  # fmt: skip
    pending = (await desk.call("GET", REVIEW)).json["data"]
    assert asked["candidate"]["id"] not in {one["candidate"]["id"] for one in pending}
    assert await desk.titles() == before


async def test_a_decision_that_makes_no_sense_is_refused(desk: Desk) -> None:
    for body, field in (
        ({}, "decision"),
        ({"decision": "maybe"}, "decision"),
        ({"decision": "merge", "entity_id": "x"}, "entity_id"),
    ):
        answer = await desk.post(f"{REVIEW}/{NOBODY}", body)
        assert (answer.status, [issue["field"] for issue in answer.json["errors"]]) == (
            422,
            [field],
        )


async def test_a_title_is_named_with_a_merge_alone(desk: Desk) -> None:
    asked = await desk.question()

    body = {"decision": "separate", "entity_id": NOBODY}
    answer = await desk.post(f"{REVIEW}/{asked['id']}", body)

    assert (answer.status, [one["field"] for one in answer.json["errors"]]) == (422, ["entity_id"])
    assert len((await desk.call("GET", REVIEW)).json["data"]) == 2


async def test_a_question_nobody_asked_is_not_found(desk: Desk) -> None:
    assert (await desk.post(f"{REVIEW}/{NOBODY}", {"decision": "merge"})).status == 404


async def test_nobody_but_an_administrator_decides(desk: Desk) -> None:
    kept, merged = await desk.two()
    for token, status in (("", 401), (desk.authority.token(), 403)):
        for path, body in (
            (f"{CONTENT}/{merged}/merge", {"into": kept}),
            (f"{CONTENT}/{kept}/split", {"platform_ids": ["hulu"]}),
            (f"{REVIEW}/{NOBODY}", {"decision": "separate"}),
        ):
            assert (await desk.post(path, body, token=token)).status == status
        assert (await desk.call("GET", REVIEW, token=token)).status == status
    assert await desk.titles() == [kept, merged]
