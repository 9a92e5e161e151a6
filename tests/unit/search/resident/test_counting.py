"""Counts of facets on arrays against choosing each value by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel import ids
from shared.search.facets import Facet, FacetValue, in_order
from shared.search.filters import Filters
from shared.search.maturity import RatingLimit
from shared.search.resident.facts import Facts
from shared.search.resident.rows import OfferRow, TitleRow
from tests.unit.search.resident import made
from tests.unit.search.resident.judge import NOW, counted


def known(titles: list[TitleRow]) -> list[TitleRow]:
    """Return titles without genres that cannot be chosen."""
    return [title for title in titles if "Telenovela" not in title.genres]


@given(titles=made.TITLES, filters=made.asked(most=3))
def test_a_count_is_the_size_of_the_result_of_choosing_the_value(
    titles: list[TitleRow], filters: Filters
) -> None:
    titles = known(titles)
    facts = Facts.build(titles)

    found = in_order([facts.counts(filters, NOW, np.ones(len(titles), np.bool_), None)])

    assert found == counted(titles, filters)


@given(titles=made.TITLES, filters=made.asked(most=3), data=st.data())
def test_of_titles_that_were_found_each_that_is_alive_counts_once(
    titles: list[TitleRow], filters: Filters, data: st.DataObject
) -> None:
    titles = known(titles)
    numbers = data.draw(st.lists(st.integers(0, len(titles) - 1)) if titles else st.just([]))
    alive = np.array([number % 3 > 0 for number in range(len(titles))], np.bool_)

    counts = Facts.build(titles).counts(filters, NOW, alive, np.array(numbers, np.int32))

    assert in_order([counts]) == counted([titles[n] for n in {*numbers} if n % 3 > 0], filters)


@given(titles=made.TITLES, filters=made.asked(most=3), at=st.integers(0, 30))
def test_counts_of_parts_add_up_to_those_of_the_whole(
    titles: list[TitleRow], filters: Filters, at: int
) -> None:
    def counts(part: list[TitleRow]) -> object:
        return Facts.build(part).counts(filters, NOW, np.ones(len(part), np.bool_), None)

    parts = [counts(titles[:at]), counts(titles[at:])]

    assert in_order(parts) == in_order([counts(titles)])  # type: ignore[list-item, arg-type]


def test_a_genre_that_is_none_of_ours_is_counted_too() -> None:
    facts = Facts.build([TitleRow("1", "Rubí", "rubi", genres=("Telenovela", "Drama"))])

    counts = facts.counts(Filters(), NOW, np.ones(1, np.bool_), None)

    assert counts[Facet.GENRES] == {"Drama": 1, "Telenovela": 1}


def test_the_twenty_most_frequent_are_listed_and_equal_ones_by_name() -> None:
    places = [*range(25), 24, 24, 23]
    titles = [
        TitleRow(str(ids.named(f"{n}")), "", "", offers=(OfferRow(f"p{place:02}", "US", "free"),))
        for n, place in enumerate(places)
    ]

    counts = Facts.build(titles).counts(Filters(), NOW, np.ones(len(titles), np.bool_), None)

    assert in_order([counts]).platforms == [
        FacetValue("p24", 3),
        FacetValue("p23", 2),
        *(FacetValue(f"p{place:02}", 1) for place in range(18)),
    ]


def test_what_a_profile_may_not_see_is_not_counted_either() -> None:
    offer = (OfferRow("netflix", "US", "free"),)
    kept = {"year": 1995, "average_rating": 8.5, "genres": ("Horror",), "offers": offer}
    titles = [
        TitleRow("1", "", "", maturity=4, **kept),  # type: ignore[arg-type]
        TitleRow("2", "", "", maturity=None, **kept),  # type: ignore[arg-type]
    ]
    asked = Filters(content_rating_limit=RatingLimit.PG)

    counts = Facts.build(titles).counts(asked, NOW, np.ones(2, np.bool_), None)

    assert counts == {facet: {} for facet in Facet}
