"""Links for viewers whose tokens say what they may watch, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.kernel.clock import SystemClock
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.tokens import Authority

HOUR = 3600
GENRE = "Drama"


@pytest.fixture
def issuer(catalogue: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Take the tokens of an issuer of the test's own, over a catalogue in which Heat is for R."""
    assert catalogue.database_url
    with trusted(monkeypatch) as authority:
        yield authority


async def links(token: str = "") -> Answer:
    """Ask for the links of Heat, which is a drama and for R."""
    with connect.engine().begin() as connection:
        rated = text("UPDATE content SET maturity_rank = 3 WHERE title = 'Heat' RETURNING id")
        heat = connection.execute(rated).scalar_one()
        genre = text("SELECT value FROM content_genre WHERE content_id = :id")
        assert GENRE in connection.execute(genre, {"id": heat}).scalars().all()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    main = load("playback_links")
    return await ask(main.handle, "GET", f"/api/v1/content/{heat}/links", headers=headers)


async def test_anybody_has_links_and_so_has_a_viewer_without_limits(issuer: Authority) -> None:
    for token in ("", issuer.token(), issuer.token(max_rating="R", blocked_genres=["Horror"])):
        answer = await links(token)
        assert (answer.status, "cache-control" in answer.headers) == (200, False)


async def test_what_a_viewer_may_not_see_is_not_there(issuer: Authority) -> None:
    for said in ({"max_rating": "PG-13"}, {"blocked_genres": [GENRE]}):
        answer = await links(issuer.token(**said))
        assert (answer.status, answer.json["code"]) == (404, "content-not-found")


async def test_outside_the_viewing_window_nothing_is_opened(issuer: Authority) -> None:
    now = int(SystemClock().now().timestamp())
    open_now = issuer.token(viewing_from=now - HOUR, viewing_until=now + HOUR)
    assert (await links(open_now)).headers["cache-control"] == "no-store"

    for opens, closes in ((now + HOUR, now + 2 * HOUR), (now - 2 * HOUR, now - HOUR)):
        answer = await links(issuer.token(viewing_from=opens, viewing_until=closes))
        assert (answer.status, answer.json["code"]) == (403, "outside-viewing-window")


async def test_half_a_window_is_no_acceptable_token(issuer: Authority) -> None:
    now = int(SystemClock().now().timestamp())
    for half in ({"viewing_from": now}, {"viewing_until": now}, {"viewing_from": "x"}):
        assert (await links(issuer.token(**half))).status == 401
