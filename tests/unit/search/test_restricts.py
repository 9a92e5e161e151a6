"""Restricts of a vector search let through every title that its filters do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.vector_restricts import numeric_restricts, restricts
from shared.search.document import Document, datapoint
from shared.search.filters import Filters, GenreMatch, RatingBand
from shared.search.maturity import RatingLimit
from shared.search.ports import Datapoint
from tests.fakes.filtered import GENRES_USED, PLATFORMS, RANKS, REGIONS, passes, titles

if TYPE_CHECKING:
    from shared.catalog.item import CanonicalItem

TITLES = list(titles().values())
NOWHERE = np.zeros(1, np.float32)
DECADES = ("2020s", "2010s", "1990s", "1980s", "Classic")


def few(*values: str) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


FILTERS = st.builds(
    Filters,
    genres=few(*GENRES_USED),
    genre_match=st.sampled_from(GenreMatch),
    blocked_genres=few(*GENRES_USED),
    content_rating_limit=st.none() | st.sampled_from(RatingLimit),
    allow_unrated=st.booleans(),
    platforms=few(*PLATFORMS),
    region=few(*REGIONS),
    year_from=st.none() | st.integers(1960, 1999),
    years=few(*DECADES),
    min_rating=st.none() | st.floats(0, 7),
    max_rating=st.none() | st.floats(7, 10),
    ratings=st.sampled_from([(), (RatingBand.UNRATED,), (RatingBand.GOOD,)]),
)


def point(title: list[CanonicalItem]) -> Datapoint:
    """Return the point of a title; it knows of offers that are to come or over as well."""
    item = title[0]
    document = Document(
        id=UUID(int=1),
        title=item.title,
        content_type=str(item.content_type),
        release_year=item.release_year,
        overview=None,
        genres=item.genres,
        themes=(),
        people=(),
        offers=[f"{each.platform}:{each.region}" for each in title],
        average_rating=item.user_rating,
        quality=0.5,
        maturity_rank=RANKS[item.maturity.value] if item.maturity else None,
    )
    return datapoint(document, NOWHERE, "made@1")


def is_let_through(found: Datapoint, filters: Filters) -> bool:
    """Judge a point as Vertex AI does: namespaces joined by "and", tokens of one by "or"."""
    for asked in restricts(filters):
        tokens = {*found.restricts.get(asked["namespace"], ())}
        if "allowList" in asked and not tokens & {*asked["allowList"]}:
            return False
        if tokens & {*asked.get("denyList", ())}:
            return False
    return all(
        asked["namespace"] in found.numbers
        and (
            found.numbers[asked["namespace"]] >= asked["valueInt"]
            if asked["op"] == "GREATER_EQUAL"
            else found.numbers[asked["namespace"]] <= asked["valueInt"]
        )
        for asked in numeric_restricts(filters)
    )


@given(FILTERS)
def test_no_title_that_passes_is_kept_back(filters: Filters) -> None:
    assert all(is_let_through(point(t), filters) for t in TITLES if passes(t, filters))


@given(st.sampled_from(RatingLimit), few(*GENRES_USED))
def test_what_a_profile_must_not_see_is_kept_back(limit: RatingLimit, blocked: Any) -> None:  # noqa: ANN401 - genres
    filters = Filters(content_rating_limit=limit, blocked_genres=blocked)

    assert [is_let_through(point(t), filters) for t in TITLES] == [
        passes(t, filters) for t in TITLES
    ]


def test_a_point_from_before_a_namespace_is_still_found() -> None:
    old = Datapoint("1", NOWHERE, {"type": ["movie"]}, {})
    assert is_let_through(old, Filters(content_rating_limit=RatingLimit.PG))


def test_platform_and_region_are_one_token() -> None:
    asked = Filters(platforms=("hulu", "netflix"), region=("US", "CA"))
    assert restricts(asked) == [
        {
            "namespace": "platform_region",
            "allowList": ["hulu:US", "hulu:CA", "netflix:US", "netflix:CA"],
        }
    ]
