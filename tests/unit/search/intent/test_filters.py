"""What was read, as filters."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalog.values import ContentType, OfferType
from shared.search.filters import Filters
from shared.search.intent.filters import filters_of, maturity_of
from shared.search.intent.model import CERTAIN, Range
from shared.search.intent.understand import understand
from shared.search.maturity import RatingLimit

SAID = (
    "horror|comedies|not dramas|on netflix|on hulu|from the 80s|before 1985|since 1990|in 1999|"
    "under 2 hours|over 3 hours|rated pg-13|above 7|8 or higher|for free|to rent|movies|tv shows|"
    "available in france"
)
PARTS = st.sampled_from(SAID.split("|"))


def read(text: str) -> Filters:
    return filters_of(understand(text, year=2026))


def test_one_question_fills_every_filter_it_speaks_of() -> None:
    question = (
        "romantic comedies and westerns on netflix uk from the 90s under 2 hours above 7 for free"
    )

    assert read(question) == Filters(
        genres=("Romance", "Comedy", "Western"),
        platforms=("netflix",),
        region=("GB",),
        free_only=True,
        year_from=1990,
        year_to=1999,
        max_runtime=120,
        min_rating=7,
    )


def test_decades_widen_and_limits_cut() -> None:
    assert read("80s and 90s dramas since 1985") == Filters(
        genres=("Drama",), year_from=1985, year_to=1999
    )


def test_a_contradiction_filters_by_nothing() -> None:
    assert read("dramas after 2000 before 1990") == Filters(genres=("Drama",))


def test_of_what_is_not_wanted_genres_are_blocked_and_the_rest_is_no_filter() -> None:
    read_ = read("comedies but no horror and not on hulu")
    assert read_ == Filters(genres=("Comedy",), blocked_genres=("Horror",))


def test_limits_and_days_are_filters_too() -> None:
    assert read("rated pg-13 or lower").content_rating_limit is RatingLimit.PG_13
    assert read("rated pg-13 or lower").allow_unrated
    assert not read("with robert de niro").allow_unrated
    assert read("leaving netflix this week").leaving_days == 7
    assert read("just added dramas").added_days == 30
    assert read("in korean").languages == ("ko",)


def test_only_certain_reading_can_be_asked_for() -> None:
    intent = understand("western movies on hulu", year=2026)

    assert filters_of(intent).content_types == (ContentType.MOVIE,)
    assert filters_of(intent, least=CERTAIN) == Filters(genres=("Western",), platforms=("hulu",))


def test_a_documentary_film_may_be_kept_as_either() -> None:
    types = read("documentary films to buy")

    assert types.content_types == (ContentType.MOVIE, ContentType.DOCUMENTARY)
    assert types.availability_types == (OfferType.PURCHASE,)


def test_maturity_is_the_tightest_limit_read() -> None:
    assert maturity_of(understand("pg-13 or lower for kids", year=2026)) == Range(None, 1)
    assert maturity_of(understand("westerns", year=2026)) is None


@settings(max_examples=100, deadline=None)
@given(st.lists(PARTS, max_size=8).map(" ".join))
def test_whatever_is_read_makes_valid_filters(text: str) -> None:
    found = read(text)

    assert Filters.model_validate(found.model_dump()) == found
