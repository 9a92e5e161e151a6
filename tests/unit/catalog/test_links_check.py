"""What a look at pages says of their templates, and how little it may decide."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.links_check import (
    EXAMPLES,
    LEAST,
    PageState,
    SampledOffer,
    TemplateCheck,
    checked,
    pages_of,
    voter,
)
from shared.catalog.links_health import Health, LinkOutcome, voted
from shared.catalog.links_templates import template_ids
from shared.catalog.values import ContentType

FOUND, GONE, REFUSED = PageState.FOUND, PageState.GONE, PageState.REFUSED
UNREACHABLE = PageState.UNREACHABLE
OPENED, FAILED = LinkOutcome.OPENED, LinkOutcome.FAILED
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def offer(**changes: str | None) -> SampledOffer:
    said = {"platform": "netflix", "listing": "60010514", "region": "US", "link": None, **changes}
    return SampledOffer(content_type=ContentType.MOVIE, **said)  # type: ignore[arg-type]


def test_a_sent_link_and_a_made_one_are_looked_at_once_where_they_are_the_same() -> None:
    made = "https://www.netflix.com/title/60010514"
    found = pages_of([offer(), offer(link=made, listing="tm84618")])
    assert found == {made: frozenset({"netflix.provider", "netflix.page"})}


@pytest.mark.parametrize(
    "changes",
    [
        {"listing": "tm84618"},
        {"platform": "nobody"},
        {"listing": "x/../y", "link": "javascript:alert(1)"},
        {"listing": "tm84618", "link": "https://netflix.com.evil.example/title/1"},
    ],
)
def test_nothing_is_guessed(changes: dict[str, str]) -> None:
    assert pages_of([offer(**changes)]) == {}


@given(
    st.sampled_from(["netflix", "hulu", "prime_video", "youtube", "paramount_plus", "crunchyroll"]),
    st.text(max_size=20),
    st.text(max_size=60),
)
def test_every_page_is_of_the_web_and_of_a_template_that_can_be_voted_on(
    platform: str, listing: str, link: str
) -> None:
    for url, templates in pages_of([offer(platform=platform, listing=listing, link=link)]).items():
        assert url.startswith("https://")
        assert templates
        assert templates <= template_ids()


@pytest.mark.parametrize(
    ("counts", "vote"),
    [
        ({GONE: LEAST - 1}, None),
        ({GONE: LEAST}, FAILED),
        ({FOUND: LEAST}, OPENED),
        ({FOUND: 3, GONE: 7}, FAILED),
        ({FOUND: 4, GONE: 6}, None),
        ({FOUND: 8, GONE: 2}, OPENED),
        ({PageState.MOVED: 8, GONE: 2}, OPENED),
        ({REFUSED: 50, UNREACHABLE: 50}, None),
        ({REFUSED: 50, UNREACHABLE: 50, GONE: LEAST}, FAILED),
        ({}, None),
    ],
)
def test_only_pages_that_answer_are_judged(
    counts: dict[PageState, int], vote: LinkOutcome | None
) -> None:
    assert TemplateCheck("netflix.page", counts).vote is vote


def test_what_was_seen_is_counted_by_template_with_examples_of_what_is_gone() -> None:
    urls = [f"https://www.netflix.com/title/{number}" for number in range(6)]
    pages = {url: frozenset({"netflix.page"}) for url in urls}
    states = dict.fromkeys(urls[:4], GONE) | {urls[4]: FOUND}

    [check] = checked(pages, states)  # the sixth was never asked for

    assert check.counts == {GONE: 4, FOUND: 1}
    assert check.examples == tuple(urls[:EXAMPLES])


@pytest.mark.parametrize("opened", [False, True])
def test_the_look_alone_never_takes_a_template_out_nor_brings_it_back(*, opened: bool) -> None:
    health = Health(quarantined_at=MONDAY if opened else None)
    for week in range(500):
        health = voted(health, opened=opened, at=MONDAY + timedelta(weeks=week))
    assert (health.quarantined_at is not None) is opened


def test_who_votes_is_the_same_within_a_week_and_template_alone() -> None:
    here = voter("netflix.page", date(2026, 1, 5))
    assert len(here) == 16
    assert here == voter("netflix.page", date(2026, 1, 5))
    assert (
        len({here, voter("hulu.page", date(2026, 1, 5)), voter("netflix.page", date(2026, 1, 12))})
        == 3
    )
