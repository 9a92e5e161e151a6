"""Churn, counted each night."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text

from shared.adapters import connect
from tests.fakes.edge import ask, load

if TYPE_CHECKING:
    from collections.abc import Sequence


def counted() -> Sequence[object]:
    with connect.reads().connect() as connection:
        return connection.execute(
            text("SELECT platform, region FROM offer_churn ORDER BY 1, 2")
        ).all()


async def test_a_night_counts_every_platform_and_region(catalogue: connect.Addresses) -> None:
    assert catalogue.database_url
    scheduled = {"X-CloudScheduler": "true"}

    handle = load("catalog_churn").handle
    answers = [await ask(handle, "POST", "/", headers=scheduled) for _ in range(2)]

    assert [answer.status for answer in answers] == [204, 204]
    found = await asyncio.to_thread(counted)
    assert ("netflix", "US") in found
    assert ("hulu", "CA") in found
