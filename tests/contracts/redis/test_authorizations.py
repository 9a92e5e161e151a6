"""Requests and codes in a real Redis: the clock decides, and one of many is given each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import redis

from shared.adapters.redis.authorizations import RedisCodes, RedisRequests
from shared.identity.authorization import LIFE, AuthorizationRequest
from shared.identity.authorization_code import CODE_LIFE, CodeGrant, Shown, Taking
from shared.identity.tokens import digest
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.managed.redis import Redis

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
REQUEST = AuthorizationRequest(
    id="019b76da-a800-7b31-8000-2f3c5a1d9e40",
    client_id="film-notes",
    client_name="Film nötes",
    first_party=False,
    redirect_uri="https://app.example/callback",
    scopes=("openid", "read:content"),
    state="s" * 32,
    challenge="c" * 43,
    asked_at=NOW,
    prompt=("login", "consent"),
    max_age=300,
)
GRANT = CodeGrant(
    client_id="film-notes",
    redirect_uri="https://app.example/callback",
    challenge="c" * 43,
    user_id="7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11",
    version=3,
    scopes=("openid", "read:content"),
    methods=("pwd", "otp"),
    authenticated_at=NOW,
    nonce="n",
)
CODE = digest("a code")
FAMILY = "019b76da-a800-7b31-8000-2f3c5a1d9e41"


@pytest.fixture
def plain(server: Redis) -> Iterator[redis.Redis]:
    """A client of an empty server."""
    with redis.Redis.from_url(server.url, socket_timeout=5.0) as client:
        client.flushall()
        yield client


@pytest.fixture
def requests(plain: redis.Redis) -> RedisRequests:
    """Requests that wait."""
    return RedisRequests(lambda: plain)


@pytest.fixture
def codes(plain: redis.Redis) -> RedisCodes:
    """Codes that wait."""
    return RedisCodes(lambda: plain)


def test_a_request_waits_as_it_was_for_ten_minutes(requests: RedisRequests) -> None:
    requests.keep(REQUEST)

    assert requests.find(REQUEST.id, NOW + LIFE - TICK) == REQUEST
    assert requests.find(REQUEST.id, NOW + LIFE) is None
    assert requests.take(REQUEST.id, NOW + LIFE) is None


def test_of_many_who_take_a_request_one_is_given_it(requests: RedisRequests) -> None:
    requests.keep(REQUEST)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: requests.take(REQUEST.id, NOW), range(40)))

    assert [each for each in found if each is not None] == [REQUEST]


def test_of_many_who_show_a_code_one_is_told_what_it_is_good_for(codes: RedisCodes) -> None:
    codes.keep(CODE, GRANT, NOW)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: codes.take(CODE, NOW), range(40)))

    assert [each.grant for each in found if each.grant] == [GRANT]
    assert [each.shown for each in found].count(Shown.AGAIN) == 39


def test_a_code_is_good_until_the_clock_says_otherwise(codes: RedisCodes) -> None:
    codes.keep(CODE, GRANT, NOW)
    codes.keep(digest("another"), GRANT, NOW)

    assert codes.take(CODE, NOW + CODE_LIFE - TICK).grant == GRANT
    assert codes.take(digest("another"), NOW + CODE_LIFE) == Taking(Shown.EXPIRED)
    assert codes.take(digest("a third"), NOW) == Taking(Shown.UNKNOWN)


def test_a_second_showing_is_told_of_the_session_that_began(codes: RedisCodes) -> None:
    codes.keep(CODE, GRANT, NOW)
    codes.take(CODE, NOW)

    assert not codes.began(CODE, FAMILY)
    assert codes.take(CODE, NOW + LIFE) == Taking(Shown.AGAIN, family_id=FAMILY)


def test_who_begins_a_session_is_told_of_a_second_showing_before_that(codes: RedisCodes) -> None:
    codes.keep(CODE, GRANT, NOW)
    codes.take(CODE, NOW)

    assert codes.take(CODE, NOW) == Taking(Shown.AGAIN)
    assert codes.began(CODE, FAMILY)


def test_a_code_that_is_forgotten_is_not_made_anew(plain: redis.Redis, codes: RedisCodes) -> None:
    assert not codes.began(CODE, FAMILY)
    assert plain.keys() == []


def test_nothing_is_kept_for_ever_and_no_code_in_clear(
    plain: redis.Redis, requests: RedisRequests, codes: RedisCodes
) -> None:
    requests.keep(REQUEST)
    codes.keep(digest("the code"), GRANT, NOW)
    codes.keep(CODE, GRANT, NOW)
    codes.take(CODE, NOW)

    assert all(0 < plain.ttl(key) <= 3600 for key in plain.scan_iter())
    assert not any(b"the code" in key for key in plain.scan_iter())


def test_without_redis_everything_is_unavailable() -> None:
    with redis.Redis.from_url("redis://127.0.0.1:1/0") as nowhere:
        requests, codes = RedisRequests(lambda: nowhere), RedisCodes(lambda: nowhere)
        for ask in (
            lambda: requests.keep(REQUEST),
            lambda: requests.find("x", NOW),
            lambda: requests.take("x", NOW),
            lambda: codes.keep(CODE, GRANT, NOW),
            lambda: codes.take(CODE, NOW),
            lambda: codes.began(CODE, FAMILY),
        ):
            with pytest.raises(UnavailableError):
                ask()
