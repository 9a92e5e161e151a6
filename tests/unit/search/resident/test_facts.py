"""Hard filters on arrays against an obvious judge of one title."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.values import GENRES as OURS
from shared.catalog.values import OfferType
from shared.kernel import ids
from shared.search.filters import Filters
from shared.search.maturity import RatingLimit
from shared.search.resident import facts as module
from shared.search.resident.facts import Facts
from shared.search.resident.rows import OfferRow, TitleRow
from tests.unit.search.resident import made
from tests.unit.search.resident.judge import NOW, is_live, passes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.search.resident.rows import Mask, Rows


def title(number: int = 1, **traits: object) -> TitleRow:
    fields: dict[str, object] = {"id": str(ids.named(f"t{number}")), "title": "Heat", "key": "heat"}
    return TitleRow(**fields | traits)  # type: ignore[arg-type]


def rows(*numbers: int) -> Rows:
    return np.array(numbers, np.int32)


def everyone(titles: Sequence[TitleRow]) -> Mask:
    return np.ones(len(titles), np.bool_)


def judged(filters: Filters, *titles: TitleRow) -> list[bool]:
    return [bool(passed) for passed in Facts.build(titles).passing(filters, NOW)]


def test_every_filter_is_tried() -> None:
    assert made.is_every_filter_asked()


@given(titles=made.TITLES, filters=made.asked())
def test_arrays_let_through_what_an_obvious_judge_does(
    titles: list[TitleRow], filters: Filters
) -> None:
    facts = Facts.from_arrays(Facts.build(titles).arrays())

    assert facts.passing(filters, NOW).tolist() == [passes(t, filters) for t in titles]


@given(titles=made.TITLES, filters=made.asked(), data=st.data())
def test_titles_that_are_asked_for_are_judged_in_the_order_of_asking(
    titles: list[TitleRow], filters: Filters, data: st.DataObject
) -> None:
    places = st.lists(st.integers(0, len(titles) - 1)) if titles else st.just([])
    numbers = data.draw(places)

    found = Facts.build(titles).passing(filters, NOW, rows(*numbers))

    assert found.tolist() == [passes(titles[number], filters) for number in numbers]


@given(titles=made.TITLES, filters=made.asked())
def test_few_titles_that_are_left_are_judged_by_their_own_offers_alike(
    titles: list[TitleRow], filters: Filters
) -> None:
    far = [title(n, year=1900, offers=(OfferRow("netflix", "US", "free"),)) for n in range(500)]
    filters = filters.model_copy(update={"year_from": 1925, "region": ("US",)})

    found = Facts.build([*far, *titles]).passing(filters, NOW)

    assert found.tolist() == [passes(each, filters) for each in [*far, *titles]]


@given(titles=made.TITLES, filters=made.asked(), limit=st.integers(1, 5), first=st.integers(1, 40))
def test_the_most_popular_ones_that_pass_come_best_first_and_ties_by_id(
    titles: list[TitleRow], filters: Filters, limit: int, first: int
) -> None:
    alive = np.array([number % 4 > 0 for number in range(len(titles))], np.bool_)
    expected = sorted(
        (-t.popularity, t.id)
        for number, t in enumerate(titles)
        if alive[number] and passes(t, filters)
    )[:limit]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FIRST_LOOK", first)
        found = Facts.build(titles).popular(filters, NOW, limit=limit, alive=alive)

    assert [titles[row].id for row in found] == [id_ for _, id_ in expected]


def test_titles_that_are_as_popular_stand_by_id() -> None:
    titles = [title(number, popularity=number % 2) for number in range(40)]

    found = Facts.build(titles).popular(Filters(), NOW, limit=40, alive=everyone(titles))

    ids_found = [titles[row].id for row in found]
    assert ids_found == sorted(ids_found[:20]) + sorted(ids_found[20:])
    assert {titles[row].popularity for row in found[:20]} == {1}


@given(titles=made.TITLES, filters=made.asked())
def test_ranking_gets_what_was_read_and_the_terms_in_the_asked_regions(
    titles: list[TitleRow], filters: Filters
) -> None:
    facts = Facts.from_arrays(Facts.build(titles).arrays())
    everything = rows(*reversed(range(len(titles))))

    found = facts.candidates(everything, [t.id for t in titles], filters, NOW)

    for each, kept in zip(found, reversed(titles), strict=True):
        live = frozenset(OfferType(o.offer_type) for o in kept.offers if is_live(o, filters))
        assert (each.id, each.title, each.release_year) == (kept.id, kept.title, kept.year)
        assert (each.popularity, each.quality, each.prior) == (
            kept.popularity,
            kept.quality,
            kept.prior,
        )
        assert (each.average_rating, each.offer_types) == (kept.average_rating, live)


def test_what_is_above_a_childs_limit_never_passes_nor_what_nobody_rated() -> None:
    titles = [title(n, maturity=rank) for n, rank in enumerate([0, 1, 2, 3, 4, None])]

    by_limit = {
        limit: judged(Filters(content_rating_limit=limit), *titles)
        for limit in (RatingLimit.G, RatingLimit.PG_13, RatingLimit.R, RatingLimit.NC_17)
    }

    assert by_limit == {
        RatingLimit.G: [True, False, False, False, False, False],
        RatingLimit.PG_13: [True, True, True, False, False, False],
        RatingLimit.R: [True, True, True, True, False, True],
        RatingLimit.NC_17: [True] * 6,
    }


def test_an_unrated_title_passes_a_low_limit_only_where_that_is_allowed() -> None:
    unrated, restricted = title(1, maturity=None), title(2, maturity=3)

    allowed = Filters(content_rating_limit=RatingLimit.G, allow_unrated=True)

    assert judged(allowed, unrated, restricted) == [True, False]


@pytest.mark.parametrize("genre", OURS)
def test_a_blocked_genre_is_blocked_wherever_it_stands(genre: str) -> None:
    others = [other for other in OURS if other != genre]
    many = title(1, genres=(*(f"Genre {n}" for n in range(40)), *others, genre))
    without = title(2, genres=(*others, *(f"Genre {n}" for n in range(40))))

    assert judged(Filters(blocked_genres=(genre,)), many, without) == [False, True]


def test_no_offer_lends_another_what_it_lacks() -> None:
    split = title(offers=(OfferRow("netflix", "US", "rental"), OfferRow("hulu", "CA", "free")))
    asked = Filters(platforms=("netflix",), region=("US",))

    assert judged(asked, split) == [True]
    assert judged(asked.model_copy(update={"free_only": True}), split) == [False]
    assert judged(asked.model_copy(update={"region": ("CA",)}), split) == [False]


def test_more_platforms_than_are_compared_one_by_one_are_judged_alike() -> None:
    names = [f"platform_{number}" for number in range(30)]
    titles = [title(n, offers=(OfferRow(name, "US", "free"),)) for n, name in enumerate(names)]

    found = judged(Filters(platforms=tuple(names[::2])), *titles)

    assert found == [number % 2 == 0 for number in range(30)]


@pytest.mark.parametrize("microseconds", [-1, 0, 1])
@pytest.mark.parametrize("days", [1, 7, 30, 90])
def test_the_last_microsecond_of_leaving_and_the_first_of_added_count(
    days: int, microseconds: int
) -> None:
    leaving = OfferRow("netflix", "US", "free", ends=made.moment(days, microseconds))
    added = OfferRow("netflix", "US", "free", since=made.moment(-days, microseconds))

    assert judged(Filters(leaving_days=days), title(offers=(leaving,))) == [microseconds <= 0]
    assert judged(Filters(added_days=days), title(offers=(added,))) == [microseconds >= 0]


def test_facts_that_are_cut_off_are_refused() -> None:
    arrays = Facts.build([title(1), title(2)]).arrays()

    with pytest.raises(ValueError, match="facts of 1 titles"):
        Facts.from_arrays(arrays | {"popularity": arrays["popularity"][:1]})
    with pytest.raises(KeyError, match="maturity"):
        Facts.from_arrays({k: v for k, v in arrays.items() if "maturity" not in k})


def test_offers_that_are_cut_off_are_refused() -> None:
    offered = replace(title(), offers=(OfferRow("netflix", "US", "free"),))
    arrays = Facts.build([offered]).arrays()

    with pytest.raises(ValueError, match="do not end at 0"):
        Facts.from_arrays(arrays | {"offers.row_of": arrays["offers.row_of"][:0]})
