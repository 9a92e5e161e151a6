"""How alike two titles are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.text import title_key
from shared.matching.blocks import (
    BlockIndex,
    asked_blocks,
    kept_blocks,
    near_blocks,
    stored_blocks,
)
from shared.matching.facts import Facts, segments_of
from shared.matching.features import similarity
from shared.matching.scorer import score
from shared.matching.vetoes import sequels_differ
from shared.matching.weights import learned

NAMES = st.text("abcdefgh ", min_size=1, max_size=12)


def facts(**given_: object) -> Facts:
    known: dict[str, object] = {"content_type": "movie", "keys": ("heat",), "year": 1995}
    return Facts(**{**known, **given_})  # type: ignore[arg-type]


def test_only_features_both_sides_know_count() -> None:
    left = facts(runtime=170, people=frozenset({"al pacino"}))
    right = facts(genres=frozenset({"Crime"}))

    assert set(score(left, right).features) == {"title", "year"}


def test_score_is_the_logistic_of_the_prior_and_what_each_feature_says() -> None:
    left = facts(year=1995, runtime=170, genres=frozenset({"Crime", "Drama"}))
    right = facts(year=1996, runtime=155, genres=frozenset({"Crime"}))

    found = score(left, right)

    log_odds = learned().prior + sum(found.features.values())
    assert found.value == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1e-3)


@pytest.mark.parametrize(
    ("closer", "farther"),
    [
        ({"year": 1995}, {"year": 1996}),
        ({"runtime": 170}, {"runtime": 120}),
        ({"genres": frozenset({"Crime"})}, {"genres": frozenset({"Romance"})}),
        ({"people": frozenset({"al pacino", "michael mann"})}, {"people": frozenset({"x"})}),
        ({"countries": frozenset({"US"})}, {"countries": frozenset({"FR"})}),
        ({"keys": ("heat",)}, {"keys": ("heap",)}),
    ],
)
def test_what_agrees_speaks_for_a_match_and_what_differs_against_it(
    closer: dict[str, object], farther: dict[str, object]
) -> None:
    known = facts(
        runtime=170,
        genres=frozenset({"Crime"}),
        people=frozenset({"al pacino", "michael mann"}),
        countries=frozenset({"US"}),
    )

    assert score(known, facts(**closer)).value > score(known, facts(**farther)).value


def test_the_best_of_all_names_counts() -> None:
    left = facts(keys=("money heist", "casa de papel"))
    right = facts(keys=("haus des geldes", "casa de papel"))

    assert score(left, right).pair == ("casa de papel", "casa de papel")


@given(NAMES, NAMES)
def test_similarity_is_symmetric_and_between_0_and_1(left: str, right: str) -> None:
    assert similarity(left, right) == pytest.approx(similarity(right, left))
    assert 0 <= similarity(left, right) <= 1


@pytest.mark.parametrize(
    ("left", "right", "differ"),
    [
        ("rocky", "rocky 2", True),
        ("rocky 2", "rocky 3", True),
        ("blade runner 2049", "blade runner 2049", False),
        ("fast and furious 6", "furious 6", False),
        ("ice age 2 meltdown", "ice age meltdown", False),
        ("friday 13th 7 new blood", "friday 13th new blood", False),
        ("ice age 2 meltdown", "ice age 3 meltdown", True),
        ("oceans eight", "oceans 8", False),
        ("taking of pelham 1 2 3", "taking of pelham 123", False),
        ("1917", "two lovers", True),
    ],
)
def test_sequel_numbers_must_agree(left: str, right: str, *, differ: bool) -> None:
    assert sequels_differ((left, right)) is differ


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("harry potter and sorcerers stone", "harry potter and sorcerer stone"),
        ("spider man far from home", "spiderman far from home"),
        ("silence of lambs", "silence of the lambs"),
        ("amelie", "ameli"),
    ],
)
def test_similar_titles_share_a_block_in_neighboring_years(left: str, right: str) -> None:
    assert similarity(left, right) >= 0.85

    for step in (-1, 0, 1):
        assert _meet(((left,), "film", 2001 + step), ((right,), "film", 2001))


def _meet(
    stored: tuple[tuple[str, ...], str, int | None], asked: tuple[tuple[str, ...], str, int | None]
) -> bool:
    """Tell whether a stored title is found by one that asks, each of keys, group and year."""
    kept: BlockIndex[str] = BlockIndex()
    kept.add(stored_blocks(*stored), stored[2], "stored")
    return bool(kept.find(asked_blocks(*asked)))


@pytest.mark.parametrize(
    ("whole", "part"),
    [("Hibana: Spark", "Hibana"), ("11M - Terror in Madrid", "11M"), ("CB4: The Movie", "CB4")],
)
def test_a_title_meets_those_named_like_a_part_of_it(whole: str, part: str) -> None:
    keys, parts = (title_key(whole),), segments_of((whole,))
    of_whole: BlockIndex[str] = BlockIndex()
    of_whole.add(stored_blocks(keys, "film", 2001, segments=parts), 2001, whole)
    of_part: BlockIndex[str] = BlockIndex()
    of_part.add(stored_blocks((title_key(part),), "film", 2001), 2001, part)

    assert of_whole.find(asked_blocks((title_key(part),), "film", 2002)) == {whole}
    assert of_part.find(asked_blocks(keys, "film", 2000, segments=parts)) == {part}


def test_names_that_only_begin_alike_do_not_meet() -> None:
    assert not _meet((("american gangster",), "film", 2007), (("ameris last stand",), "film", 2007))


@given(
    st.lists(st.sampled_from(("heat", "of", "the", "american", "2", "io")), min_size=1, max_size=5),
    st.sampled_from((1994, 1995, 1996)),
)
def test_equal_names_meet_where_years_are_near_and_types_may_be_one(
    words: list[str], year: int
) -> None:
    asked = ((" ".join(words),), "film", year)

    assert _meet((asked[0], "film", 1995), asked)
    assert _meet((asked[0], "unknown", 1995), asked)
    assert not _meet((asked[0], "season", 1995), asked)


def test_words_meet_in_any_year_or_only_where_it_is_near_or_unknown() -> None:
    asked = (("heat wave",), "film", 1995)
    kept: BlockIndex[int | None] = BlockIndex()
    for year in (None, 1950, 1994):
        kept.add(stored_blocks(("wave heat",), "film", year), year, year)

    assert kept.find(asked_blocks(*asked)) == {None, 1950, 1994}
    assert kept.find(near_blocks(*asked)) == {None, 1994}
    assert kept.find(near_blocks(("heat wave",), "film", None)) == {None, 1950, 1994}


def test_every_whole_name_meets_in_any_year_and_parts_of_names_only_near() -> None:
    names = ("heat", "la sfida", "hitze", "chaleur", "fuego", "the fifth name")
    parts = ("hibana", "spark")
    kept: BlockIndex[int | None] = BlockIndex()
    for year in (None, 1950, 1994):
        kept.add(kept_blocks(names, "film", year, segments=parts), year, year)

    assert kept.find(near_blocks(("the fifth name",), "film", 1995)) == {None, 1950, 1994}
    assert kept.find(near_blocks(("the fifth name",), "film", None)) == {None, 1950, 1994}
    assert kept.find(near_blocks(("la", "spark la"), "film", 1995, segments=("spark",))) == {1994}


def test_blocks_of_films_and_series_never_meet() -> None:
    assert not _meet((("fargo tales",), "film", 1996), (("fargo tales",), "series", 1996))
