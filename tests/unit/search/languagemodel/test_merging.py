"""What rules and a model say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.values import GENRES, ContentType
from shared.search.filters import Filters
from shared.search.intent.model import Kind, Purpose, Span
from shared.search.languagemodel.merging import merged
from shared.search.understanding.model import Strength, Understood
from tests.fakes.language_models import reading
from tests.unit.search.intent.questions import made
from tests.unit.search.understanding.known import NAMES, TITLES, id_of, understood

if TYPE_CHECKING:
    from shared.search.languagemodel.question import ReadQuestion
    from shared.search.understanding.model import Chip


def both(query: str, found: ReadQuestion, **asked: object) -> Understood:
    """Return what a question to the small catalog is taken for by both."""
    without = asked.get("without", ())
    assert isinstance(without, tuple)
    return merged(understood(query, **asked), found, without=without, names=NAMES)


def chip(found: Understood, id_: str) -> Chip:
    """Return the chip of this id."""
    return next(chip for chip in found.chips if chip.id == id_)


def said(found: Understood, id_: str) -> str:
    """Return the words that a chip stands for."""
    span = chip(found, id_).span
    return found.original[span.start : span.end]


def test_a_limit_that_words_say_is_hard_and_its_words_are_looked_for_no_more() -> None:
    query = "slow burning stuff that max has for me"
    found = both(query, reading(platforms=("hbo_max",)))

    assert understood(query).filters == Filters()
    assert found.filters == Filters(platforms=("hbo_max",))
    assert said(found, "platform:hbo-max") == "max"
    assert "max" not in found.text.split()
    assert [one.kind for one in found.found] == [Kind.PLATFORM]  # so that it can be relaxed


@pytest.mark.parametrize(
    "doubtful", [reading(platforms=("hulu",)), reading(platforms=("hbo_max",), confidence=0.75)]
)
def test_a_limit_that_no_words_say_or_nobody_is_sure_of_is_a_wish(doubtful: ReadQuestion) -> None:
    query = "slow burning stuff that max has for me"
    found, rules = both(query, doubtful), understood(query)

    assert (found.filters, found.text, found.found) == (rules.filters, rules.text, ())
    assert found.soft == Filters(platforms=doubtful.filters.platforms)
    assert [c.strength for c in found.chips if c.kind is Kind.PLATFORM] == [Strength.SOFT]


@pytest.mark.parametrize(
    ("words", "genre"),
    [("western", "Western"), ("romantic comedy", "Romance"), ("romantic comedy", "Comedy")],
)
def test_a_genre_that_rules_take_for_a_part_of_a_title_is_a_limit_where_its_words_stand(
    words: str, genre: str
) -> None:
    found = both(f"something like {words} and lost letters", reading(genres=(genre,)))

    assert found.filters == Filters(genres=(genre,))
    assert said(found, f"genre:{genre.lower()}") == words


def test_a_genre_is_no_limit_where_the_words_say_another_one() -> None:
    found = both("something like western and lost letters", reading(genres=("Drama",)))

    assert found.filters == Filters()
    assert found.soft == Filters(genres=("Drama",))


def test_what_no_words_say_is_said_of_the_whole_question_after_all_else() -> None:
    query = "films about lost letters since 1990"
    found = both(query, reading(genres=("Drama",), max_runtime=100))

    assert [c.id for c in found.chips][-2:] == ["genre:drama", "runtime:any-100"]
    assert chip(found, "genre:drama").span == Span(0, len(query))
    assert found.soft is not None
    assert (found.soft.year_from, found.soft.genres) == (1990, ("Drama",))


def test_rules_win_where_both_speak() -> None:
    query = "dramas on netflix since 1990 about lost letters"
    rules = understood(query)
    found = both(
        query, reading(genres=("Horror",), platforms=("hulu",), year_from=1950, year_to=1960)
    )

    assert found == rules


def test_what_the_request_filters_by_itself_holds() -> None:
    own = Filters(platforms=("hulu",), year_from=2001, free_only=True)
    found = both(
        "something with lost letters",
        reading(platforms=("netflix",), year_to=1990, free_only=True),
        filters=own.model_dump(),
    )
    assert (found.filters, found.soft, found.chips) == (own, None, ())


def test_moods_and_themes_are_more_to_look_for() -> None:
    query = "the one where letters get lost at the post office"
    found = both(query, reading(mood=("cheerful",), themes=("postal service", "letters")))

    assert found.text == f"{understood(query).text} uplifting postal service"
    assert [c.id for c in found.chips] == ["mood:letters", "mood:uplifting", "mood:postal-service"]
    assert said(found, "mood:letters") == "letters"


def test_a_mood_lifts_the_genres_it_is_mostly_found_in() -> None:
    found = both("that one where letters get lost", reading(mood=("funny",)))
    assert found.soft == Filters(genres=("Comedy",))
    assert found.filters == Filters()


def test_a_mood_that_is_not_wanted_is_not_wanted_by_a_model_either() -> None:
    query = "lost letters but not too scary please"
    assert both(query, reading(mood=("scary",))) == understood(query)


def test_a_name_of_a_title_gets_no_words_that_are_not_its_own() -> None:
    found = both("good will hunting on netflix", reading(themes=("therapy",), mood=("sad",)))
    assert found == understood("good will hunting on netflix")


def test_a_title_is_a_start_only_if_the_question_names_it_and_the_catalog_has_it() -> None:
    query = "anything with the atmosphere that heat had, long shots"
    wish = reading(intent="recommendation", references=("Heat", "Inception", "Zodiac"))
    found = both(query, wish)

    assert [seed.content_id for seed in found.seeds] == [id_of("Heat")]
    assert said(found, "reference:heat") == "heat"
    assert "heat" not in found.text.split()


@pytest.mark.parametrize(
    "guess",
    [
        reading(intent="search", references=("Blade Runner",)),
        reading(intent="recommendation", references=("Blade Runner",), confidence=0.79),
        reading(intent="recommendation", references=("Blade Runner",)),
    ],
)
def test_a_title_that_is_asked_for_is_never_taken_out_of_its_own_answer(
    guess: ReadQuestion,
) -> None:
    assert both("blade runner 2049 on netflix", guess).seeds == ()


def test_people_are_wished_for_if_the_question_names_them_and_the_catalog_has_them() -> None:
    names = ("tom hanks", "Michael Mann", "Toni Servillo")
    found = both("the tom hanks one about volleyballs", reading(people=names))

    assert found.soft == Filters(creators=("Tom Hanks",))
    assert found.filters == Filters()
    assert said(found, "person:tom-hanks") == "tom hanks"


def test_a_kind_of_which_one_holds_is_not_said_otherwise_once_it_was_taken_away() -> None:
    query = "letters lost in the war years"
    found = both(query, reading(year_from=1939, year_to=1945))
    assert [c.id for c in found.chips] == ["years:1939-1945"]

    away = both(query, reading(year_from=1939, year_to=1946), without=("years:1939-1945",))
    assert away == understood(query)


def test_a_documentary_is_a_genre_since_films_can_be_one() -> None:
    found = both("true stories of lost letters", reading(content_type="documentary"))
    assert found.soft == Filters(genres=("Documentary",))


def test_the_purpose_is_the_rules_own_where_they_have_one() -> None:
    trivia = reading(intent="trivia")
    assert both("that film with the lost letters", trivia).purpose is Purpose.TRIVIA
    assert both("recommend a film with lost letters", trivia).purpose is Purpose.RECOMMENDATION


said_words = st.sampled_from(
    ["Heat", "Arrival", "Tom Hanks", "max", "funny", "lost letters", "netflix", "x' OR 1=1", "1994"]
)
some = st.lists(said_words, max_size=3)
year = st.none() | st.integers(1900, 2030)
readings = st.builds(
    reading,
    intent=st.sampled_from(list(Purpose)),
    mood=some,
    themes=some,
    references=some,
    people=some,
    confidence=st.floats(0.7, 1),
    genres=st.lists(st.sampled_from(GENRES), max_size=2),
    platforms=st.lists(st.sampled_from(["netflix", "hulu", "hbo_max"]), max_size=2),
    year_from=year,
    year_to=year,
    content_type=st.none() | st.sampled_from(list(ContentType)),
    max_runtime=st.none() | st.integers(1, 300),
    free_only=st.none() | st.booleans(),
)
templates = st.sampled_from([" ".join(words) for words, _ in made(40)])
questions = templates | st.lists(said_words, min_size=1, max_size=6).map(" ".join)


@given(questions, readings)
def test_what_the_rules_read_and_the_request_says_stays(query: str, found: ReadQuestion) -> None:
    rules = understood(query)
    result = both(query, found)

    assert result.given == rules.given
    assert [c for c in rules.chips if c not in result.chips] == []
    set_by_rules = rules.filters.model_dump(exclude_defaults=True)
    assert set_by_rules.items() <= result.filters.model_dump(exclude_defaults=True).items()
    assert bool(result.text) >= bool(rules.text and not result.seeds)
    Filters.model_validate(result.filters.model_dump())
    Filters.model_validate((result.soft or result.filters).model_dump())


@given(questions, readings)
def test_merging_the_same_again_changes_nothing(query: str, found: ReadQuestion) -> None:
    once = both(query, found)
    assert merged(once, found, names=NAMES) == once


@given(questions, readings)
def test_who_takes_every_added_chip_away_has_what_the_rules_read(
    query: str, found: ReadQuestion
) -> None:
    rules, result = understood(query), both(query, found)
    own = {c.id for c in rules.chips}
    away = tuple(c.id for c in result.chips if c.id not in own)

    left = merged(rules, found, without=away, names=NAMES)
    assert (left.filters, left.soft, left.text) == (rules.filters, rules.soft, rules.text)
    assert (left.seeds, left.chips) == (rules.seeds, rules.chips)


@given(questions, readings)
def test_every_chip_stands_in_the_question(query: str, found: ReadQuestion) -> None:
    rules, result = understood(query), both(query, found)
    added = [c.id for c in result.chips if c not in rules.chips]
    assert len(added) == len({*added} - {c.id for c in rules.chips})
    for each in result.chips:
        assert 0 <= each.span.start <= each.span.end <= len(result.original)


def test_titles_of_the_small_catalog_are_known() -> None:
    assert all(NAMES.title_id(title.lower()) for title in TITLES)
