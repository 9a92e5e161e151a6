"""The issuer's key set, from a source that listens on this machine."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey, OKPKey, RSAKey

from shared.adapters.jwks import (
    DEFAULT_FRESH,
    LEAST_FRESH,
    MOST_FRESH,
    SIZE_LIMIT,
    KeySource,
    freshness,
    public_keys,
)
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from tests.fakes.tokens import Authority, serving, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

DOWN: tuple[int, dict[str, str], bytes] = (503, {}, b"")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def authority(clock: FixedClock) -> Authority:
    return Authority(clock)


@pytest.fixture
def source(authority: Authority, clock: FixedClock) -> Iterator[KeySource]:
    with serving(authority) as url:
        yield KeySource(url, clock)


def key_set(*keys: dict[str, Any]) -> bytes:
    return orjson.dumps({"keys": keys})


def published(kid: object = "a", **changed: object) -> dict[str, Any]:
    public = OKPKey.generate_key("Ed25519").as_dict(private=False)
    return {**public, "kid": kid, "use": "sig", "alg": "EdDSA", **changed}


async def test_a_key_is_found_by_its_name(source: KeySource, authority: Authority) -> None:
    authority.add("second", "RS256")
    await source.renew()
    for kid, alg in (("first", "EdDSA"), ("second", "RS256")):
        key = await source.find(kid)
        assert key is not None
        assert key.alg == alg
        good = signature(authority.keys[kid], b"message")
        assert key.verify(b"message", good)
        assert not key.verify(b"another", good)
        assert not key.verify(b"message", good[:-1])
    assert authority.asked == 1


async def test_a_set_is_asked_for_again_when_it_is_no_longer_fresh(
    source: KeySource, authority: Authority, clock: FixedClock
) -> None:
    await source.renew()
    clock.advance(timedelta(seconds=299))
    await source.renew()
    assert authority.asked == 1
    clock.advance(timedelta(seconds=1))
    await source.renew()
    assert authority.asked == 2


async def test_a_key_that_is_withdrawn_is_gone_and_the_generation_tells(
    source: KeySource, authority: Authority, clock: FixedClock
) -> None:
    await source.renew()
    before = source.generation
    authority.add("second", "EdDSA")
    del authority.keys["first"]
    clock.advance(timedelta(seconds=300))
    await source.renew()

    assert await source.find("first") is None
    assert await source.find("second") is not None
    assert source.generation == before + 1


async def test_an_unknown_key_is_looked_for_once_a_minute(
    source: KeySource, authority: Authority, clock: FixedClock
) -> None:
    await source.renew()
    authority.add("new", "EdDSA")
    assert [await source.find(kid) for kid in ("new", "x", "y")] == [None] * 3
    assert authority.asked == 1
    clock.advance(timedelta(seconds=60))
    found = await source.find("new")
    assert found is not None
    assert await source.find("x") is None
    assert authority.asked == 2


async def test_requests_that_come_at_once_ask_once(source: KeySource, authority: Authority) -> None:
    await asyncio.gather(*(source.renew() for _ in range(20)))
    assert authority.asked == 1


async def test_a_caller_who_leaves_does_not_end_what_others_wait_for(source: KeySource) -> None:
    first = asyncio.ensure_future(source.renew())
    second = asyncio.ensure_future(source.renew())
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert await source.find("first") is not None


async def test_while_the_source_is_down_the_last_set_serves_for_a_day(
    source: KeySource, authority: Authority, clock: FixedClock
) -> None:
    await source.renew()
    authority.answer = DOWN
    clock.advance(timedelta(hours=24))
    await source.renew()
    await source.renew()
    assert await source.find("first") is not None
    assert authority.asked == 2

    clock.advance(timedelta(seconds=30))
    with pytest.raises(UnavailableError):
        await source.renew()
    with pytest.raises(UnavailableError):
        await source.find("first")


async def test_a_source_that_never_answered_is_asked_again_soon(
    source: KeySource, authority: Authority, clock: FixedClock
) -> None:
    authority.answer = DOWN
    with pytest.raises(UnavailableError):
        await source.renew()
    authority.answer = None
    with pytest.raises(UnavailableError):
        await source.find("first")
    clock.advance(timedelta(seconds=5))
    await source.renew()
    assert await source.find("first") is not None


async def test_a_source_that_refuses_connections_is_unavailable(clock: FixedClock) -> None:
    with pytest.raises(UnavailableError):
        await KeySource("http://127.0.0.1:9/keys", clock).renew()


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"not json"),
        (200, {}, b"[]"),
        (200, {}, b'{"keys": {}}'),
        (200, {}, b'{"keys": []}'),
        (200, {}, b" " * (SIZE_LIMIT + 1)),
        (302, {"location": "http://127.0.0.1:9/"}, b""),
        (200, {"content-encoding": "gzip"}, b"no gzip"),
    ],
)
async def test_what_is_no_key_set_leaves_the_last_one(
    source: KeySource,
    authority: Authority,
    clock: FixedClock,
    answer: tuple[int, dict[str, str], bytes],
) -> None:
    await source.renew()
    authority.answer = answer
    clock.advance(timedelta(seconds=300))
    await source.renew()
    assert authority.asked == 2
    assert await source.find("first") is not None


def unusable() -> Iterator[dict[str, Any]]:
    """Keys that must not be taken, each for one reason."""
    oct_key = OctKey.generate_key(256).as_dict(private=True)
    rsa = RSAKey.generate_key(2048).as_dict(private=False)
    yield {**oct_key, "kid": "a", "alg": "HS256"}
    yield {**oct_key, "kid": "a"}
    yield {**rsa, "kid": "a", "alg": "RS512"}
    yield {**rsa, "kid": "a", "n": rsa["n"][:100]}
    yield {**rsa, "kid": "a", "e": ""}
    yield published(use="enc")
    yield published(alg="RS256")
    yield published(crv="X25519")
    yield published(x="AAAA")
    yield published(kid="")
    yield published(kid=7)
    yield {"kty": ["OKP"], "kid": "a"}


@pytest.mark.parametrize("key", list(unusable()), ids=range(12))
def test_a_key_that_cannot_serve_is_passed_over(key: dict[str, Any]) -> None:
    assert list(public_keys(key_set(key, published("good")))) == ["good"]


def test_of_two_keys_with_one_name_neither_serves() -> None:
    assert list(public_keys(key_set(published("a"), published("a"), published("b")))) == ["b"]


def test_entries_that_are_no_keys_are_passed_over() -> None:
    body = orjson.dumps({"keys": [None, 1, "x", [], {}, published("good")]})
    assert list(public_keys(body)) == ["good"]


@settings(deadline=None)  # the first example imports the library
@example({"kty": "OKP", "crv": "0", "x": "AQAB"})
@given(
    st.dictionaries(
        st.sampled_from(["kty", "kid", "crv", "x", "n", "e", "alg", "use"]),
        st.one_of(
            st.text(),
            st.none(),
            st.integers(-9, 9),
            st.sampled_from(["OKP", "RSA", "Ed25519", "AQAB"]),
        ),
    )
)
def test_no_key_however_odd_hides_a_good_one(odd: dict[str, Any]) -> None:
    named = {**odd, "kid": f"odd {odd.get('kid')}"}
    assert "good" in public_keys(key_set(named, published("good")))


@pytest.mark.parametrize(
    ("value", "fresh"),
    [
        ("", DEFAULT_FRESH),
        ("public, max-age=600", timedelta(seconds=600)),
        ("MAX-AGE=600,public", timedelta(seconds=600)),
        ("max-age=0", LEAST_FRESH),
        ("max-age=99999", MOST_FRESH),
        ("x-max-age=600", DEFAULT_FRESH),
        ("max-age=-1", DEFAULT_FRESH),
    ],
)
def test_a_set_is_fresh_for_as_long_as_its_source_says(value: str, fresh: timedelta) -> None:
    assert freshness(value) == fresh
