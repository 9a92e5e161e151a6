"""Quality rated again each week, and its report, over a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.adapters import connect
from shared.adapters.sql.life import quality
from shared.adapters.sql.life.genres import GenreMisses
from shared.catalog.item import Image
from shared.catalog.quality_report import PoorTitles
from shared.catalog.values import ImageKind
from tests.contracts.sql.conftest import Catalog
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import Authority, trusted
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/api/v1/admin/content/quality-report"
POSTER = Image(kind=ImageKind.POSTER, width=480, url="https://img.example/h.jpg")


@pytest.fixture
def catalog(connected: connect.Addresses) -> Catalog:
    """Return a catalog with a film of which more is known, and two of which little is."""
    assert connected.database_url
    made = Catalog(connect.engine())
    rich = item(overview="x" * 60, images=(POSTER,), user_rating=8.3, vote_count=700)
    made.take(rich, bare("netflix", "2", "Ronin"), bare("hulu", "3", "Arrival"))
    return made


def rescored(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run the job and return its report."""
    main = load("catalog_rescore")
    main.clock = catalog.clock  # type: ignore[attr-defined]
    assert main.handle([]) == 0
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def scores(catalog: Catalog) -> dict[str, float]:
    """Return quality by title."""
    return dict(catalog.rows("SELECT title, quality_score FROM content"))


def test_titles_on_whose_length_sources_differ_are_counted(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog.take(item("hulu", "9", provider="tmdb", runtime_minutes=150))
    catalog.take(bare("netflix", "2", "Ronin", runtime_minutes=122))
    catalog.take(bare("netflix", "2", "Ronin", provider="tmdb", runtime_minutes=127))

    assert rescored(catalog, capsys)["runtimes_apart"] == 1


def test_every_title_is_rated_and_the_report_says_what_is_missing(
    catalog: Catalog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality, "BATCH", 2)

    report = rescored(catalog, capsys)

    assert (report["total"], sum(report["fifths"]), report["low"]) == (3, 3, 2)
    assert report["missing"]["poster"] == 2
    assert report["missing"]["backdrop"] == 3
    found = scores(catalog)
    assert found["Heat"] > 0.6 > found["Ronin"] > 0
    assert report["average"] == pytest.approx(sum(found.values()) / 3, abs=1e-4)


def test_quality_sinks_with_age_and_nothing_else_changes(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    rescored(catalog, capsys)
    before, fresh = catalog.rows("SELECT id, updated_at FROM content ORDER BY id"), scores(catalog)
    ages = []
    for _ in range(4):
        catalog.clock.advance(timedelta(days=60))
        rescored(catalog, capsys)
        ages.append(scores(catalog)["Heat"])

    assert [fresh["Heat"], *ages] == sorted([fresh["Heat"], *ages], reverse=True)
    assert len(set(ages)) == 4
    assert ages[-1] >= fresh["Heat"] / 2
    assert catalog.rows("SELECT id, updated_at FROM content ORDER BY id") == before


class Desk:
    """An administrator who asks for reports."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.main = load("catalog_quality")

    async def get(self, query: str = "", *, token: str | None = None) -> Answer:
        """Return the answer to a GET."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        return await ask(self.main.handle, "GET", PATH + query, headers=headers)


@pytest.fixture
def desk(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return an administrator before the catalog, with an issuer of its own."""
    assert catalog.count("content") == 3
    with trusted(monkeypatch) as authority:
        yield Desk(authority)


def test_a_run_that_is_named_is_among_those_of_ingestion(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    main = load("catalog_rescore")
    main.clock = catalog.clock  # type: ignore[attr-defined]

    assert main.handle(["--run-id", "quality-1"]) == 0

    assert capsys.readouterr().out
    assert catalog.rows(
        "SELECT provider, kind, fetched_at IS NOT NULL, error FROM ingest_run"
        " WHERE run_id = 'quality-1'"
    ) == [("media_gateway", "quality", True, None)]


async def test_genres_that_no_map_knows_are_reported_for_four_weeks(
    desk: Desk, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.main.misses = GenreMisses(clock=catalog.clock)  # type: ignore[attr-defined]

    def said(times: int) -> None:
        with connect.engine().begin() as connection:
            told = {("hulu", "mumblecore"): times, ("", "giallo"): 2}
            GenreMisses(clock=catalog.clock).count(connection, told)

    await asyncio.to_thread(said, 3)
    catalog.clock.advance(timedelta(weeks=1))
    await asyncio.to_thread(said, 1)

    found = (await desk.get()).json["genre_misses"]
    assert [(one["platform"], one["name"], one["times"]) for one in found] == [
        ("", "giallo", 4),
        ("hulu", "mumblecore", 4),
    ]
    assert found[0]["first_week"] < found[0]["last_week"]
    catalog.clock.advance(timedelta(weeks=30))
    assert (await desk.get()).json["genre_misses"] == []
    catalog.engine = connect.engine()
    await asyncio.to_thread(rescored, catalog, capsys)
    assert await asyncio.to_thread(catalog.count, "genre_miss") == 0


async def test_the_poorest_titles_are_reported_with_what_they_lack(
    desk: Desk, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await desk.get()).json["report"] is None
    catalog.engine = connect.engine()
    await asyncio.to_thread(rescored, catalog, capsys)

    answer = await desk.get("?limit=1")

    assert answer.status == 200, answer.body
    PoorTitles.model_validate_json(answer.body)
    (poorest,) = answer.json["low_quality_items"]
    assert answer.json["total_low_quality"] == 2
    assert {"description", "poster", "user_rating"} <= set(poorest["missing_fields"])
    assert answer.json["report"]["total"] == 3
    assert (await desk.get("?threshold=1")).json["total_low_quality"] == 3


async def test_a_parameter_out_of_bounds_is_refused(desk: Desk) -> None:
    for query in ("?threshold=2", "?threshold=x", "?limit=0", "?limit=1001", "?x=1"):
        assert (await desk.get(query)).status == 422


async def test_nobody_but_an_administrator_sees_it(desk: Desk) -> None:
    tokens = ("", desk.authority.token())
    assert [(await desk.get(token=one)).status for one in tokens] == [401, 403]
