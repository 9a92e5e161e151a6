"""Titles by their words, against what can be read off one title at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.text import title_key
from shared.search.ports import Asked, Hit
from shared.search.resident.postings import share
from shared.search.resident.rows import Mask, Rows, TitleRow
from shared.search.resident.words import WordIndex, retrieve
from shared.search.words import MIN_PREFIX, telling_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

VOCABULARY = ("ali", "alien", "aliens", "al", "star", "wars", "x", "京都")
TEXTS = st.lists(st.sampled_from([*VOCABULARY, "the", "sta"]), max_size=4).map(" ".join)


@dataclass(frozen=True)
class Part:
    """What words need of a part."""

    ids: Sequence[str]
    words: WordIndex
    popularity: npt.NDArray[np.float32]
    alive: Mask


def part_of(titles: Sequence[TitleRow], dead: Collection[str] = ()) -> Part:
    """Return a part as it comes out of a file."""
    return Part(
        [title.id for title in titles],
        WordIndex.from_arrays(WordIndex.build(titles).arrays()),
        np.array([title.popularity for title in titles], np.float32),
        np.array([title.id not in dead for title in titles], np.bool_),
    )


def title(number: int, name: str = "Rim", **changes: object) -> TitleRow:
    """Return a title whose words are those of its name, and what ``changes`` make of it."""
    key = title_key(name)
    words = dict.fromkeys(key.split(), "A")
    made = {"key": key, "keys": (key,), "words": words, **changes}
    return TitleRow(id=str(UUID(int=number)), title=name, **made)  # type: ignore[arg-type]


def found(text: str, *parts: Part, limit: int = 100, out: Collection[str] = ()) -> list[Hit]:
    """Return what words find among titles that are not ``out``."""

    def passing(number: int, rows: Rows) -> Mask:
        return np.array([parts[number].ids[row] not in out for row in rows], np.bool_)

    return retrieve(parts, Asked(text), passing, limit=limit)


def numbers(hits: Sequence[Hit]) -> list[int]:
    """Return the numbers that `title` was given."""
    return [UUID(hit.content_id).int for hit in hits]


@dataclass(frozen=True)
class Reader:
    """Reads titles one by one for what a text asks."""

    text: str

    @property
    def words(self) -> list[str]:
        """What is asked for."""
        return telling_words(self.text)

    def said(self, read: TitleRow) -> list[bool]:
        """Tell of each word whether a title has it, the last one perhaps begun only."""
        whole = [word in read.words for word in self.words]
        if len(self.words[-1]) >= MIN_PREFIX:
            whole[-1] = any(word.startswith(self.words[-1]) for word in read.words)
        return whole

    def some(self, read: TitleRow, *, is_title: bool) -> bool:
        """Tell whether a title has enough of the words, of a title's name one in its own."""
        had = [read.words[word] for word in self.words if word in read.words]
        return len(had) >= (2 if len(self.words) > 2 else 1) and (
            not is_title or "A" in "".join(had)
        )

    def order(self, read: TitleRow) -> tuple[float | str, ...]:
        """Return what a title is sorted by, the least first."""
        rank = np.float32(0)
        for word in sorted(self.words):
            rank = np.float32(float(rank) + (share(read.words[word]) if word in read.words else 0))
        rank = rank / np.float32(len(self.words)) * (np.float32(1) + np.float32(read.prior))
        exact = title_key(self.text) in read.keys
        return -exact, -sum(self.said(read)), -float(rank), -read.popularity, read.id

    def hit(self, read: TitleRow) -> Hit:
        """Return what is said of a title."""
        key = title_key(self.text)
        names = (read.key, *read.keys, read.called or "")
        phrase = any(f" {key} " in f" {name} " for name in names)
        return Hit(read.id, key in read.keys, phrase, all(self.said(read)))


def expected(text: str, titles: Sequence[TitleRow]) -> tuple[list[TitleRow], Reader]:
    """Return the titles that a text finds, best first."""
    reader = Reader(text)
    if not reader.words:
        return [], reader
    strict = [read for read in titles if all(reader.said(read))]
    is_title = any(title_key(text) in read.keys for read in titles)
    matched = [
        read
        for read in titles
        if title_key(text) in read.keys
        or read in strict
        or (len(strict) < 20 and reader.some(read, is_title=is_title))
    ]
    return sorted(matched, key=reader.order), reader


@st.composite
def catalogs(draw: st.DrawFn) -> list[TitleRow]:
    """Draw titles of few words, so that many tie."""
    names = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(" ".join)
    letters = st.text("ABCD", min_size=1, max_size=4)
    drawn = st.tuples(
        names,
        st.dictionaries(st.sampled_from(VOCABULARY), letters, max_size=5),
        st.sampled_from([(0.0, 0.0), (0.25, 0.3), (0.25, 1.0), (0.5, 0.3)]),
        st.lists(names.map(title_key), max_size=2),
    )
    ids = draw(st.permutations(range(60)))
    return [
        title(
            number,
            name,
            words=words,
            popularity=popularity,
            prior=prior,
            keys=(title_key(name), *more),
        )
        for number, (name, words, (popularity, prior), more) in zip(
            ids, draw(st.lists(drawn, max_size=60)), strict=False
        )
    ]


@given(catalogs(), TEXTS, st.integers(1, 70), st.data())
def test_titles_come_as_they_do_when_they_are_read_one_by_one(
    titles: list[TitleRow], text: str, limit: int, data: st.DataObject
) -> None:
    every = st.sampled_from([title.id for title in titles] or [""])
    out, dead = data.draw(st.sets(every)), data.draw(st.sets(every, max_size=3))
    middle = data.draw(st.integers(0, len(titles)))
    parts = [part_of(titles[:middle], dead), part_of(titles[middle:], dead)]

    order, reader = expected(text, [read for read in titles if read.id not in dead])

    passed = [reader.hit(read) for read in order if read.id not in out]
    assert found(text, *parts, limit=limit, out=out) == passed[:limit]


@pytest.mark.parametrize(("complete", "loose"), [(19, 1), (20, 0)])
def test_some_of_the_words_are_enough_where_few_titles_have_every_word(
    complete: int, loose: int
) -> None:
    strict = [title(number, "Star Wars") for number in range(complete)]

    hits = found("wars star", part_of(strict[:9]), part_of([*strict[9:], title(99, "Wars")]))

    assert [hit.complete for hit in hits] == [True] * complete + [False] * loose


@pytest.mark.parametrize(("dead", "finds"), [(set[str](), [3, 2]), ({str(UUID(int=3))}, [2, 1])])
def test_where_the_question_is_a_title_some_of_its_words_are_enough_only_in_a_name(
    dead: set[str], finds: list[int]
) -> None:
    told = title(1, "Heat", words={"heat": "A", "star": "DDDD"})
    named = title(2, "Star", words={"star": "A", "heat": "D"})
    parts = part_of([title(3, "Star Wars")], dead), part_of([told, named])

    assert numbers(found("star wars", *parts)) == finds


def test_titles_that_fail_a_filter_do_not_make_the_rest_few() -> None:
    part = part_of([*(title(number, "Star Wars") for number in range(20)), title(99, "Star")])

    hits = found("star wars", part, out={str(UUID(int=number)) for number in range(1, 20)})

    assert numbers(hits) == [0]


def test_titles_that_are_gone_do() -> None:
    titles = [*(title(number, "Star Wars") for number in range(20)), title(99, "Star")]

    hits = found("star wars", part_of(titles, dead={titles[0].id}))

    assert numbers(hits) == [*range(1, 20), 99]


def test_among_equals_the_more_popular_come_first_and_then_those_of_lesser_ids() -> None:
    titles = [title(9 - number) for number in range(9)] + [title(77, popularity=0.75)]

    assert numbers(found("rim", part_of(titles), limit=3)) == [77, 1, 2]


def test_the_last_word_may_be_begun_but_only_a_whole_one_makes_a_rank() -> None:
    begun = title(1, "Aliens", popularity=1.0)
    whole = title(2, "Alien", popularity=0.0)

    hits = found("alien", part_of([begun, whole]))

    assert numbers(hits) == [2, 1]
    assert [(hit.exact, hit.complete) for hit in hits] == [(True, True), (False, True)]
    assert numbers(found("al", part_of([begun, whole]))) == []


def test_of_titles_that_say_as_much_the_better_known_comes_first_but_never_before_a_name() -> None:
    unknown, known = title(1, "Emma Mae", prior=0.0), title(2, "Alex Emma", prior=0.6)
    famous = title(3, "Clueless", words={"emma": "D"}, prior=1.0)

    assert numbers(found("emma", part_of([unknown, famous, known]))) == [2, 1, 3]


def test_words_that_follow_one_another_within_a_title_are_a_phrase() -> None:
    within = title(1, "National Lampoon's Christmas Vacation")
    apart = title(2, "Vacation at Christmas")
    part = title(3, "Christmas Vacations")

    hits = found("christmas vacation", part_of([within, apart, part]))

    assert {UUID(hit.content_id).int for hit in hits if hit.phrase} == {1}
    assert all(hit.complete for hit in hits)


def test_another_name_of_a_title_is_a_title_and_what_goes_on_is_said() -> None:
    named = title(1, "Le Fabuleux Destin", keys=("fabuleux destin", "amelie"), words={})
    longer = title(2, "Amélie Poulain")

    hits = found("Amélie", part_of([longer, named]))

    assert hits == [
        Hit(named.id, exact=True, phrase=True),
        Hit(longer.id, phrase=True, complete=True),
    ]


def test_a_phrase_may_be_in_any_name_that_a_title_goes_by_and_in_no_two_of_them() -> None:
    other = title(1, "First Blood", keys=("first blood", "rambo first blood"))
    called = title(2, "The Empire Strikes Back", called="star wars")
    both = title(3, "War", keys=("war", "games"))

    part = part_of([other, called, both])

    assert [hit.phrase for hit in found("rambo first", part)] == [True]
    assert [hit.phrase for hit in found("star wars", part)] == []
    assert [hit.phrase for hit in found("war games", part)] == [False]


def test_hard_filters_are_asked_for_more_each_time_until_there_are_enough() -> None:
    part = part_of([title(number) for number in range(1000)])
    asked: list[Rows] = []

    def last_ones(_: int, rows: Rows) -> Mask:
        asked.append(rows)
        return rows >= 600

    hits = retrieve([part], Asked("rim"), last_ones, limit=5)

    assert numbers(hits) == [600, 601, 602, 603, 604]
    assert [len(rows) for rows in asked] == [10, 30, 120, 480]
    assert np.concatenate(asked).tolist() == [*range(640)], "the best first, and none twice"


def test_words_that_nobody_has_ask_for_nothing() -> None:
    part = part_of([title(1)])

    assert found("京都", part) == []
    assert found("?!", part) == []
    assert found("京都", part_of([])) == []


def test_what_was_read_from_a_file_is_not_copied() -> None:
    arrays = WordIndex.build([title(1), title(2, "Star Wars")]).arrays()

    read = WordIndex.from_arrays(arrays).arrays()

    assert all(np.shares_memory(read[name], arrays[name]) for name in arrays)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("standing", "2 titles, 1 by"), ("postings.rows", "for 2 rows"), ("postings.starts", "of 3")],
)
def test_an_index_that_is_cut_off_is_refused(name: str, complaint: str) -> None:
    arrays = WordIndex.build([title(1), title(2, "Star Wars")]).arrays()

    with pytest.raises(ValueError, match=complaint):
        WordIndex.from_arrays(arrays | {name: arrays[name][:-1]})


def test_a_word_counts_where_it_weighs_most_and_less_with_each_repetition() -> None:
    assert share("A") == pytest.approx(1 / 1.64493406685)
    assert share("DA") == pytest.approx((1 + 0.1 + 1 / 4 - 1 / 4) / 1.64493406685)
    assert share("AAD") == pytest.approx((1 + 1 + 1 / 4 + 0.1 / 9 - 1) / 1.64493406685)
    assert share("") == share("D")


def test_there_may_be_more_ways_to_occur_than_two_bytes_name() -> None:
    ways = ["".join(way) for way in islice(product("ABCD", repeat=9), 115_000)]
    many = title(1, words={f"w{number}": way for number, way in enumerate(ways)})

    part = part_of([many])

    assert part.words.postings.kinds.dtype == np.uint32
    assert found("w114999", part)[0].complete
