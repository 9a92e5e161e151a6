"""What is given up of filters that were read, and in which order."""

from shared.catalog.values import GENRES
from shared.search.intent.model import Kind
from shared.search.understanding.relaxing import SIBLINGS, ladder
from tests.unit.search.understanding.known import understood

WISH = "90s horror series above 7 on hulu but no comedies, pg-13 or lower"


def test_years_go_first_then_genres_widen_then_the_rest_goes() -> None:
    steps = ladder(understood(WISH), elsewhere=False)
    assert [sorted(step.kinds) for step in steps] == [
        ["years"],
        ["genre", "years"],
        ["content", "genre", "rating", "years"],
    ]
    assert steps[1].filters.genres == ("Horror", "Thriller", "Mystery")


def test_where_it_can_be_watched_goes_first_where_it_goes_at_all() -> None:
    here = ladder(understood(WISH), elsewhere=False)
    elsewhere = ladder(understood(WISH), elsewhere=True)

    assert all(step.filters.platforms == ("hulu",) for step in here)
    assert elsewhere[0].kinds == {Kind.PLATFORM}
    assert elsewhere[0].filters.year_from == 1990


def test_what_must_not_be_seen_stays() -> None:
    loosest = ladder(understood(WISH), elsewhere=True)[-1].filters
    assert loosest.blocked_genres == ("Comedy",)
    assert str(loosest.content_rating_limit) == "PG-13"


def test_what_the_request_itself_filters_by_stays() -> None:
    own = {"year_from": 1950, "genres": ["Horror"], "platforms": ["hulu"], "min_rating": 7}
    asked = understood(WISH, filters=own)
    loosest = ladder(asked, elsewhere=True)[-1].filters.model_dump(mode="json")

    assert {name: loosest[name] for name in own} == own


def test_without_anything_read_nothing_is_given_up() -> None:
    assert ladder(understood("linguist"), elsewhere=True) == []
    assert ladder(understood("linguist", filters={"year_from": 1950}), elsewhere=True) == []


def test_every_genre_has_siblings_that_are_genres() -> None:
    assert SIBLINGS.keys() == set(GENRES)
    assert all(near and genre not in near for genre, near in SIBLINGS.items())
    assert {each for near in SIBLINGS.values() for each in near} <= set(GENRES)
