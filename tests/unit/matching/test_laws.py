"""What holds of resolution whatever is resolved, in whatever order."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalog.item import CanonicalItem, Credit
from shared.catalog.values import ContentType, CreditRole
from shared.kernel.ids import CountingIds
from shared.matching.directory import Directory
from shared.matching.facts import Facts, facts_of
from shared.matching.features import LEVELS, compare
from shared.matching.overview import resemblance, sketch
from shared.matching.resolve import resolve
from shared.matching.scorer import score
from shared.matching.vetoes import sequels_differ, types_differ, years_differ
from tests.unit.matching.items import bare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

NAMES = ("Heat", "The Heat", "Heat 2", "Heat II", "Heat: Director's Cut", "Ronin", "Ronan", "Héat")
PEOPLE = ("Michael Mann", "Al Pacino", "Robert De Niro")


@st.composite
def items(draw: st.DrawFn) -> CanonicalItem:
    """Return what some source says of one of a few titles that are easily mistaken."""
    names = draw(st.sets(st.sampled_from(PEOPLE), max_size=2))
    kinds = (ContentType.MOVIE, ContentType.SERIES, ContentType.DOCUMENTARY, ContentType.UNKNOWN)
    return bare(
        draw(st.sampled_from(("netflix", "hulu", "peacock"))),
        draw(st.uuids()).hex,
        draw(st.sampled_from(NAMES)),
        release_year=draw(st.none() | st.integers(1994, 1999)),
        content_type=draw(st.sampled_from(kinds)),
        runtime_minutes=draw(st.none() | st.sampled_from((90, 168, 170))),
        genres=tuple(draw(st.sets(st.sampled_from(("Crime", "Drama", "Comedy")), max_size=2))),
        credits=tuple(Credit(name=name, role=CreditRole.ACTOR) for name in sorted(names)),
        overview=draw(st.none() | st.just("A group of thieves feel the heat of the police." * 3)),
    )


PAGES = st.lists(items(), max_size=8, unique_by=lambda one: one.platform_content_id)


def clusters(
    page: Sequence[CanonicalItem], directory: Directory
) -> dict[UUID, list[CanonicalItem]]:
    """Return the items of a page by the title they went to."""
    found: defaultdict[UUID, list[CanonicalItem]] = defaultdict(list)
    ids = CountingIds(len(directory.facts) + 1)
    for one in page:
        found[resolve(one, directory, ids).content_id].append(one)
    return found


@settings(max_examples=40)
@given(PAGES)
def test_the_same_items_again_go_where_they_went_and_make_nothing_new(
    page: list[CanonicalItem],
) -> None:
    directory = Directory()
    first = clusters(page, directory)
    made = len(directory.facts)

    assert clusters(page, directory) == first
    assert len(directory.facts) == made


@settings(max_examples=60)
@given(PAGES)
def test_no_cluster_holds_a_film_and_a_series_or_numbers_that_differ(
    page: list[CanonicalItem],
) -> None:
    for members in clusters(page, Directory()).values():
        for left, right in combinations(map(facts_of, members), 2):
            assert not types_differ(left, right)
            pairs = ((a, b) for a in left.keys for b in right.keys)
            assert not all(sequels_differ(pair) for pair in pairs)


@settings(max_examples=60)
@given(PAGES)
def test_no_item_lies_more_than_a_year_from_the_year_of_its_title(
    page: list[CanonicalItem],
) -> None:
    directory = Directory()
    for content_id, members in clusters(page, directory).items():
        title = directory.facts[content_id]
        assert not any(years_differ(facts_of(one), title) for one in members)


@given(items(), items(), st.permutations([0, 1]))
def test_of_two_items_the_order_does_not_matter(
    one: CanonicalItem, other: CanonicalItem, order: list[int]
) -> None:
    pair = [one, other]

    def together(page: list[CanonicalItem]) -> bool:
        return len(clusters(page, Directory())) == 1

    assert together(pair) == together([pair[place] for place in order])


@given(items(), items())
def test_comparing_is_symmetric_and_a_probability(one: CanonicalItem, other: CanonicalItem) -> None:
    left, right = facts_of(one), facts_of(other)

    there, back = score(left, right), score(right, left)

    assert (there.value, there.features) == (back.value, back.features)
    assert set(there.pair) == set(back.pair)
    assert 0 <= there.value <= 1


@given(items(), items())
def test_every_level_is_a_known_one_and_unknown_features_have_none(
    one: CanonicalItem, other: CanonicalItem
) -> None:
    left, right = facts_of(one), facts_of(other)

    levels = compare(left, right).levels

    assert all(level in LEVELS[name] for name, level in levels.items())
    assert ("year" in levels) == (left.year is not None and right.year is not None)
    assert ("people" in levels) == bool(left.people and right.people)


WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=3), min_size=8, max_size=60, unique=True)


@given(WORDS, WORDS)
def test_resemblance_is_symmetric_and_one_for_the_same_words(
    left: list[str], right: list[str]
) -> None:
    one, other = sketch(" ".join(left)), sketch(" ".join(right))

    assert resemblance(one, other) == resemblance(other, one)
    assert resemblance(one, sketch(" ".join(reversed(left)))) == 1


def test_resemblance_estimates_the_share_of_common_words() -> None:
    words = [f"word{n}" for n in range(300)]
    shares = []
    for start in range(0, 100, 5):
        left, right = words[start : start + 100], words[start + 50 : start + 150]
        shares.append(resemblance(sketch(" ".join(left)), sketch(" ".join(right))))

    assert abs(sum(shares) / len(shares) - 50 / 150) < 0.08  # 20 samples of 24


def test_a_short_overview_says_nothing() -> None:
    assert sketch("A film.") == sketch(None) == ()


def test_facts_join_without_losing_what_was_known() -> None:
    known = Facts("unknown", ("heat",), year=1995, genres=frozenset({"Crime"}))
    said = Facts("movie", ("hitze", "heat"), year=1996, runtime=170, genres=frozenset({"Drama"}))

    joined = known.joined(said)

    assert (joined.content_type, joined.keys) == ("movie", ("heat", "hitze"))
    assert (joined.year, joined.runtime) == (1995, 170)
    assert joined.genres == {"Crime", "Drama"}
