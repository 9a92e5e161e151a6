"""Searches of viewers whose tokens say what they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from shared.adapters import connect
from tests.fakes.edge import ask, load
from tests.fakes.embedder import WordsEmbedder
from tests.fakes.tokens import trusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tests.fakes.tokens import Authority

UNRATED = "UPDATE content SET maturity_rank = NULL WHERE hashtext(title) % 7 = 0"


@pytest.fixture
def issuer(catalogue: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Take the tokens of an issuer of the test's own, over a catalogue."""
    assert catalogue.database_url
    with trusted(monkeypatch) as authority:
        yield authority


async def found(token: str, **parameters: object) -> list[dict[str, Any]]:
    """Return what a viewer finds."""
    main = load("search_query")
    main.embedder = WordsEmbedder  # type: ignore[attr-defined]
    target = "/api/v1/search?" + urlencode({"page_size": 100, **parameters})
    answer = await ask(
        main.handle, "GET", target, headers={"authorization": f"Bearer {token}"} if token else {}
    )
    assert answer.status == 200, answer.body
    return [result["content"] for result in answer.json["results"]]


async def test_a_ceiling_holds_whatever_is_asked_for(issuer: Authority) -> None:
    with connect.engine().begin() as connection:
        connection.execute(text("UPDATE content SET maturity_rank = abs(hashtext(title)) % 5"))
        connection.execute(text(UNRATED))
    everything = await found("", page_size=100)
    wish = {"content_rating_limit": "NC-17", "allow_unrated": "true"}
    limited = await found(issuer.token(max_rating="PG"), **wish)

    assert {title["maturity_rank"] for title in everything} == {0, 1, 2, 3, 4, None}
    assert {title["maturity_rank"] for title in limited} == {0, 1}


async def test_blocked_genres_are_not_found(issuer: Authority) -> None:
    everything = await found("")
    limited = await found(issuer.token(blocked_genres=["Crime", "Horror"]))

    assert limited
    assert any("Crime" in title["genres"] for title in everything)
    assert not any({"Crime", "Horror"} & set(title["genres"]) for title in limited)
