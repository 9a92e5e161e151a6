"""What the tagger sees of a word; a trained model knows these by name."""

from __future__ import annotations

import pytest

from shared.search.intent.tagger.features import features_of, shape

WORDS = ["do", "you", "know", "a", "1994", "movie", "by", "mann", "or", "de", "palma"]
NOTHING: list[list[str]] = [[] for _ in WORDS]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("1994", "year"),
        ("2049", "year"),
        ("1794", "d4"),
        ("19", "d2"),
        ("19940", "d5"),
        ("80s", "mixed"),
        ("a", "a1"),
        ("it", "a"),
    ],
)
def test_a_word_is_letters_a_year_a_number_or_mixed(word: str, kind: str) -> None:
    assert shape(word) == kind


def test_a_word_is_seen_with_its_neighbors_its_ends_and_who_is_far_by_side_alone() -> None:
    seen = features_of(WORDS, [*NOTHING[:5], ["known"], *NOTHING[6:]])[5]

    near = {
        "w=movie", "p=1994", "n=by", "pp=a", "nn=mann", "pw=1994 movie", "wn=movie by",
        "ppp=a 1994", "nnn=by mann", "pn=1994|by", "pwn=1994 movie by", "ppw=a 1994 movie",
        "wnn=movie by mann",
    }  # fmt: skip
    ends = {"s1=e", "p1=m", "s2=ie", "p2=mo", "s3=vie", "p3=mov", "s4=ovie", "p4=movi"}
    beside = {"ps=994", "ns=by", "sh=a", "psh=yeara", "nsh=aa"}
    far = {"L=do", "L=you", "L=know", "R=or", "R=de", "R=palma"}
    assert len(seen) == len(set(seen))
    assert set(seen) == {"bias", "known"} | near | ends | beside | far


def test_the_first_and_the_last_word_are_seen_as_such() -> None:
    first, *between, last = features_of(WORDS, NOTHING)

    assert {"first", "p=<1", "pp=<2", "psh=a"} <= set(first)
    assert {"last", "n=>1", "nn=>2", "nsh=a"} <= set(last)
    assert not any({"first", "last"} & set(seen) for seen in between)
    assert [name for name in first if name[:2] in {"L=", "R="}] == [
        "R=a",
        "R=1994",
        "R=movie",
        "R=by",
    ]
    assert [name for name in last if name[:2] in {"L=", "R="}] == [
        "L=1994",
        "L=movie",
        "L=by",
        "L=mann",
    ]


def test_a_word_of_one_letter_has_no_ends() -> None:
    assert not [name for name in features_of(["x"], [[]])[0] if name[:2] in {"s1", "p1"}]
