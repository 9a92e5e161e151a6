"""Tokens that are dead before their time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from shared.adapters.jwks import KeySource
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from shared.kernel.principal import ADMIN_SCOPE, TokenExpiredError, TokenInvalidError
from shared.runtime import viewer
from shared.runtime.viewer import LOOK_AGAIN, Trust, Validator, authorize
from tests.fakes.tokens import AUDIENCE, Authority, serving, trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.kernel.principal import Principal

MOMENT = timedelta(milliseconds=1)


class Book:
    """`shared.runtime.viewer.Revoked` that says what it is told to and counts who asks."""

    def __init__(self) -> None:
        self.asked, self.dead, self.lost = 0, False, False

    async def is_dead(self, principal: Principal) -> bool:
        """Answer, or not."""
        assert principal.token_id
        self.asked += 1
        await asyncio.sleep(0)
        if self.lost:
            raise UnavailableError("redis does not answer")
        return self.dead


class World:
    """A validator that asks a book."""

    def __init__(self, url: str, authority: Authority, clock: FixedClock) -> None:
        self.authority, self.clock, self.book = authority, clock, Book()
        trust = Trust(authority.issuer, AUDIENCE)
        self.validator = Validator(KeySource(url, clock), trust, clock, self.book)


@pytest.fixture
def world() -> Iterator[World]:
    clock = FixedClock()
    authority = Authority(clock)
    with serving(authority) as url:
        yield World(url, authority, clock)


@pytest.mark.behavior("identity:5.3:revoked")
async def test_a_token_is_looked_up_when_it_is_new_and_then_once_in_three_seconds(
    world: World,
) -> None:
    token = world.authority.token()
    for _ in range(5):
        await world.validator.check(token)
    assert world.book.asked == 1

    world.clock.advance(LOOK_AGAIN - MOMENT)
    await world.validator.check(token)
    assert world.book.asked == 1
    world.clock.advance(MOMENT)
    await asyncio.gather(*(world.validator.check(token) for _ in range(50)))
    assert world.book.asked == 2


async def test_a_token_that_was_revoked_is_refused_three_seconds_later_and_stays_so(
    world: World,
) -> None:
    token = world.authority.token()
    await world.validator.check(token)
    world.book.dead = True
    await world.validator.check(token)
    world.clock.advance(LOOK_AGAIN)

    for _ in range(2):
        with pytest.raises(TokenInvalidError, match="revoked"):
            await world.validator.check(token)


async def test_a_token_that_was_revoked_before_it_was_seen_is_refused_at_once(
    world: World,
) -> None:
    world.book.dead = True
    with pytest.raises(TokenInvalidError, match="revoked"):
        await world.validator.check(world.authority.token())


async def test_while_nobody_can_tell_tokens_are_judged_by_what_they_say_and_few_ask(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.book.lost = True
    for number in range(10):
        await world.validator.check(world.authority.token(jti=f"token {number}"))
    assert world.book.asked == 1
    assert [r.message for r in caplog.records if "revocation" in r.message] == [
        "revocation.unchecked"
    ]

    world.book.lost, world.book.dead = False, True
    world.clock.advance(LOOK_AGAIN)
    with pytest.raises(TokenInvalidError, match="revoked"):
        await world.validator.check(world.authority.token())


async def test_who_has_to_be_sure_takes_no_token_that_nobody_could_look_up(world: World) -> None:
    token, large = (
        world.authority.token(),
        world.authority.token(max_rating="G", act={"sub": "x" * 2000}),
    )
    for each in (token, large):
        await world.validator.check(each, sure=True)
    world.book.lost = True
    world.clock.advance(LOOK_AGAIN)

    for each in (token, large):
        with pytest.raises(UnavailableError):
            await world.validator.check(each, sure=True)
        await world.validator.check(each)


async def test_a_token_ends_when_it_says_so_whatever_the_book_says(world: World) -> None:
    token = world.authority.token()
    await world.validator.check(token)
    world.clock.advance(timedelta(seconds=960))

    with pytest.raises(TokenExpiredError):
        await world.validator.check(token)
    assert world.book.asked == 1


@pytest.mark.behavior("attacks:asvs:4.1.5")
@pytest.mark.parametrize(("auth", "scopes"), [("admin", ()), ("user", (ADMIN_SCOPE,))])
async def test_what_is_for_administrators_is_closed_while_nobody_can_tell(
    monkeypatch: pytest.MonkeyPatch, auth: str, scopes: tuple[str, ...]
) -> None:
    book = Book()
    with trusted(monkeypatch) as authority:
        headers = {"authorization": f"Bearer {authority.admin()}"}
        book.lost = True
        viewer.ask_for_revoked(book)

        assert (await authorize("user", [], headers)).may(ADMIN_SCOPE)
        with pytest.raises(UnavailableError):
            await authorize(auth, scopes, headers)

        book.lost = False
        viewer.ask_for_revoked(book)
        assert (await authorize(auth, scopes, headers)).may(ADMIN_SCOPE)
