"""Titles read, edited and deleted over HTTP by an administrator."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest

from shared.adapters import connect
from shared.catalog.life_edit import EditedTitle
from tests.contracts.sql.conftest import Catalog
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import USER, Authority, trusted
from tests.unit.matching.items import NOON, item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functions.conftest import SentEvents

PATH = "/api/v1/admin/catalog/content"
NOBODY = str(UUID(int=5))
SHORT = "A thief and a detective."
LONG = "A much longer text that another source found somewhere and that nobody here wanted."


class Desk:
    """An administrator before a catalog with one film."""

    def __init__(self, authority: Authority, sent: SentEvents) -> None:
        self.authority = authority
        self.sent = sent
        self.catalog = Catalog(connect.engine())
        self.main = load("catalog_edit")
        self.main.publisher = sent  # type: ignore[attr-defined]
        self.catalog.take(item(overview="Thieves in Los Angeles."))
        self.heat = str(self.catalog.rows("SELECT id FROM content")[0][0])

    async def call(
        self,
        method: str,
        body: Any = None,  # noqa: ANN401 - JSON
        *,
        title: str = "",
        token: str | None = None,
    ) -> Answer:
        """Return the answer to a request about the film."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        target = f"{PATH}/{title or self.heat}"
        written = b"" if body is None else orjson.dumps(body)
        return await ask(self.main.handle, method, target, body=written, headers=headers)

    async def take(self, **changes: Any) -> None:  # noqa: ANN401 - fields of an item
        """Ingest what another source says of the film, later."""
        said = item("hulu", "2", provider="tmdb", fetched_at=NOON + timedelta(hours=1), **changes)
        await asyncio.to_thread(self.catalog.take, said)

    async def rows(self, sql: str) -> list[Any]:
        """Return the rows of a query."""
        return await asyncio.to_thread(self.catalog.rows, sql)


@pytest.fixture
def desk(
    connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch, sent: SentEvents
) -> Iterator[Desk]:
    """Return an administrator before the film, with an issuer of its own."""
    assert connected.database_url
    with trusted(monkeypatch) as authority:
        yield Desk(authority, sent)


async def test_a_title_says_who_wrote_each_of_its_fields(desk: Desk) -> None:
    await desk.take(release_year=1995, moods=("tense",))

    answer = await desk.call("GET")

    assert answer.status == 200, answer.body
    found = EditedTitle.model_validate_json(answer.body)
    assert (found.fields["title"], found.sources["title"]) == ("Heat", "tmdb")
    assert (found.fields["overview"], found.sources["overview"]) == (
        "Thieves in Los Angeles.", "streaming_availability",
    )  # fmt: skip
    assert [one.platform for one in found.listings] == ["hulu", "netflix"]


async def test_a_title_says_which_source_is_far_from_the_length_that_is_kept(desk: Desk) -> None:
    await desk.take(runtime_minutes=150)
    found = EditedTitle.model_validate_json((await desk.call("GET")).body)
    assert (found.fields["runtime_minutes"], found.runtimes_apart) == (
        150, {"streaming_availability": 170},
    )  # fmt: skip

    await desk.call("PATCH", {"runtime_minutes": 168})

    found = EditedTitle.model_validate_json((await desk.call("GET")).body)
    assert found.runtimes_apart == {"tmdb": 150}


async def test_what_a_person_writes_stays_whatever_sources_say_later(desk: Desk) -> None:
    edit = {"title": "Heat (1995)", "overview": SHORT, "genres": ["Thriller"], "release_year": 1996}

    answer = await desk.call("PATCH", edit)
    await desk.take(overview=LONG, genres=("Drama", "Crime"), external_ids={"imdb": "tt0113277"})
    await asyncio.to_thread(desk.catalog.take, item(overview=LONG, fetched_at=NOON + timedelta(1)))

    assert answer.status == 200, answer.body
    found = EditedTitle.model_validate_json((await desk.call("GET")).body)
    assert {name: found.fields[name] for name in edit} == edit
    assert {found.sources[name] for name in edit} == {"manual"}
    assert [event.event_type for event in desk.sent.events] == ["content.updated"]
    said = await desk.rows("SELECT action, actor_id, resource_id FROM audit.audit_log")
    assert said == [("CONTENT_UPDATE", USER, desk.heat)]


async def test_a_genre_that_is_named_twice_counts_once(desk: Desk) -> None:
    answer = await desk.call("PATCH", {"genres": ["Drama", "Drama"]})
    assert (answer.status, answer.json["fields"]["genres"]) == (200, ["Drama"])


async def test_an_edit_that_changes_nothing_a_reader_sees_is_not_told(desk: Desk) -> None:
    answer = await desk.call("PATCH", {"title": "Heat"})

    assert (answer.status, answer.json["sources"]["title"]) == (200, "manual")
    assert desk.sent.events == []


async def test_a_deleted_title_is_gone_and_its_listings_do_not_bring_it_back(desk: Desk) -> None:
    answer = await desk.call("DELETE")

    assert (answer.status, answer.body) == (204, b"")
    assert [event.event_type for event in desk.sent.events] == ["content.deleted"]
    again = [await desk.call(method, body) for method, body in (
        ("GET", None), ("DELETE", None), ("PATCH", {"title": "x"}),
    )]  # fmt: skip
    assert [one.status for one in again] == [410, 410, 410]
    await asyncio.to_thread(desk.catalog.take, item(overview=LONG, fetched_at=NOON + timedelta(1)))
    assert await desk.rows("SELECT count(*) FROM content") == [(1,)]
    said = await desk.rows("SELECT action FROM audit.audit_log")
    assert said == [("CONTENT_DELETE",)]


UNFIT: list[tuple[dict[str, object], str]] = [
    ({}, "body"),
    ({"title": ""}, "title"),
    ({"title": None}, "title"),
    ({"title": " \u00a0"}, "title"),
    ({"title": "Heat\x00"}, "title"),
    ({"overview": "x" * 1001}, "overview"),
    ({"release_year": 1799}, "release_year"),
    ({"release_year": "1995"}, "release_year"),
    ({"runtime_minutes": 0}, "runtime_minutes"),
    ({"release_date": "soon"}, "release_date"),
    ({"genres": ["Opera"]}, "genres"),
    ({"quality_score": 1}, "quality_score"),
]


async def test_a_field_that_is_not_acceptable_is_named(desk: Desk) -> None:
    for body, field in UNFIT:
        answer = await desk.call("PATCH", body)
        assert (answer.status, [issue["field"] for issue in answer.json["errors"]]) == (
            422,
            [field],
        )


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_only_administrators_and_only_titles_there_are(desk: Desk, method: str) -> None:
    body = {"title": "x"} if method == "PATCH" else None

    assert (await desk.call(method, body, title=NOBODY)).status == 404
    assert (await desk.call(method, body, token="")).status == 401
    assert (await desk.call(method, body, token=desk.authority.token())).status == 403
