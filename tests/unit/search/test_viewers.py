"""What a viewer may find, whatever they ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.values import GENRES
from shared.kernel.principal import RATINGS, Kind, Principal
from shared.search.filters import Filters
from shared.search.maturity import RatingLimit
from shared.search.query import SearchQuery
from shared.search.viewers import kept_for, limited, may_see

GENRE_SETS = st.sets(st.sampled_from(GENRES)).map(tuple)
SEARCHES = st.builds(
    lambda limit, unrated, blocked: SearchQuery(
        query="heist",
        filters=Filters(
            content_rating_limit=limit,
            allow_unrated=unrated,
            blocked_genres=blocked,
            year_from=1990,
        ),
    ),
    st.none() | st.sampled_from(RatingLimit),
    st.booleans(),
    GENRE_SETS,
)
VIEWERS = st.builds(
    lambda rating, blocked: Principal(Kind.USER, max_rating=rating, blocked_genres=blocked),
    st.sampled_from(["", *RATINGS]),
    GENRE_SETS,
)


@given(SEARCHES, VIEWERS)
def test_no_search_finds_more_than_its_viewer_may_see(
    asked: SearchQuery, viewer: Principal
) -> None:
    found = limited(asked, viewer).filters
    assert {*viewer.blocked_genres, *asked.filters.blocked_genres} == set(found.blocked_genres)
    ranks = [found.maturity_rank, asked.filters.maturity_rank]
    if viewer.max_rating:
        own = RatingLimit(viewer.max_rating).rank
        assert found.maturity_rank == min(own, 4 if ranks[1] is None else ranks[1])
        assert not found.allow_unrated
    else:
        assert ranks[0] == ranks[1]


@given(SEARCHES, VIEWERS)
def test_what_is_limited_once_stays_so(asked: SearchQuery, viewer: Principal) -> None:
    once = limited(asked, viewer)
    assert limited(once, viewer) == once
    assert (once.query, once.filters.year_from) == ("heist", 1990)


@given(SEARCHES)
def test_a_viewer_without_limits_finds_what_they_ask_for(asked: SearchQuery) -> None:
    assert limited(asked, Principal(Kind.USER)) is asked


@given(VIEWERS, st.none() | st.integers(0, 4), st.sets(st.sampled_from(GENRES)))
def test_a_title_is_seen_where_a_search_would_find_it(
    viewer: Principal, rank: int | None, genres: set[str]
) -> None:
    found = limited(SearchQuery(), viewer).filters
    limit = found.content_rating_limit
    wanted = (limit is None or limit.permits(rank)) and not genres & set(found.blocked_genres)
    assert may_see(viewer, rank, genres) == wanted


@pytest.mark.parametrize(
    ("limits", "seen"),
    [
        (("G", "TV-Y", "TV-G"), [0]),
        (("PG", "TV-Y7", "TV-PG"), [0, 1]),
        (("PG-13", "TV-14"), [0, 1, 2]),
        (("R", "TV-MA"), [0, 1, 2, 3, None]),
        (("NC-17",), [0, 1, 2, 3, 4, None]),
        (("",), [0, 1, 2, 3, 4, None]),
    ],
)
def test_a_limit_lets_its_own_rank_through_and_takes_the_unrated_for_r(
    limits: tuple[str, ...], seen: list[int | None]
) -> None:
    for limit in limits:
        viewer = Principal(Kind.USER, max_rating=limit)
        assert [rank for rank in (0, 1, 2, 3, 4, None) if may_see(viewer, rank, ())] == seen


@pytest.mark.parametrize(
    ("viewer", "seconds", "header"),
    [
        (Principal(Kind.USER), 300, "public, max-age=300"),
        (Principal(Kind.USER, max_rating="PG"), 300, "private, max-age=60"),
        (Principal(Kind.USER, blocked_genres=("Horror",)), 300, "private, max-age=60"),
        (Principal(Kind.USER, max_rating="PG"), 30, "private, max-age=30"),
    ],
)
def test_what_a_viewers_limits_decide_is_kept_by_nobody_else_and_not_for_long(
    viewer: Principal, seconds: int, header: str
) -> None:
    assert kept_for(viewer, seconds) == header
