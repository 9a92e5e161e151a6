"""Questions, and what the grammar reads from them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalog.values import ContentType, OfferType
from shared.search.intent.model import Intent, Kind, Person, Purpose, Range, Role
from shared.search.intent.understand import understand
from shared.search.intent.vocabulary import Names

YEAR = 2026
TITLES = ("Arrival", "Heat", "Ronin", "1917", "The Matrix", "The Dark Knight", "Scary Movie 3")
PEOPLE = ("Tom Hanks", "Brad Pitt", "Christopher Nolan", "Cher")
NAMES = Names(TITLES, PEOPLE)
SAID = (
    "movies like Arrival but funny under 2 two hours on hulu with from the 90s before 2000 rated "
    "pg 13 not free leaving soon and a half tom hanks directed by above 7 / stars nineteen + - 1h30"
)
WORDS = st.sampled_from(SAID.split())


def ask(text: str) -> Intent:
    return understand(text, NAMES, year=YEAR)


def values(text: str, kind: Kind) -> list[Any]:
    return list(ask(text).values(kind))


def test_the_question_of_the_specification_is_read_by_rules_alone() -> None:
    question = "movies like Arrival but funny under 2 hours on hulu"

    intent = ask(question)

    said = {one.kind: question[one.span.start : one.span.end] for one in intent.found}
    assert intent.references == ("Arrival",)
    assert intent.moods == ("funny",)
    assert list(intent.values(Kind.RUNTIME)) == [Range(None, 120)]
    assert list(intent.values(Kind.PLATFORM)) == ["hulu"]
    assert said[Kind.RUNTIME] == "under 2 hours"
    assert said[Kind.REFERENCE] == "like Arrival"
    assert (intent.purpose, intent.residual) == (Purpose.RECOMMENDATION, "")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("90s comedies", 1990, 1999),
        ("comedies from the late 1980's", 1987, 1989),
        ("early nineties dramas", 1990, 1993),
        ("the nineteen seventies", 1970, 1979),
        ("20s movies", 2020, 2029),
        ("westerns before 2000", None, 1999),
        ("westerns before the 60s", None, 1959),
        ("dramas since 2015", 2015, None),
        ("dramas after the 90s", 2000, None),
        ("between 1995 and 1990", 1990, 1995),
        ("movies 1990-1995", 1990, 1995),
        ("2010 or later", 2010, None),
        ("in 1994", 1994, 1994),
        ("nineteen ninety four crime films", 1994, 1994),
        ("films of two thousand and ten", 2010, 2010),
        ("the last five years", 2021, 2026),
        ("in the past decade", 2016, 2026),
        ("this year", 2026, 2026),
        ("classic westerns", None, 1979),
        ("recent westerns", 2024, None),
        ("old westerns", None, 1996),
        ("westerns of last year", 2025, 2025),
        ("past year comedies", 2025, 2026),
        ("dramas within the last 2 decades", 2006, 2026),
        ("westerns until 1960", None, 1960),
        ("1960 or earlier", None, 1960),
        ("newer than the 90s", 2000, None),
        ("mid 80s westerns", 1984, 1986),
        ("30s westerns", 1930, 1939),
        ("two thousands comedies", 2000, 2009),
        ("movies 1994", 1994, 1994),
        ("the 1994 remake", 1994, 1994),
        ("films of the year 2031", 2031, 2031),
        ("in 1888", 1888, 1888),
    ],
)
def test_years_are_read_as_they_are_said(text: str, low: int | None, high: int | None) -> None:
    assert values(text, Kind.YEARS) == [Range(low, high)]


@pytest.mark.parametrize("text", ["two thousand comedies", "of two thousand and comedies"])
def test_a_year_in_words_ends_where_its_words_do(text: str) -> None:
    assert values(text, Kind.YEARS) == [Range(2000, 2000)]
    assert values(text, Kind.GENRE) == [("Comedy",)]


@pytest.mark.parametrize(
    "text",
    [
        "1917",
        "blade runner 2049",
        "2001 a space odyssey",
        "the new world",
        "1994 robots",
        "the old robots",
        "films of the year 2032",
        "in 1887",
    ],
)
def test_numbers_and_words_of_titles_are_no_years(text: str) -> None:
    assert values(text, Kind.YEARS) == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("under two hours", None, 120),
        ("no longer than 90 minutes", None, 90),
        ("90 minutes or less", None, 90),
        ("at least 2.5 hours", 150, None),
        ("over an hour and a half", 90, None),
        ("less than 1h30", None, 90),
        ("under two hours and ten minutes", None, 130),
        ("a 100 minute movie", 85, 115),
        ("something short", None, 90),
        ("anything short", None, 90),
        ("long dramas", 150, None),
    ],
)
def test_lengths_are_read_in_minutes(text: str, low: int | None, high: int | None) -> None:
    assert values(text, Kind.RUNTIME) == [Range(low, high)]


def test_what_lasts_no_minute_or_over_a_hundred_hours_is_no_length() -> None:
    assert values("under 1 minute or under 100 hours", Kind.RUNTIME) == [
        Range(None, 1),
        Range(None, 6000),
    ]
    assert values("under 0 minutes or under 6001 minutes", Kind.RUNTIME) == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("rated R thrillers", 3, 3),
        ("r rated thrillers", 3, 3),
        ("pg-13", 2, 2),
        ("PG-13 or lower", None, 2),
        ("tv-ma shows", 3, 3),
        ("kid friendly", None, 1),
        ("for my 6 year old", None, 0),
        ("for 15 year olds", None, 2),
        ("for adults only", 3, None),
    ],
)
def test_certificates_and_audiences_are_ranks(text: str, low: int | None, high: int) -> None:
    assert values(text, Kind.MATURITY) == [Range(low, high)]


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("rated above 7", 7),
        ("imdb rating over 8.5", 8.5),
        ("7/10 westerns", 7),
        ("8 or higher", 8),
        ("4 stars or more", 8),
        ("3.5 out of 5", 7),
        ("critically acclaimed", 7),
        ("a masterpiece", 8),
        ("with a rating of at least 6", 6),
    ],
)
def test_viewers_ratings_are_of_ten(text: str, low: float) -> None:
    assert values(text, Kind.RATING) == [Range(low, None)]


@pytest.mark.parametrize("text", ["above 7 seas", "12 angry men", "the magnificent seven"])
def test_a_bare_number_is_no_rating(text: str) -> None:
    assert values(text, Kind.RATING) == []


@pytest.mark.parametrize(
    ("text", "platforms"),
    [
        ("on Netflix or Hulu", ["netflix", "hulu"]),
        ("comedies on disney+", ["disney_plus"]),
        ("amazon prime westerns", ["prime_video"]),
        ("on prime", ["prime_video"]),
        ("something on max", ["hbo_max"]),
        ("apple tv+ shows", ["apple_tv_plus"]),
        ("mad max", []),
        ("apple pie", []),
        ("amazon women on the moon", []),
    ],
)
def test_platforms_are_read_where_they_can_be_nothing_else(text: str, platforms: list[str]) -> None:
    assert values(text, Kind.PLATFORM) == platforms


def test_terms_countries_and_ends_of_offers_are_read() -> None:
    assert values("free movies on tubi", Kind.OFFER) == [(OfferType.FREE, OfferType.ADS)]
    assert values("westerns to rent", Kind.OFFER) == [(OfferType.RENTAL,)]
    assert values("born free", Kind.OFFER) == []
    assert values("available in Germany", Kind.REGION) == ["DE"]
    assert values("dramas on netflix uk", Kind.REGION) == ["GB"]
    assert values("a film set in france", Kind.REGION) == []
    assert values("netflix or hulu", Kind.REGION) == []
    assert values("leaving soon", Kind.LEAVING) == [30]
    assert values("expiring in 5 days", Kind.LEAVING) == [5]
    assert values("leaving netflix this week", Kind.LEAVING) == [7, 7]
    assert values("leaving las vegas", Kind.LEAVING) == []
    assert values("new on netflix", Kind.ADDED) == [30]


def test_genres_moods_languages_and_kinds_are_read() -> None:
    assert values("romantic comedies", Kind.GENRE) == [("Romance", "Comedy")]
    assert values("sci-fi shows", Kind.GENRE) == [("Science Fiction",)]
    assert values("feel-good tv series", Kind.MOOD) == ["uplifting"]
    assert values("korean dramas", Kind.LANGUAGE) == ["ko"]
    assert values("the french connection", Kind.LANGUAGE) == []
    assert values("tv shows", Kind.CONTENT) == [ContentType.SERIES]
    assert values("show me westerns", Kind.CONTENT) == []
    assert values("most popular dramas", Kind.SORT) == ["most_popular"]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("tom hanks comedies", [Person("Tom Hanks")]),
        (
            "with tom hanks and brad pitt",
            [Person("Tom Hanks", Role.ACTOR), Person("Brad Pitt", Role.ACTOR)],
        ),
        ("directed by christopher nolan", [Person("Christopher Nolan", Role.DIRECTOR)]),
        ("starring greta lee in drama", [Person("greta lee", Role.ACTOR)]),
        ("with Toni Servillo", [Person("Toni Servillo", Role.ACTOR)]),
        ("starring servillo, buy", [Person("servillo", Role.ACTOR)]),
        ("with cher", [Person("Cher", Role.ACTOR)]),
        ("cher", []),
        ("movies with happy endings", []),
        ("with vampires in high school", []),
    ],
)
def test_people_are_read_where_they_are_announced_or_known(text: str, people: list[Person]) -> None:
    assert list(ask(text).people) == people


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("something similar to the matrix", ["The Matrix"]),
        ("like Heat and Ronin", ["Heat", "Ronin"]),
        ("shows like the crown on netflix", ["the crown"]),
        ("series like the crown or heat with cher", ["the crown", "Heat"]),
        ("like the girl with the dragon tattoo from the 90s", ["the girl with the dragon tattoo"]),
        (
            "like one two three four five six seven eight nine ten eleven twelve",
            ["one two three four five six seven eight nine ten"],
        ),
        ("i would like a comedy", []),
        ("i like horror", []),
        ("what is it like", []),
    ],
)
def test_references_end_where_something_else_begins(text: str, references: list[str]) -> None:
    assert list(ask(text).references) == references


def test_what_is_not_wanted_is_marked() -> None:
    found = {
        (one.kind, one.value)
        for one in ask("no horror, not on hulu, not too scary").found
        if one.excluded
    }

    assert found == {(Kind.GENRE, ("Horror",)), (Kind.PLATFORM, "hulu"), (Kind.MOOD, "scary")}


def test_a_question_that_is_a_title_is_nothing_else() -> None:
    for title in TITLES:
        intent = ask(title)
        assert (intent.found, intent.purpose, intent.search_text) == ((), Purpose.NAVIGATION, title)


def test_a_title_beside_filters_keeps_its_words() -> None:
    intent = ask("the dark knight on netflix")

    assert list(intent.values(Kind.PLATFORM)) == ["netflix"]
    assert (intent.moods, intent.search_text) == ((), "the dark knight")


@pytest.mark.parametrize(
    ("text", "residual", "search_text"),
    [
        ("show me a movie about a robot", "a robot", "a robot"),
        ("the office", "the office", "the office"),
        ("the office on netflix", "the office", "the office"),
        ("robots directed by christopher nolan", "robots", "robots christopher nolan"),
        ("robots against arrival on hulu", "robots against arrival", "robots against arrival"),
        ("dark heist thrillers with Tom Hanks", "", "dark heist thriller Tom Hanks"),
        ("what are some movies", "", ""),
        ("time travel without violence", "time travel", "time travel"),
        ("Spider-Man on hulu", "Spider-Man", "Spider-Man"),
        ("E.T. & friends, in 1982", "E.T. & friends", "E.T. & friends"),
        ("", "", ""),
        ("?!", "?!", "?!"),
    ],
)
def test_what_is_left_reads_as_it_was_given(text: str, residual: str, search_text: str) -> None:
    intent = ask(text)

    assert (intent.residual, intent.search_text) == (residual, search_text)


def test_words_beyond_those_that_are_read_are_searched_for() -> None:
    intent = ask("on hulu " + "1a" * 160 + " the end")

    assert list(intent.values(Kind.PLATFORM)) == ["hulu"]
    assert intent.search_text.endswith("1a the end")


def test_purpose_follows_from_how_it_is_asked() -> None:
    assert ask("what is the name of the film where a man ages backwards").purpose is Purpose.TRIVIA
    assert ask("recommend a western").purpose is Purpose.RECOMMENDATION
    assert ask("westerns").purpose is Purpose.SEARCH


def test_confidence_grows_with_what_was_read() -> None:
    assert ask("robots").confidence == 0.5
    assert ask("robot westerns").confidence == 0.75
    assert ask("westerns on netflix").confidence == 1


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=500), st.lists(WORDS, max_size=60).map(" ".join)))
def test_any_text_is_understood_the_same_way_twice_with_spans_that_do_not_overlap(
    text: str,
) -> None:
    intent = ask(text)

    assert intent == ask(text)
    ends = 0
    for one in intent.found:
        assert ends <= one.span.start < one.span.end <= len(text)
        ends = one.span.end
    assert 0.5 <= intent.confidence <= 1
