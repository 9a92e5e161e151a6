"""What a viewer may find: the limits of their profile, on every way to a title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.catalog.values import GENRES
from shared.search.maturity import RatingLimit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.kernel.principal import Principal
    from shared.search.filters import Filters
    from shared.search.query import SearchQuery

PRIVATE_SECONDS = 60


@dataclass(frozen=True)
class Sight:
    """What may be seen; a title outside of it is as if it were not there.

    Attributes:
        ceiling: Titles up to this, unrated ones taken for R; None for all.
        blocked_genres: Titles of none of these, in the catalog's order.
    """

    ceiling: RatingLimit | None = None
    blocked_genres: tuple[str, ...] = ()

    @property
    def rank(self) -> int | None:
        """The highest rank that is seen, 0 to 4; None for all."""
        return None if self.ceiling is None else self.ceiling.rank


EVERYTHING = Sight()


def sight(
    viewer: Principal, *, ceiling: RatingLimit | None = None, blocked: Iterable[str] = ()
) -> Sight:
    """Return what a viewer sees of what was asked for: of both limits the stricter holds.

    Args:
        viewer: Whose token says what they may.
        ceiling: That was asked for.
        blocked: Genres that were asked to be left out.
    """
    both = {*blocked, *viewer.blocked_genres}
    own = RatingLimit(viewer.max_rating) if viewer.max_rating else None
    ceilings = [each for each in (own, ceiling) if each is not None]
    lower = min(ceilings, key=lambda each: each.rank, default=None)
    return Sight(lower, tuple(genre for genre in GENRES if genre in both))


def kept_for(viewer: Principal, seconds: int) -> str:
    """Return the ``Cache-Control`` of an answer that a viewer's limits decide.

    One that nobody's limits touched is everybody's; another is its viewer's own, and soon old:
    where limits were eased or a profile changed, nothing tells a browser.
    """
    if viewer.max_rating or viewer.blocked_genres:
        return f"private, max-age={min(seconds, PRIVATE_SECONDS)}"
    return f"public, max-age={seconds}"


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
    seen = sight(viewer, ceiling=asked.content_rating_limit, blocked=asked.blocked_genres)
    said: dict[str, object] = {"blocked_genres": seen.blocked_genres}
    if viewer.max_rating:
        said |= {"content_rating_limit": seen.ceiling, "allow_unrated": False}
    return asked.model_copy(update=said)
