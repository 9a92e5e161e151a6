"""Titles that are turned away before they are read, and those that may not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalog.values import ContentType
from shared.kernel.ids import CountingIds
from shared.kernel.text import title_key
from shared.matching.background import background
from shared.matching.blocks import kept_blocks, near_blocks
from shared.matching.directory import Directory
from shared.matching.facts import facts_of
from shared.matching.features import SAME_TITLE, compare_names, is_spelling, similarity
from shared.matching.outline import Outline
from shared.matching.resolve import resolve
from shared.matching.sieve import Found, _is_plainly_apart, is_worth_reading
from shared.matching.vetoes import PARTS, sequels_differ, veto
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    from shared.catalog.item import CanonicalItem

NAMES = (
    "Heat", "The Heat", "Heat 2", "Heat II", "Heatt", "Heat: Night", "Night", "Night Heat",
    "Night Heat Movie", "In the Heat of the Night", "Heart", "Redemption Alley",
)  # fmt: skip
TEXTS = (
    None,
    "A thief who means to retire meets the detective who has followed him for years in the city.",
    "Two sisters inherit a lighthouse and find letters that nobody was ever supposed to read.",
)
SAID = st.fixed_dictionaries(
    {
        "title": st.sampled_from(NAMES),
        "original_title": st.sampled_from((None, "Heat", "La notte")),
        "release_year": st.sampled_from((None, 1994, 1995, 1996, 1997, 2013)),
        "runtime_minutes": st.sampled_from((None, 100, 168, 170)),
        "genres": st.sampled_from(((), ("Crime", "Drama"), ("Comedy",))),
        "countries": st.sampled_from(((), ("US",), ("FR",))),
        "overview": st.sampled_from(TEXTS),
        "credits": st.sampled_from(((), item().credits)),
    }
)


def found(one: CanonicalItem) -> Found:
    """Return what finding a stored title brings along."""
    names = [name for name in (one.title, one.original_title) if name]
    return Found(Outline.of(names, one.overview), one.release_year, one.runtime_minutes)


@given(SAID, SAID)
@settings(max_examples=300)
def test_a_title_that_is_turned_away_would_be_neither_joined_nor_asked_about(
    said: dict[str, Any], stored: dict[str, Any]
) -> None:
    one, other = bare("hulu", "1", **said), bare("netflix", "2", **stored)
    by_name = bool(set(facts_of(one).keys) & set(facts_of(other).keys))
    apart = abs((one.release_year or 0) - (other.release_year or 0))
    is_far = None not in (one.release_year, other.release_year) and apart > 1
    if is_far and not by_name:
        return  # is not found
    if is_worth_reading(facts_of(one), found(other)):
        return
    directory, ids = Directory(), CountingIds(0)
    directory.add(ids.new(), facts_of(other))

    decision = resolve(one, directory, ids)

    assert (decision.is_new, decision.reviews) == (True, ())


@pytest.mark.parametrize("kind", ContentType)
def test_a_name_is_looked_for_in_any_year_among_all_types_that_may_be_one_title(
    kind: ContentType,
) -> None:
    asked = facts_of(bare("hulu", "1", content_type=kind, release_year=1960))

    def meets(other: ContentType) -> bool:
        kept = facts_of(bare("netflix", "2", content_type=other, release_year=2020))
        blocks = set(kept_blocks(kept.keys, kept.family, kept.year))
        near = near_blocks(asked.keys, asked.family, asked.year)
        return any(one.block in blocks and one.since <= 2020 <= one.until for one in near)

    def forbidden(other: ContentType) -> bool:
        kept = facts_of(bare("netflix", "2", content_type=other))
        return veto(asked, kept, ("heat", "heat")) in {"type", "part"}

    alike = {other for other in ContentType if meets(other)} - PARTS
    assert kind in PARTS or alike == {other for other in ContentType if not forbidden(other)}


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_share_of_words_is_below_another_as_counting_them_all_says(left: str, right: str) -> None:
    common, one, other = background(), title_key(left), title_key(right)

    for share in (0.3, 0.5, 0.65, 0.8):
        assert common.share_less(one, other, share) == (common.shared_words(one, other) < share)


def test_another_name_in_a_year_that_is_far_is_turned_away() -> None:
    heat = facts_of(bare("hulu", "1", "Heat", release_year=1995))

    assert not is_worth_reading(heat, Found(Outline.of(["The Heat"], None), 2013))


def test_a_remake_that_agrees_in_nothing_is_turned_away_and_one_dated_twice_is_read() -> None:
    film = facts_of(item(overview=TEXTS[1]))
    again = item(release_year=2003, overview=TEXTS[1])
    remake = item(release_year=2003, runtime_minutes=95, overview=TEXTS[2], credits=())

    assert is_worth_reading(film, found(again))
    assert not is_worth_reading(
        facts_of(remake), found(item(overview=TEXTS[1], runtime_minutes=170))
    )


def test_a_sequel_found_by_its_beginning_is_turned_away() -> None:
    rocky = facts_of(bare("hulu", "1", "Rocky"))

    assert not is_worth_reading(rocky, Found(Outline.of(["Rocky II"], None)))


def test_one_of_the_same_name_and_nearly_the_same_year_is_read_however_little_agrees() -> None:
    apart = item(release_year=1996, runtime_minutes=20, overview=TEXTS[2], genres=("Comedy",))

    assert is_worth_reading(facts_of(item(overview=TEXTS[1])), found(apart))


def test_another_name_of_which_the_rest_could_not_make_one_title_is_turned_away() -> None:
    long, short = (
        bare("hulu", "1", name, release_year=1995, runtime_minutes=minutes, overview=text)
        for name, minutes, text in (("Night Heat", 168, TEXTS[1]), ("Heat", 20, TEXTS[2]))
    )

    assert not is_worth_reading(facts_of(long), found(short))


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_names_that_are_plainly_apart_are_so_when_compared_in_full(left: str, right: str) -> None:
    one, other = facts_of(bare("hulu", "1", left)), facts_of(bare("netflix", "2", right))
    level, _, pair = compare_names(one, other)
    outline = Outline.of([right], None)

    assert _is_plainly_apart(one, outline) <= (level == "other")
    assert is_worth_reading(one, Found(outline)) <= (level != "other" and not sequels_differ(pair))


@given(st.text(max_size=12), st.text(max_size=12))
def test_two_names_are_spellings_of_one_exactly_where_they_are_similar_enough(
    left: str, right: str
) -> None:
    assert is_spelling(left, right) == (similarity(left, right) >= SAME_TITLE)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.none() | st.text(max_size=200))
def test_an_outline_is_read_as_it_was_written(names: list[str], overview: str | None) -> None:
    made = Outline.of(names, overview)

    assert Outline.from_text(made.text()) == made
