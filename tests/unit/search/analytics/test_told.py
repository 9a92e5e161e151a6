"""What everybody may be told of searches, and clicks that may be taken."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.kernel.ids import named
from shared.kernel.principal import ANONYMOUS, Kind, Principal
from shared.search.analytics.clicks import AHEAD, LONGEST, Click, is_kept
from shared.search.analytics.trending import TrendingParameters, trending
from shared.search.maturity import RatingLimit
from tests.fakes.searches import NOON, search_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from shared.search.filters import Filters


class Texts:
    """Texts, and the limit from which on each leads to a title."""

    def __init__(self, **ranks: int) -> None:
        self.ranks = {name.replace("_", " "): rank for name, rank in ranks.items()}
        self.written = list(self.ranks)

    def rising(self, *, limit: int) -> Sequence[str]:
        """Return the first texts."""
        return self.written[:limit]

    def leading(self, texts: Sequence[str], filters: Filters) -> Collection[str]:
        """Return those that the limit lets pass."""
        highest = filters.maturity_rank
        assert highest is not None
        return {each for each in texts if self.ranks.get(each, 9) <= highest}


def told(texts: Texts, **asked: object) -> list[str]:
    return [one.query for one in trending(TrendingParameters.model_validate(asked), texts).items]


def test_texts_that_lead_to_nothing_that_may_be_shown_are_not_told() -> None:
    texts = Texts(dune=2, nowhere=9, bambi=0, nymphs=4)

    assert told(texts) == ["dune", "bambi"]
    assert told(texts, content_rating_limit="PG") == ["bambi"]


def test_nobody_is_told_of_what_is_for_adults_alone_however_they_ask() -> None:
    assert told(Texts(nymphs=4, dune=2), content_rating_limit="NC-17") == ["dune"]


def test_a_text_is_told_once_however_it_is_written_and_no_more_than_asked_for() -> None:
    texts = Texts(dune=0, heat=0, ronin=0)
    texts.written = ["dune", "dune!", "Dúne", "heat", "ronin"]

    assert told(texts, limit=2) == ["dune", "heat"]


def test_every_limit_becomes_a_filter() -> None:
    asked = TrendingParameters(
        region="US", content_rating_limit=RatingLimit.TV_PG, blocked_genres=("horror",)
    )
    found = asked.filters(ANONYMOUS)
    assert (found.region, found.maturity_rank, found.blocked_genres) == (("US",), 1, ("Horror",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", 0), ("limit", 51), ("region", "USA"), ("blocked_genres", ["Nope"]), ("q", "x"),
        ("content_rating_limit", "XXX"),
    ],
)  # fmt: skip
def test_wrong_limits_are_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        TrendingParameters.model_validate({field: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


def click_at(moment: datetime) -> Click:
    return Click(search_id=search_id(moment), content_id=named("dune"), position=1)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("age", [-AHEAD, timedelta(0), LONGEST])
def test_a_click_on_a_search_that_may_be_there_is_kept(age: timedelta) -> None:
    assert is_kept(click_at(NOON - age), NOON)


@pytest.mark.parametrize("age", [-AHEAD - SECOND, LONGEST + SECOND, timedelta(days=9000)])
def test_a_click_on_a_search_of_another_time_is_not(age: timedelta) -> None:
    assert not is_kept(click_at(NOON - age), NOON)


def test_a_click_on_what_cannot_be_a_search_is_not_kept() -> None:
    for other in (named("x"), UUID(int=0), UUID("ffffffff-ffff-7b31-8000-2f3c5a1d9e41")):
        assert not is_kept(Click(search_id=other, content_id=other, position=1), NOON)


def test_a_viewer_is_told_of_what_they_may_see_whatever_is_asked_for() -> None:
    child = Principal(Kind.USER, "kim", max_rating="G", blocked_genres=("Horror",))
    found = TrendingParameters(content_rating_limit=RatingLimit.PG).filters(child)
    assert (found.maturity_rank, found.blocked_genres, found.allow_unrated) == (
        0,
        ("Horror",),
        False,
    )
