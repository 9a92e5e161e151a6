"""What a viewer may find: the limits of their profile among the filters of their search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.catalog.values import GENRES
from shared.search.maturity import RatingLimit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.kernel.principal import Principal
    from shared.search.filters import Filters
    from shared.search.query import SearchQuery


def limited(query: SearchQuery, viewer: Principal) -> SearchQuery:
    """Return a search that finds nothing the viewer's token does not let them see.

    Whatever was asked for, the lower ceiling holds and titles that nobody rated are taken for R
    (spec/discovery §5.6): no wish and no words of a search open more than the profile does.
    """
    if not viewer.max_rating and not viewer.blocked_genres:
        return query
    return query.model_copy(update={"filters": _within(query.filters, viewer)})


def may_see(viewer: Principal, rank: int | None, genres: Iterable[str]) -> bool:
    """Tell whether a viewer may see a title.

    Args:
        viewer: Whose token says what they may.
        rank: Of the title's maturity, None where nobody rated it.
        genres: The title's.
    """
    if not viewer.blocked_genres and not viewer.max_rating:
        return True
    below = not viewer.max_rating or RatingLimit(viewer.max_rating).permits(rank)
    return below and not set(viewer.blocked_genres).intersection(genres)


def _within(asked: Filters, viewer: Principal) -> Filters:
    blocked = {*asked.blocked_genres, *viewer.blocked_genres}
    said: dict[str, object] = {"blocked_genres": tuple(g for g in GENRES if g in blocked)}
    if viewer.max_rating:
        own, wanted = RatingLimit(viewer.max_rating), asked.content_rating_limit
        lower = own if wanted is None or own.rank < wanted.rank else wanted
        said |= {"content_rating_limit": lower, "allow_unrated": False}
    return asked.model_copy(update=said)
