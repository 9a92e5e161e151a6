"""Strings in arrays, and rows by key."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.resident.strings import Keyed, Strings, key_hash

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=8)
PAIRS = st.lists(st.tuples(st.sampled_from("abcé京"), st.integers(0, 2**31 - 1)), max_size=30)


@given(TEXTS)
def test_strings_that_were_kept_are_the_strings_that_were_given(texts: list[str]) -> None:
    kept = Strings.from_arrays(Strings.build(texts).arrays())

    assert len(kept) == len(texts)
    assert [kept[i] for i in range(len(kept))] == texts


def test_a_string_is_counted_from_the_end_and_one_beyond_is_an_error() -> None:
    strings = Strings.build(["Heat", "Amélie"])

    assert strings[-1] == "Amélie"
    with pytest.raises(IndexError):
        strings[2]


def test_strings_that_are_cut_off_are_refused() -> None:
    arrays = Strings.build(["Heat", "Ronin"]).arrays()

    with pytest.raises(ValueError, match="do not end at byte 7"):
        Strings.from_arrays(arrays | {"data": arrays["data"][:-2]})


@given(PAIRS)
def test_a_key_has_the_rows_that_it_was_given_in_order_and_each_once(
    pairs: list[tuple[str, int]],
) -> None:
    kept = Keyed.from_arrays(Keyed.build(pairs).arrays())

    for key in "abcé京x":
        found = kept.rows(key)
        assert found.dtype == np.int32
        assert found.tolist() == sorted({row for given, row in pairs if given == key})


def test_rows_without_hashes_are_refused() -> None:
    arrays = Keyed.build([("noir", 1), ("noir", 2)]).arrays()

    with pytest.raises(ValueError, match="2 hashes, 1 rows"):
        Keyed.from_arrays(arrays | {"rows": arrays["rows"][:1]})


def test_what_was_read_from_a_file_is_not_copied() -> None:
    strings, keyed = Strings.build(["Heat"]), Keyed.build([("noir", 1)])

    read = Strings.from_arrays(strings.arrays()), Keyed.from_arrays(keyed.arrays())

    assert np.shares_memory(read[0].data, strings.data)
    assert np.shares_memory(read[1].hashes, keyed.hashes)


def test_a_hash_is_what_other_programs_make_of_the_key() -> None:
    assert int(key_hash("noir")) == 0x5E01798F1C875CE6, "b2sum --length 64"
