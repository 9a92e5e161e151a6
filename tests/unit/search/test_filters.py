"""Filters as they are given."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.catalog.values import OfferType
from shared.kernel.clock import FixedClock
from shared.kernel.errors import InvalidInputError
from shared.runtime.messages import Request
from shared.search.facets import (
    FRESH,
    Facet,
    Facets,
    RememberedFacets,
    chosen,
    counted,
    widened,
)
from shared.search.filters import Filters, GenreMatch, RatingBand
from shared.search.maturity import RatingLimit
from shared.search.ports import Hit
from shared.search.query import SearchParameters, SearchQuery
from tests.unit.matching.items import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence


def posted(filters: dict[str, Any]) -> Filters:
    body = orjson.dumps({"filters": filters})
    return Request("POST", "/", body=body).json(SearchQuery).filters


def got(parameters: str) -> Filters:
    return Request("GET", "/", target=f"/?{parameters}").query(SearchParameters).to_query().filters


SAME: list[tuple[str, dict[str, Any], Filters]] = [
    ("region=US", {"region": "US"}, Filters(region=("US",))),
    ("region=US,CA", {"region": ["US", "CA"]}, Filters(region=("US", "CA"))),
    (
        "genres=horror&genres=SCIENCE%20fiction&genre_match=all",
        {"genres": ["Horror", "science fiction"], "genre_match": "all"},
        Filters(genres=("Horror", "Science Fiction"), genre_match=GenreMatch.ALL),
    ),
    (
        "content_rating_limit=TV-14&blocked_genres=horror",
        {"content_rating_limit": "TV-14", "blocked_genres": ["horror"]},
        Filters(content_rating_limit=RatingLimit.TV_14, blocked_genres=("Horror",)),
    ),
    (
        "years=1990s,Classic&ratings=Below%20average",
        {"years": ["1990s", "Classic"], "ratings": ["Below average"]},
        Filters(years=("1990s", "Classic"), ratings=(RatingBand.BELOW_AVERAGE,)),
    ),
    (
        "creators=%20Agn%C3%A8s%20%20Varda&keywords=heist&languages=fr,es-419",
        {"creators": ["Agnès Varda"], "keywords": ["heist"], "languages": ["fr", "es-419"]},
        Filters(creators=("Agnès Varda",), keywords=("heist",), languages=("fr", "es-419")),
    ),
    (
        "leaving_days=7&added_days=30&min_data_quality_score=.6&max_rating=8",
        {"leaving_days": 7, "added_days": 30, "min_data_quality_score": 0.6, "max_rating": 8},
        Filters(leaving_days=7, added_days=30, min_data_quality_score=0.6, max_rating=8),
    ),
    (
        "year_from=1995&year_to=1995&min_runtime=90&max_runtime=90&min_rating=7&max_rating=7",
        {"year_from": 1995, "year_to": 1995, "min_runtime": 90, "max_runtime": 90}
        | {"min_rating": 7, "max_rating": 7},
        Filters(
            year_from=1995, year_to=1995, min_runtime=90, max_runtime=90, min_rating=7, max_rating=7
        ),
    ),
]


@pytest.mark.parametrize(("parameters", "body", "expected"), SAME, ids=range(len(SAME)))
def test_parameters_and_bodies_say_the_same(
    parameters: str, body: dict[str, Any], expected: Filters
) -> None:
    assert got(parameters) == expected
    assert posted(body) == expected


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"genre_match": "most"}, "genre_match"),
    ({"blocked_genres": ["Nope"]}, "blocked_genres"),
    ({"content_rating_limit": "X"}, "content_rating_limit"),
    ({"region": "usa"}, "region.0"),
    ({"region": 7}, "region"),
    ({"region": None}, "region"),
    ({"years": ["1970s"]}, "years.0"),
    ({"years": ["1995"]}, "years.0"),
    ({"ratings": ["good"]}, "ratings.0"),
    ({"year_from": 2000, "year_to": 1999}, "year_to"),
    ({"min_runtime": 100, "max_runtime": 99}, "max_runtime"),
    ({"min_rating": 8, "max_rating": 7}, "max_rating"),
    ({"max_rating": 11}, "max_rating"),
    ({"languages": ["klingon"]}, "languages.0"),
    ({"keywords": ["\u0000 "]}, "keywords.0"),
    ({"creators": ["x" * 101]}, "creators.0"),
    ({"min_data_quality_score": 1.1}, "min_data_quality_score"),
    ({"leaving_days": 0}, "leaving_days"),
    ({"added_days": 366}, "added_days"),
    ({"regions": ["US"]}, "regions"),
]


@pytest.mark.parametrize(("filters", "field"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_named(filters: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        posted(filters)

    assert [issue.field for issue in refused.value.issues] == [f"filters.{field}"]


def test_numbers_are_as_fine_as_what_is_kept() -> None:
    fine = Filters(min_rating=1.6e-199, min_data_quality_score=1.6e-199)
    assert (fine.min_rating, fine.min_data_quality_score) == (0, 0)


def test_unrated_titles_count_as_restricted_whatever_the_scale() -> None:
    assert Filters(content_rating_limit=RatingLimit.TV_MA).maturity_rank == 3
    assert Filters(content_rating_limit=RatingLimit.PG_13).maturity_rank == 2
    assert Filters().maturity_rank is None


def test_a_choice_takes_the_place_of_everything_on_its_property() -> None:
    asked = Filters(year_from=1995, years=("1990s",), min_rating=7, genre_match=GenreMatch.ALL)

    assert chosen(asked, Facet.YEARS, "2010s") == Filters(
        years=("2010s",), min_rating=7, genre_match=GenreMatch.ALL
    )
    assert chosen(asked, Facet.GENRES, "War") == asked.model_copy(
        update={"genres": ("War",), "genre_match": GenreMatch.ANY}
    )
    assert widened(asked) == Filters()


class Nothing:
    """`shared.search.facets.FacetCounts` that keeps what it was asked to count."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str] | None] = []

    def facets(self, ids: Sequence[str] | None, filters: Filters) -> Facets:
        """Count nothing."""
        del filters
        self.asked.append(ids)
        return Facets()


@pytest.mark.parametrize(
    ("depth", "name", "is_estimate"),
    [(3, "keyword", False), (2, "keyword", True), (3, "graph", True)],
)
def test_counts_say_when_a_retriever_may_know_of_more(
    depth: int, name: str, is_estimate: bool
) -> None:
    counts, found = Nothing(), {"vector": [Hit("1")], name: [Hit("1"), Hit("2")]}

    assert counted(found, Filters(), depth=depth, counts=counts).is_estimate is is_estimate
    assert counts.asked == [["1", "2"]]


def test_counts_without_a_retriever_that_is_down_are_estimates() -> None:
    found = {"keyword": [Hit("1")]}
    assert counted(found, Filters(), depth=9, counts=Nothing(), degraded=["vector"]).is_estimate


def test_counts_of_the_whole_catalogue_are_kept_a_minute_by_filters() -> None:
    clock, counts = FixedClock(NOON), Nothing()
    facets = RememberedFacets(counts, clock)

    for _ in range(2):
        facets.facets(None, Filters())
        facets.facets(None, Filters(free_only=True))
        facets.facets(["1"], Filters())
    clock.advance(FRESH + timedelta(seconds=1))
    facets.facets(None, Filters())

    assert counts.asked == [None, None, ["1"], ["1"], None]


def test_what_is_free_is_with_advertisements_or_without_whatever_else_was_asked_for() -> None:
    rental = (OfferType.RENTAL,)

    assert Filters().wanted_offers == ()
    assert Filters(availability_types=rental).wanted_offers == rental
    assert Filters(availability_types=rental, free_only=True).wanted_offers == (
        OfferType.FREE,
        OfferType.ADS,
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"platforms": ("netflix",)},
        {"region": ("US",)},
        {"free_only": True},
        {"availability_types": ("rental",)},
        {"languages": ("fr",)},
        {"leaving_days": 7},
        {"added_days": 7},
    ],
)
def test_each_filter_of_offers_alone_asks_for_an_offer(asked: dict[str, Any]) -> None:
    assert Filters.model_validate(asked).about_offers
    assert not Filters(genres=("Drama",), year_from=1990, blocked_genres=("War",)).about_offers


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("year_from", 1870, 2100),
        ("year_to", 1870, 2100),
        ("min_runtime", 1, 6000),
        ("max_runtime", 1, 6000),
        ("min_rating", 0, 10),
        ("max_rating", 0, 10),
        ("min_data_quality_score", 0, 1),
        ("leaving_days", 1, 90),
        ("added_days", 1, 365),
    ],
)
def test_a_number_is_taken_up_to_its_limits_and_refused_beyond_by_its_name(
    name: str, least: int, most: int
) -> None:
    assert [getattr(posted({name: value}), name) for value in (least, most)] == [least, most]

    for value in (least - 1, most + 1):
        with pytest.raises(InvalidInputError) as refused:
            posted({name: value})
        assert [issue.field for issue in refused.value.issues] == [f"filters.{name}"]


@pytest.mark.parametrize(
    ("name", "value", "most"),
    [
        ("genres", "Drama", 22),
        ("blocked_genres", "Drama", 22),
        ("platforms", "netflix", 50),
        ("region", "US", 50),
        ("years", "1990s", 20),
        ("languages", "fr", 20),
        ("keywords", "heist", 20),
        ("creators", "Varda", 20),
    ],
)
def test_a_list_is_taken_up_to_its_length_and_refused_beyond_by_its_name(
    name: str, value: str, most: int
) -> None:
    assert getattr(posted({name: [value] * most}), name) == (value,) * most

    with pytest.raises(InvalidInputError) as refused:
        posted({name: [value] * (most + 1)})
    assert [issue.field for issue in refused.value.issues] == [f"filters.{name}"]
