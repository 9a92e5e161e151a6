"""Signatures of webhooks, and the keys by which notices are told apart."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.webhooks.notice import key_of, read_notice
from shared.catalog.webhooks.signing import (
    SIGNATURE,
    TIMESTAMP,
    WINDOW,
    SignatureInvalidError,
    SignatureMissingError,
    is_fresh,
    sign,
    verify,
)
from shared.kernel.clock import FixedClock
from shared.kernel.errors import InvalidInputError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = FixedClock().now()
SECOND = str(int(NOW.timestamp()))
KEY = "a shared key"


def headers(body: bytes, timestamp: str = SECOND, key: str = KEY) -> dict[str, str]:
    return {SIGNATURE: sign(key, body, timestamp=timestamp), TIMESTAMP: timestamp}


def test_the_signature_is_that_of_the_time_a_full_stop_and_the_body() -> None:
    expected = hmac.new(KEY.encode(), SECOND.encode() + b".{}", hashlib.sha256).hexdigest()
    assert sign(KEY, b"{}", timestamp=SECOND) == f"sha256={expected}"


@given(body=st.binary(max_size=200), key=st.text(min_size=1), other=st.text(min_size=1))
def test_what_one_live_key_signed_is_good_and_what_another_signed_is_not(
    body: bytes, key: str, other: str
) -> None:
    signed = headers(body, key=key)
    verify(signed, body, secrets=["older", key], now=NOW)

    if other.encode() != key.encode():
        with pytest.raises(SignatureInvalidError):
            verify(signed, body, secrets=[other], now=NOW)


@given(body=st.binary(min_size=1, max_size=200), place=st.integers(0), bit=st.integers(0, 7))
def test_one_other_bit_is_another_body(body: bytes, place: int, bit: int) -> None:
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit

    with pytest.raises(SignatureInvalidError):
        verify(headers(body), bytes(changed), secrets=[KEY], now=NOW)


@given(signature=st.text(), timestamp=st.text(), legacy=st.booleans())
def test_no_header_that_nobody_signed_is_good(signature: str, timestamp: str, legacy: bool) -> None:
    given = {SIGNATURE: signature, TIMESTAMP: timestamp}
    with pytest.raises((SignatureMissingError, SignatureInvalidError)):
        verify(given, b"{}", secrets=[KEY], now=NOW, legacy=legacy)


@given(seconds=st.integers(-100_000, 100_000))
def test_a_time_is_fresh_within_five_minutes_either_way(seconds: int) -> None:
    at = str(int((NOW + timedelta(seconds=seconds)).timestamp()))
    assert is_fresh(at, NOW) is (abs(seconds) <= WINDOW.total_seconds())


@given(st.text())
def test_no_text_breaks_the_reading_of_a_time(text: str) -> None:
    assert is_fresh(text, NOW) in {True, False}


@pytest.mark.parametrize("at", ["", "-1", "1e9", "+5", "١٢٣", "1767225600.0", "9" * 400])
def test_what_is_no_unix_second_is_never_fresh(at: str) -> None:
    assert not is_fresh(at, NOW)


def test_without_a_live_key_nothing_is_believed() -> None:
    with pytest.raises(SignatureInvalidError):
        verify(headers(b"{}", key=""), b"{}", secrets=[], now=NOW)


def test_whoever_sends_a_time_has_signed_it_even_where_the_body_alone_would_do() -> None:
    bare = {SIGNATURE: sign(KEY, b"{}", timestamp="")}
    verify(bare, b"{}", secrets=[KEY], now=NOW, legacy=True)

    with pytest.raises(SignatureInvalidError):
        verify({**bare, TIMESTAMP: SECOND}, b"{}", secrets=[KEY], now=NOW, legacy=True)


BODY = {
    "event_type": "content_added",
    "platform": "netflix",
    "timestamp": "2026-01-01T00:00:00Z",
    "payload": {"content_id": "1", "regions": ["uk", "US"], "content_type": "Film"},
}


def key(said: Mapping[str, object], name: str = "") -> bytes:
    notice, whole = read_notice(orjson.dumps(said))
    return key_of(notice, whole, name)


def test_regions_are_iso_codes_and_a_type_nobody_knows_is_unknown() -> None:
    notice, _ = read_notice(orjson.dumps(BODY))

    assert notice.payload.regions == ("GB", "US")
    assert notice.payload.content_type == "unknown"


def test_the_key_is_of_platform_type_and_payload_alone() -> None:
    payload = {"regions": ["uk", "US"], "content_type": "Film", "content_id": "1"}
    same = {**BODY, "payload": payload, "timestamp": "2026-01-01T00:00:09Z", "signature": "x"}

    assert key(BODY) == key(same)
    changes: list[dict[str, object]] = [
        {"platform": "hulu"},
        {"event_type": "content_removed"},
        {"payload": {**payload, "year": 1995}},
    ]
    assert len({key(BODY), *(key({**BODY, **change}) for change in changes)}) == 4


def test_a_senders_own_key_counts_instead_of_the_payload_for_its_platform_alone() -> None:
    other = {**BODY, "event_type": "content_removed"}
    hulu = {**BODY, "platform": "hulu"}

    assert key(BODY, "a") == key(other, "a") != key(BODY, "b")
    assert key(BODY, "a") != key(hulu, "a")
    for bad in ("ü", "a b", "x" * 201, "a\n"):
        with pytest.raises(MalformedError):
            key(BODY, bad)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.dictionaries(
    st.sampled_from(["event_type", "platform", "timestamp", "payload"]), JSON, max_size=4
)
BODIES = st.binary(max_size=100) | FIELDS.map(lambda said: orjson.dumps({**BODY, **said}))


@given(BODIES)
def test_no_body_makes_anything_but_a_notice_or_a_refusal(body: bytes) -> None:
    try:
        notice, said = read_notice(body)
    except (MalformedError, InvalidInputError):
        return
    assert len(key_of(notice, said)) == 32
