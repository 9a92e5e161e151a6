"""Which passwords are taken, and in what form."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import passwords
from shared.identity.passwords import LEAST, MOST, acceptable, is_common, normalized
from shared.kernel.errors import InvalidInputError

EMAIL = "nora@example.com"
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
REFUSED = [
    ("eleven char", "too-short"),
    ("é" * 11, "too-short"),
    ("ab" * 65, "too-long"),
    ("I am Nora, hello", "contains-email"),
    ("123456789012", "too-common"),
    ("abcdefghijklm", "too-common"),
    ("zyxwvutsrqponm", "too-common"),
    ("xyzxyzxyzxyz", "too-common"),
    ("qwertyuiop[]", "too-common"),
    ("Password2024!", "too-common"),
    ("michael!!!!2019", "too-common"),
    ("dragondragondragon", "too-common"),
    ("mychemicalromance", "too-common"),
    ("FriendsForever!", "too-common"),
    ("siempreteamare1", "too-common"),
    ("123456789012".translate(FULL_WIDTH), "too-common"),
]


@pytest.mark.behavior("identity:5.6:policy")
@pytest.mark.behavior("attacks:asvs:2.1.7")
@pytest.mark.parametrize(("password", "rule"), REFUSED)
def test_a_password_that_guessers_try_first_names_its_rule(password: str, rule: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        acceptable(password, email=EMAIL, field="new_password")

    (issue,) = refused.value.issues
    assert (issue.field, issue.rule) == ("new_password", rule)
    assert password not in f"{refused.value.message} {issue.message}"


@pytest.mark.behavior("identity:5.6:policy")
@pytest.mark.behavior("attacks:asvs:2.1.4")
@pytest.mark.behavior("attacks:asvs:2.1.9")
@pytest.mark.parametrize(
    "password", ["seven tall windows", "4f!9Qz77#kLm", "a" * 11 + "é", "日本語の秘密の合言葉です夜"]
)
def test_length_counts_and_composition_does_not(password: str) -> None:
    assert acceptable(password, email=EMAIL) == normalize("NFKC", password)


def test_a_short_name_before_the_at_is_in_too_many_words_to_tell_anything() -> None:
    assert acceptable("badminton racket", email="min@example.com")


@pytest.mark.behavior("identity:5.6:policy")
@pytest.mark.behavior("attacks:asvs:2.1.1")
@pytest.mark.behavior("attacks:asvs:2.1.2")
def test_bounds_are_counted_in_code_points_after_normalization() -> None:
    ligature = "ﬁ"  # two letters once normalized
    assert acceptable(ligature * (LEAST // 2 - 1) + "xy", email=EMAIL).startswith("fifi")
    assert len(acceptable("ξ9" * (MOST // 2 - 1) + "ab", email=EMAIL)) == MOST
    with pytest.raises(InvalidInputError):
        acceptable("x9ab" + ligature * (MOST // 2 - 1), email=EMAIL)


@pytest.mark.behavior("attacks:asvs:2.1.3")
@given(st.text(max_size=200))
def test_one_password_has_one_form_however_it_was_typed(password: str) -> None:
    once = normalized(password)

    assert normalized(once) == once
    for form in ("NFC", "NFD", "NFKD"):
        assert normalized(normalize(form, password)) == once


@given(st.sampled_from(["password", "dragon", "sunshine"]), st.text("0123456789!?. ", max_size=12))
def test_digits_and_signs_around_a_common_password_hide_nothing(word: str, ends: str) -> None:
    assert is_common(f"{ends}{word.upper()}{ends}")


@pytest.mark.behavior("attacks:asvs:2.1.7")
def test_the_list_is_in_order_so_that_whatever_is_on_it_is_found() -> None:
    kept = passwords._common()
    each = [kept[place] for place in range(len(kept))]

    assert len(each) > 97_000
    assert each == sorted(set(each))
    assert all(digest in kept for digest in each[:: len(each) // 500])
    assert b"\x00" * 5 not in kept
    assert b"\xff" * 5 not in kept
