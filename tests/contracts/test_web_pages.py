"""Pages asked for over TLS on loopback: gently, and counted for what they say alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.adapters.egress import Egress
from shared.adapters.web_pages import AGENT, GAP_SECONDS, MOST_REFUSALS, WebPages
from shared.catalog.links_check import PageState
from tests.fakes.pages import Pages, serving_pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    """A platform that has every page."""
    with serving_pages(tmp_path) as found:
        yield found


async def states(pages: Pages, *paths: str) -> dict[str, PageState]:
    """Return what pages said, by path; every call is followed by a wait that nobody waits."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    asking = WebPages(Egress(allow_loopback=True, trusted=pages.trusted), wait)
    found = await asking.states([pages.base + path for path in paths])
    assert waits == [GAP_SECONDS] * len(pages.asked)
    return {url.removeprefix(pages.base): state for url, state in found.items()}


@pytest.mark.parametrize(
    ("status", "state", "methods"),
    [
        (200, PageState.FOUND, ["HEAD"]),
        (204, PageState.FOUND, ["HEAD"]),
        (302, PageState.MOVED, ["HEAD"]),
        (404, PageState.GONE, ["HEAD", "GET"]),
        (410, PageState.GONE, ["HEAD", "GET"]),
        (403, PageState.REFUSED, ["HEAD", "GET"]),
        (429, PageState.REFUSED, ["HEAD", "GET"]),
        (500, PageState.REFUSED, ["HEAD", "GET"]),
    ],
)
async def test_a_status_says_one_thing_and_nothing_is_followed(
    pages: Pages, status: int, state: PageState, methods: list[str]
) -> None:
    pages.statuses["/title/1"] = status

    assert await states(pages, "/title/1") == {"/title/1": state}
    assert pages.asked == [(method, "/title/1", AGENT) for method in methods]


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_host_that_knows_no_head_is_asked_for_the_page(pages: Pages, status: int) -> None:
    pages.statuses["HEAD /title/1"] = status
    assert await states(pages, "/title/1") == {"/title/1": PageState.FOUND}


async def test_a_host_that_refuses_is_left_alone(pages: Pages) -> None:
    paths = [f"/title/{number}" for number in range(9)]
    pages.statuses.update(dict.fromkeys(paths, 403))

    found = await states(pages, *paths)

    assert list(found.values()) == [PageState.REFUSED] * MOST_REFUSALS
    assert len(pages.asked) == 2 * MOST_REFUSALS


async def test_what_cannot_be_reached_or_may_not_be_called_is_no_answer(tmp_path: Path) -> None:
    async def wait(_seconds: float) -> None: ...

    with serving_pages(tmp_path) as ended:
        gone = f"{ended.base}/title/1"
    found = await WebPages(Egress(allow_loopback=True, trusted=ended.trusted), wait).states([gone])
    denied = await WebPages(Egress(), wait).states(["https://127.0.0.1/", "https://10.0.0.1/x"])

    assert {*found.values(), *denied.values()} == {PageState.UNREACHABLE}
