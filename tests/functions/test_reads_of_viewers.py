"""What everybody may read, asked for with tokens that say what their viewer may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from tests.contracts.sql.test_series_links import PILOT, Shelf, episode, series
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.tokens import Authority

FOR_CHILDREN: dict[str, Any] = {"max_rating": "PG"}
NO_DRAMA: dict[str, Any] = {"blocked_genres": ["Drama"]}
KEPT_APART = "private, max-age=60"


def run(sql: str, **bound: object) -> list[Any]:
    with connect.engine().begin() as connection:
        found = connection.execute(text(sql), bound)
        return list(found.scalars()) if found.returns_rows else []


async def get(folder: str, target: str, token: str = "") -> Answer:
    """Ask a function, with a token or without."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return await ask(load(folder).handle, "GET", target, headers=headers)


@pytest.fixture
def issuer(catalogue: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Take the tokens of an issuer of the test's own, over a catalogue in which Heat is for R."""
    assert catalogue.database_url
    run("UPDATE content SET maturity_rank = 0")
    run("UPDATE content SET maturity_rank = 3 WHERE title = 'Heat'")
    with trusted(monkeypatch) as authority:
        yield authority


@pytest.mark.parametrize("part", ["", "/availability?region=US"])
async def test_a_title_that_a_viewer_may_not_see_is_not_there(issuer: Authority, part: str) -> None:
    (heat,) = run("SELECT id FROM content WHERE title = 'Heat'")
    path = f"/api/v1/content/{heat}{part}"

    for token in ("", issuer.token(), issuer.token(max_rating="R", blocked_genres=["Horror"])):
        assert (await get("catalog_read", path, token)).status == 200
    for said in (FOR_CHILDREN, NO_DRAMA):
        answer = await get("catalog_read", path, issuer.token(**said))
        assert (answer.status, answer.json["code"]) == (404, "content-not-found")


async def test_asking_for_more_opens_no_more(issuer: Authority) -> None:
    (heat,) = run("SELECT id FROM content WHERE title = 'Heat'")
    wish = f"/api/v1/content/{heat}?content_rating_limit=NC-17"
    assert (await get("catalog_read", wish, issuer.token(**FOR_CHILDREN))).status == 404


async def test_a_title_that_nobody_rated_counts_as_r(issuer: Authority) -> None:
    (heat,) = run("UPDATE content SET maturity_rank = NULL WHERE title = 'Heat' RETURNING id")
    statuses = [
        (await get("catalog_read", f"/api/v1/content/{heat}", issuer.token(max_rating=it))).status
        for it in ("G", "PG", "PG-13", "R", "NC-17")
    ]
    assert statuses == [404, 404, 404, 200, 200]


@pytest.mark.parametrize(
    ("folder", "target"),
    [
        ("catalog_read", "/api/v1/content/{id}"),
        ("catalog_read", "/api/v1/content/{id}/availability?region=US"),
        ("catalog_seasons", "/api/v1/content/tv/{id}/seasons/1"),
        ("catalog_seasons", "/api/v1/content/tv/{id}/seasons/1/episodes/1"),
        ("catalog_expiring", "/api/v1/content/expiring"),
        ("search_suggest", "/api/v1/search/autocomplete?q=heat"),
        ("search_trending", "/api/v1/search/suggestions/trending"),
    ],
)
async def test_a_bad_token_is_refused_and_never_taken_for_none(
    issuer: Authority, folder: str, target: str
) -> None:
    (heat,) = run("SELECT id FROM content WHERE title = 'Heat'")
    answer = await get(folder, target.format(id=heat), issuer.token(aud="another"))
    assert answer.status == 401


async def test_what_leaves_is_told_of_what_may_be_seen(issuer: Authority) -> None:
    run("UPDATE availability SET expires_at = now() + interval '2 days'")

    path = "/api/v1/content/expiring?limit=1000"

    everything = (await get("catalog_expiring", path)).json
    for said in (FOR_CHILDREN, NO_DRAMA):
        seen = (await get("catalog_expiring", path, issuer.token(**said))).json
        assert "Heat" not in {item["title"] for item in seen["items"]}
        assert 0 < seen["total"] < everything["total"]
    assert "Heat" in {item["title"] for item in everything["items"]}


@pytest.mark.parametrize("built", [False, True])
async def test_suggestions_are_those_that_a_viewer_may_see(
    issuer: Authority, capsys: pytest.CaptureFixture[str], *, built: bool
) -> None:
    if built:
        assert load("search_dictionary").handle([]) == 0
        assert orjson.loads(capsys.readouterr().out.splitlines()[-1])["entries"]
    path = "/api/v1/search/autocomplete?q=heat"

    assert b"Heat" in (anybody := await get("search_suggest", path)).body
    for said in (FOR_CHILDREN, NO_DRAMA):
        answer = await get("search_suggest", path, issuer.token(**said))
        assert b'"Heat"' not in answer.body
        if built:
            assert answer.headers["cache-control"] == KEPT_APART
    if built:
        assert anybody.headers["cache-control"] == "public, max-age=3600"


class Series(Shelf):
    """One series whose first episode is for grown-ups."""

    def __init__(self) -> None:
        super().__init__(connect.engine())
        self.bring(series(), PILOT, episode(1, "Down", season=3))
        run("UPDATE content SET maturity_rank = 1")
        run("UPDATE content SET maturity_rank = 3 WHERE title = 'Pilot'")
        self.path = f"/api/v1/content/tv/{self.id_of('Breaking Bad')}/seasons"


@pytest.fixture
def shown(connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Take the tokens of an issuer of the test's own, over an empty catalogue."""
    assert connected.database_url
    with trusted(monkeypatch) as authority:
        yield authority


async def test_an_episode_that_may_not_be_seen_is_not_named(shown: Authority) -> None:
    made, child = Series(), shown.token(**FOR_CHILDREN)

    assert (await get("catalog_seasons", f"{made.path}/1")).status == 200
    assert (await get("catalog_seasons", f"{made.path}/1", child)).status == 404
    assert (await get("catalog_seasons", f"{made.path}/1/episodes/1", child)).status == 404
    page = await get(
        "catalog_read", f"/api/v1/content/{made.id_of('Breaking Bad')}?season=1", child
    )
    assert [one["season"] for one in page.json["seasons"]] == [3]
    assert page.json["episodes"] is None


async def test_a_series_that_may_not_be_seen_is_not_named_by_its_parts(shown: Authority) -> None:
    made, child = Series(), shown.token(**FOR_CHILDREN)
    run("UPDATE content SET maturity_rank = 3 WHERE title = 'Breaking Bad'")
    path = f"/api/v1/content/{made.id_of('Down')}"

    assert (await get("catalog_read", path)).json["part_of"]["title"] == "Breaking Bad"
    page = await get("catalog_read", path, child)
    assert (page.status, page.json["part_of"]) == (200, None)
