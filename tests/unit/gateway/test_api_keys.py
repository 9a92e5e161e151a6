"""API keys at the door: which are asked about, how often, and what their token counts against."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256

import pytest

from shared.gateway.api_keys import (
    ApiKeyInQueryError,
    ApiKeys,
    Traded,
    in_place,
    presented,
)
from shared.gateway.gcra import Quotas
from shared.gateway.ports import Quota
from shared.identity.api_keys import new_key
from shared.kernel.errors import UnavailableError
from shared.kernel.principal import KEY_CLIENT, Kind, Principal, TokenInvalidError

WHOLE = Quotas([Quota("minute", "all:free:user:ada", 200, 60.0, 200)])
CALLER = Principal(Kind.USER, sub="ada", client_id=f"{KEY_CLIENT}k1")


@dataclass
class Known:
    """A trader that knows some keys, and tells how often it was asked."""

    keys: dict[str, Traded] = field(default_factory=dict)
    asked: int = 0
    lost: bool = False

    def add(self, *, seconds: float = 180, rate: int = 60) -> str:
        """Return a new key that it knows."""
        key = new_key()
        self.keys[sha256(key.encode()).hexdigest()] = Traded("a.b.c", seconds, "k1", rate)
        return key

    async def trade(self, digest: str) -> Traded | None:
        """Answer for a key, or as one who is lost."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.lost:
            raise UnavailableError("identity is lost")
        return self.keys.get(digest)


class Now:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.at


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def keys(known: Known, now: Now) -> ApiKeys:
    return ApiKeys(known, now)


def test_a_key_is_taken_from_either_header() -> None:
    key = new_key()
    assert presented("/a", {"authorization": f"Bearer {key}"}) == key
    assert presented("/a", {"authorization": f"bearer {key}"}) == key
    assert presented("/a", {"x-api-key": key}) == key
    assert presented("/a", {"authorization": "Bearer a.b.c"}) is None
    assert presented("/a", {"authorization": "Basic bWc="}) is None
    assert presented("/a", {}) is None


def test_a_key_beside_a_token_is_refused() -> None:
    with pytest.raises(TokenInvalidError):
        presented("/a", {"x-api-key": new_key(), "authorization": "Bearer a.b.c"})


def test_a_key_in_an_address_is_refused_whatever_else_is_shown() -> None:
    key = new_key()
    for target in (f"/a?api_key={key}", f"/a/{key}", f"/a?q=1&x={key[:-6]}"):
        with pytest.raises(ApiKeyInQueryError):
            presented(target, {"authorization": "Bearer a.b.c"})


def test_no_service_sees_a_key() -> None:
    sent = in_place({"x-api-key": new_key(), "accept": "*/*"}, "a.b.c")
    assert sent == {"accept": "*/*", "authorization": "Bearer a.b.c"}


async def test_a_wrong_checksum_is_refused_without_any_look_up(keys: ApiKeys, known: Known) -> None:
    key = known.add()
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    with pytest.raises(TokenInvalidError):
        await keys.token(wrong)

    assert keys.knows(wrong)
    assert known.asked == 0


async def test_a_key_is_asked_about_once_a_minute(keys: ApiKeys, known: Known, now: Now) -> None:
    key = known.add()
    for at, asked in ((0.0, 1), (59.9, 1), (60.0, 2)):
        now.at = at
        assert await keys.token(key) == "a.b.c"
        assert known.asked == asked


async def test_a_trade_is_not_kept_longer_than_its_token(
    keys: ApiKeys, known: Known, now: Now
) -> None:
    key = known.add(seconds=5)
    await keys.token(key)
    now.at = 5.0
    assert not keys.knows(key)


async def test_who_shows_a_key_at_once_waits_for_one_answer(keys: ApiKeys, known: Known) -> None:
    key = known.add()
    found = await asyncio.gather(*(keys.token(key) for _ in range(50)))

    assert set(found) == {"a.b.c"}
    assert known.asked == 1


async def test_a_key_nobody_knows_is_asked_about_every_ten_seconds(
    keys: ApiKeys, known: Known, now: Now
) -> None:
    key = new_key()
    for at, asked in ((0.0, 1), (9.9, 1), (10.0, 2)):
        now.at = at
        with pytest.raises(TokenInvalidError):
            await keys.token(key)
        assert known.asked == asked


async def test_while_nobody_can_tell_a_key_is_not_taken_for_none(
    keys: ApiKeys, known: Known
) -> None:
    key, known.lost = known.add(), True
    with pytest.raises(UnavailableError):
        await keys.token(key)

    known.lost = False
    assert await keys.token(key) == "a.b.c"


async def test_only_so_many_keys_are_looked_up_at_one_time(keys: ApiKeys) -> None:
    found = await asyncio.gather(
        *(keys.token(new_key()) for _ in range(70)), return_exceptions=True
    )

    kinds = [type(each) for each in found]
    assert (kinds.count(TokenInvalidError), kinds.count(UnavailableError)) == (64, 6)


async def test_a_caller_who_goes_away_takes_the_answer_from_nobody(
    keys: ApiKeys, known: Known
) -> None:
    key = known.add()
    first, second = (asyncio.create_task(keys.token(key)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == "a.b.c"
    assert known.asked == 1


async def test_a_forgotten_key_is_asked_about_again(keys: ApiKeys, known: Known) -> None:
    key, stranger = known.add(), new_key()
    await keys.token(key)
    with pytest.raises(TokenInvalidError):
        await keys.token(stranger)
    for each in (key, stranger):
        keys.forget(each)

    assert not keys.knows(key)
    assert keys.knows(stranger)


async def test_a_key_counts_against_its_own_rate_beside_its_users(
    keys: ApiKeys, known: Known, now: Now
) -> None:
    assert keys.quotas(CALLER, None, WHOLE) is WHOLE
    key = known.add(rate=90)
    await keys.token(key)
    found = keys.quotas(CALLER, None, WHOLE)

    assert [(q.name, q.key, q.limit, q.burst) for q in found][1:] == [("key", "api-key:k1", 90, 15)]
    assert found[:1] == WHOLE
    assert keys.quotas(CALLER, None, WHOLE) is found
    assert keys.quotas(CALLER, "none", Quotas()) == ()
    known.keys = {name: each._replace(rate=30) for name, each in known.keys.items()}
    now.at = 60.0
    await keys.token(key)
    assert keys.quotas(CALLER, None, WHOLE)[1].limit == 30
