"""Codes that people read off a screen and type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.device import ALPHABET, CodeUnknownError, new_user_code, normalized, shown

CODES = st.text(alphabet=ALPHABET, min_size=8, max_size=8)


@given(
    code=CODES,
    between=st.sampled_from(["-", " ", "--", " - ", "\u2013"]),
    at=st.integers(0, 8),
    small=st.booleans(),
)
def test_a_code_is_the_same_however_it_is_typed(
    code: str, between: str, at: int, *, small: bool
) -> None:
    typed = code[:at] + between + code[at:]
    assert normalized(typed.lower() if small else typed) == normalized(shown(code)) == code


@pytest.mark.parametrize(
    "typed", ["", "ABCD-EFG", "ABCD-EFGHJ", "ABCD-EFG0", "ABCD-EFGI", "ÄBCDEFGH"]
)
def test_what_can_be_no_code_is_unknown(typed: str) -> None:
    with pytest.raises(CodeUnknownError):
        normalized(typed)


@pytest.mark.behavior("identity:5.2:codes")
@pytest.mark.behavior("attacks:device:user-code-guessing")
@pytest.mark.behavior("oauth2:device:codes")
def test_codes_have_forty_bits_of_symbols_that_are_not_mistaken_for_each_other() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("IO01") & set(ALPHABET)
    drawn = {new_user_code() for _ in range(200)}
    assert len(drawn) == 200
    assert {normalized(code) for code in drawn} == drawn
