"""Every answer of a search, searched for or kept, degraded or not, is published behind it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from shared.adapters import secrets
from shared.runtime import lifecycle, search_events, search_keys
from shared.search.analytics.published import search_of
from tests.fakes.edge import ask
from tests.fakes.surroundings import change
from tests.fakes.tokens import USER, trusted
from tests.functions.test_search_query import SearchClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.adapters import connect
    from shared.search.answers.serving import Served, ServedAnswers
    from shared.search.query import SearchQuery
    from tests.functions.conftest import SentEvents

REFERENCE = "projects/p/secrets/log-key/versions/1"


@pytest.fixture
def client(
    catalogue: connect.Addresses, sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SearchClient]:
    """A process that searches the catalogue and has the key of pseudonyms."""
    assert catalogue.database_url
    for module in (search_keys, secrets):
        monkeypatch.setattr(module, "secret", {REFERENCE: "k" * 32}.__getitem__)
    monkeypatch.setattr(search_events, "PubSubPublisher", sent)
    monkeypatch.setattr(lifecycle, "work", lifecycle.Work())
    change(monkeypatch, {"MEDIA_GATEWAY_LOG_KEY": REFERENCE})
    forget()
    yield SearchClient()
    if (waiting := search_events.buffer()) is not None:
        asyncio.run(waiting.settle())
    forget()


def forget() -> None:
    """Let this process find its key and its buffer anew."""
    for made in (search_events.buffer, search_keys.pseudonyms, search_keys.sealer):
        made.cache_clear()


@pytest.mark.parametrize("cached", [False, True])
async def test_an_answer_and_its_event_tell_the_same(
    client: SearchClient, sent: SentEvents, cached: bool
) -> None:
    searched: ServedAnswers = client.main.answers

    def answers(query: SearchQuery, *, principal: str) -> Served:
        return replace(searched(query, principal=principal), cached=cached)

    client.main.answers = answers  # type: ignore[attr-defined]
    answer = await client.get(q="heat", platforms="netflix", strategy="keyword")
    await lifecycle.work.settled()

    (event,) = sent.events
    told = search_of(event)
    assert str(event.event_id) == answer.json["search_id"]
    assert (told.result_count, told.cache_hit) == (answer.json["total_count"], cached)
    assert told.degraded == tuple(answer.json["degraded"])
    assert told.filters == {"platforms": ["netflix"]}
    assert told.principal_hash is None


@pytest.mark.behavior("identity:4.1:privacy")
async def test_a_search_of_who_refused_is_not_published_and_not_personal(
    client: SearchClient, sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: ServedAnswers = client.main.answers
    askers: list[str] = []

    def answers(query: SearchQuery, *, principal: str) -> Served:
        askers.append(principal)
        return searched(query, principal=principal)

    client.main.answers = answers  # type: ignore[attr-defined]
    with trusted(monkeypatch) as issuer:
        for declined in (
            None,
            ["analytics"],
            ["personalization"],
            ["analytics", "personalization"],
        ):
            headers = {"authorization": f"Bearer {issuer.token(declined=declined)}"}
            target = "/api/v1/search?q=heat&strategy=keyword"
            assert (await ask(client.main.handle, "GET", target, headers=headers)).status == 200
    await lifecycle.work.settled()

    assert askers == [USER, USER, "", ""]
    assert len(sent.events) == 2


@pytest.mark.behavior("identity:4.1:privacy")
async def test_a_search_of_who_keeps_their_activity_to_themselves_counts_as_nobodys(
    client: SearchClient, sent: SentEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trusted(monkeypatch) as issuer:
        for declined in (None, ["activity"]):
            headers = {"authorization": f"Bearer {issuer.token(declined=declined)}"}
            target = "/api/v1/search?q=heat&strategy=keyword"
            assert (await ask(client.main.handle, "GET", target, headers=headers)).status == 200
    await lifecycle.work.settled()

    told = [search_of(event) for event in sent.events]
    assert [one.principal_hash is None for one in told] == [False, True]
    assert [bool(one.sealed_text) for one in told] == [True, False]
