"""Codes of apps, backup codes, and what two proofs come to."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.sealing import Pepper
from shared.adapters.totp import PyotpCodes
from shared.identity import backup_codes
from shared.identity.device import ALPHABET
from shared.identity.factors import TRIES
from shared.identity.proof import joined
from shared.identity.totp import DIGITS, DRIFT, app_address, matching_step, step_of

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105 - of the RFC
"""``12345678901234567890`` in base32, RFC 6238 appendix B."""
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
CODES = PyotpCodes()


@pytest.mark.parametrize(("second", "digits"), VECTORS)
def test_codes_are_the_last_six_digits_of_those_in_rfc_6238(second: int, digits: str) -> None:
    step = step_of(datetime.fromtimestamp(second, UTC))
    assert CODES.code(SECRET, step) == digits[-6:]


@given(st.integers(0, 4_000_000_000), st.integers(-3, 3))
def test_a_code_is_found_one_step_around_now(second: int, drift: int) -> None:
    now = datetime.fromtimestamp(second + 120, UTC)
    shown = CODES.code(SECRET, step_of(now) + drift)
    around = {CODES.code(SECRET, step_of(now) + d): d for d in (1, -1, 0)}

    expected = step_of(now) + around[shown] if shown in around else None
    assert matching_step(CODES, SECRET, shown, now) == expected


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "½½½½½½", "\x00"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert matching_step(CODES, SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_a_secret_is_random_and_long_enough() -> None:
    made = {CODES.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(secret) for secret in made} == {32}


def test_an_app_reads_whose_secret_it_is() -> None:
    parts = urlsplit(app_address(SECRET, "nora+1@example.com"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/MediaGateway:nora%2B1%40example.com"
    assert parse_qs(parts.query) == {
        "secret": [SECRET], "issuer": ["MediaGateway"], "period": ["30"], "digits": ["6"]
    }  # fmt: skip


@pytest.mark.behavior("identity:5.7:backup")
def test_backup_codes_are_ten_of_ten_symbols_and_shown_in_two_halves() -> None:
    made = backup_codes.new_codes()
    assert len(set(made)) == 10
    for code in made:
        assert set(code.replace("-", "")) <= set(ALPHABET)
        assert [len(half) for half in code.split("-")] == [5, 5]


@given(st.text(alphabet=ALPHABET, min_size=10, max_size=10))
def test_a_backup_code_is_the_same_however_it_is_typed(code: str) -> None:
    ways = [code, code.lower(), f" {code[:5]}-{code[5:]} ", " ".join(code)]
    assert {backup_codes.normalized(way) for way in ways} == {code}


@pytest.mark.parametrize("typed", ["", "ABCDE", "ABCDE-FGHJ0", "ABCDE-FGHJKL", "ABCDEFGHJ\n"])
def test_what_is_no_backup_code_has_no_form(typed: str) -> None:
    assert backup_codes.normalized(typed) is None


def test_the_keys_of_a_pepper_are_drawn_by_hkdf() -> None:
    drawn = HKDF(SHA256(), 32, salt=b"media-gateway", info=b"backup-codes").derive(b"k" * 32)
    (found,) = Pepper(["k" * 32], "backup-codes").digests("ABCDEFGHJK")
    assert found == hmac.digest(drawn, b"ABCDEFGHJK", "sha256")


def test_a_pepper_has_a_digest_for_each_key_and_each_purpose() -> None:
    old, new = "o" * 32, "n" * 32
    both = Pepper([new, old], "backup-codes").digests("code")

    assert both[1:] == Pepper([old], "backup-codes").digests("code")
    assert len({*both, *Pepper([new, old], "pins").digests("code")}) == 4
    assert {len(digest) for digest in both} == {32}


PAIRS = [
    (("pwd",), ("otp",), ("pwd", "otp", "mfa")),
    (("pwd",), ("hwk", "user"), ("pwd", "hwk", "user", "mfa")),
    (("fed",), ("otp",), ("fed", "otp", "mfa")),
    (("pwd", "otp", "mfa"), ("otp",), ("pwd", "otp", "mfa")),
    (("otp",), ("otp",), ("otp",)),
    (("hwk", "user"), ("otp",), ("hwk", "user", "otp")),
    ((), ("hwk", "user", "mfa"), ("hwk", "user", "mfa")),
]


@pytest.mark.parametrize(("first", "second", "both"), PAIRS)
def test_proofs_of_two_kinds_are_more_than_one(
    first: tuple[str, ...], second: tuple[str, ...], both: tuple[str, ...]
) -> None:
    assert joined(first, second) == both


@pytest.mark.behavior("attacks:mfa:brute-force")
def test_whoever_goes_on_guessing_codes_waits_ever_longer() -> None:
    assert [TRIES.pause(n) for n in (4, 5, 6, 9, 40)] == [0, 60, 120, 900, 900]
    day, best = timedelta(days=1).total_seconds(), 0.0
    for tries in range(1, 120):  # so many, then a rest until all is forgotten
        round_trip = sum(map(TRIES.pause, range(1, tries + 1))) + TRIES.window_seconds
        best = max(best, tries * day / round_trip)
    assert len(DRIFT) * best / 10**DIGITS < 1 / 690
