"""Links over HTTP, from a real catalogue."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql.links.offers import SqlLinkedTitles
from shared.catalog.links_answers import DeepLinkAnswer, LinkList
from shared.catalog.links_health import is_probed
from shared.catalog.links_templates import Device
from shared.gateway.vary import TAGS_HEADER
from shared.kernel.clock import FixedClock
from shared.runtime import metrics
from tests.fakes.catalog import NOW
from tests.fakes.edge import Answer, ask, load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Get = Callable[[str], Awaitable[Answer]]

DEEP = "/api/v1/playback/deep-link"
SENT = "https://www.netflix.com/title/60010514"


def run(sql: str, **bound: Any) -> list[Any]:  # noqa: ANN401 - bound values
    with connect.engine().begin() as connection:
        found = connection.execute(text(sql), bound)
        return list(found) if found.returns_rows else []


@pytest.fixture
def get(catalogue: connect.Addresses) -> Get:
    """Return what asks the function for a target."""
    assert catalogue.database_url
    main = load("playback_links")

    async def asked(target: str) -> Answer:
        return await ask(main.handle, "GET", target)

    return asked


@pytest.fixture
async def heat(catalogue: connect.Addresses) -> str:
    """Heat, which Netflix has under an id of its own."""
    assert catalogue.database_url
    return await asyncio.to_thread(_give_heat_a_link)


def _give_heat_a_link() -> str:
    ((found,),) = run("SELECT id FROM content WHERE title = 'Heat'")
    run("UPDATE availability SET link = :link WHERE content_id = :id", link=SENT, id=found)
    return str(found)


async def test_one_platforms_link_is_answered_and_conforms(get: Get, heat: str) -> None:
    answer = await get(f"{DEEP}?content_id={heat}&platform=netflix&region=US&device=ios")

    found = DeepLinkAnswer.model_validate_json(answer.body, strict=True)
    assert (answer.status, found.deep_link_url, found.template) == (200, SENT, "netflix.provider")
    assert found.availability == "subscription"
    assert answer.headers[TAGS_HEADER] == heat


async def test_every_platforms_links_are_listed_and_conform(get: Get, heat: str) -> None:
    answer = await get(f"/api/v1/content/{heat}/links?device=android_tv&apps=hulu,peacock")

    (found,) = LinkList.model_validate_json(answer.body, strict=True).items
    assert (found.is_supported, found.tv_url, found.web_fallback_url) == (False, None, SENT)


async def test_a_platform_that_does_not_have_the_title_is_not_found(get: Get, heat: str) -> None:
    answer = await get(f"{DEEP}?content_id={heat}&platform=hulu")
    assert (answer.status, answer.json["code"]) == (404, "not-on-platform")
    assert (await get(f"/api/v1/content/{heat}/links?platform=hulu")).json == {"items": []}


async def test_an_unknown_title_is_not_found(get: Get) -> None:
    answer = await get(f"/api/v1/content/{UUID(int=1)}/links")
    assert (answer.status, answer.json["code"]) == (404, "content-not-found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("device=fridge", "device"),
        ("region=us", "region"),
        ("platform=Net%20flix", "platform"),
        ("start_position_seconds=-1", "start_position_seconds"),
        ("start_position_seconds=86401", "start_position_seconds"),
        ("surprise=1", "surprise"),
    ],
)
async def test_a_wrong_parameter_is_named(get: Get, query: str, field: str) -> None:
    answer = await get(f"/api/v1/content/{UUID(int=1)}/links?{query}")
    assert answer.status == 422
    assert [issue["field"] for issue in answer.json["errors"]] == [field]


def out(*templates: str) -> None:
    """Let templates have stopped working on phones."""
    for template in templates:
        run(
            "INSERT INTO link_health (template, device, platform, quarantined_at, updated_at) "
            "VALUES (:template, 'ios', 'netflix', now(), now())",
            template=template,
        )


@pytest.mark.parametrize("probed", [False, True])
async def test_a_link_that_stopped_working_is_replaced_unless_its_title_is_probed(
    heat: str, *, probed: bool
) -> None:
    days = (NOW + timedelta(days=n) for n in range(2_000))
    sent = "netflix.provider"
    day = next(d for d in days if is_probed(sent, Device.IOS, heat, d.date()) is probed)
    main = load("playback_links")
    main.titles = SqlLinkedTitles(clock=FixedClock(day))  # type: ignore[attr-defined]
    await asyncio.to_thread(out, sent)

    answer = await ask(main.handle, "GET", f"{DEEP}?content_id={heat}&platform=netflix&device=ios")

    assert answer.json["template"] == (sent if probed else "netflix.page")


async def test_links_are_counted_by_platform_and_what_they_lead_to(get: Get, heat: str) -> None:
    metrics.reset()
    await get(f"{DEEP}?content_id={heat}&platform=netflix&device=ios")
    await get(f"{DEEP}?content_id={heat}&platform=netflix&device=ios&apps=hulu")

    shown = metrics.exposition().decode()
    for outcome in ("supported", "web"):
        assert f'deep_links_generated_total{{outcome="{outcome}",platform="netflix"}} 1.0' in shown
