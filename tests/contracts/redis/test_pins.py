"""PINs of a household over Redis: who has shown one, and many wrong ones at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import redis

from shared.adapters.redis.pins import PREFIX, RedisGrants
from shared.adapters.redis.throttle import RedisThrottle
from shared.adapters.sealing import Sealer
from shared.identity.parental import Controls
from shared.identity.parental_pin import LIFE, PinDesk, PinWrongError
from shared.identity.throttle import TooManyTriesError
from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import FixedClock
from shared.kernel.ids import TimeOrderedIds
from shared.kernel.principal import Kind, Principal
from tests.fakes.accounts_house import CountingHasher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulators.managed.redis import Redis
    from shared.identity.accounts import Told

PIN, WRONG = "4711", "0000"
MILLISECOND = timedelta(milliseconds=1)
KEY = f"{PREFIX}:ada:sofa"
SOFA = Principal(Kind.USER, sub="ada", session="sofa")


@dataclass
class OneHousehold:
    """`ParentalControls` of one account, which keeps what it is told."""

    kept: Controls
    told: list[Told] = field(default_factory=list)

    def find(self, _user_id: str) -> Controls:
        """Return the controls."""
        return self.kept

    def change(self, _user_id: str, decide: Callable[[Controls], Controls], told: Told) -> Controls:
        """Keep what is decided."""
        self.kept = decide(self.kept)
        self.told.append(told)
        return self.kept

    def tell(self, told: Told) -> None:
        """Take what is to be told."""
        self.told.append(told)


class Instance:
    """One process that believes PINs, with counts and grants of its own."""

    def __init__(self, plain: redis.Redis, household: OneHousehold, clock: FixedClock) -> None:
        self.ids = TimeOrderedIds(clock)
        self.hasher, self.throttle = CountingHasher(), RedisThrottle(clock, lambda: plain)
        sealer = Sealer(["k" * 32])
        if household.kept.pin_hash is None:
            sealed = sealer.seal(self.hasher.hash(PIN), place="pin:ada")
            household.kept = Controls(pin_hash=sealed)
        self.desk = PinDesk(
            controls=household,
            hasher=self.hasher,
            sealer=sealer,
            throttle=self.throttle,
            grants=RedisGrants(lambda: plain),
            clock=clock,
            ids=self.ids,
        )

    def act(self, action: str, user_id: str = "", *, denied: bool = False) -> AuditEvent:
        """Say for the log what was tried."""
        assert denied
        return AuditEvent(
            id=self.ids.new(), occurred_at=self.desk.clock.now(), actor_id=user_id,
            actor_type=ActorType.USER, action=action,
        )  # fmt: skip

    def shows(self, pin: str, caller: Principal = SOFA) -> str:
        """Show a PIN and return what that gave: nothing where it was wrong or has to wait."""
        try:
            return self.desk.verify(pin, self.act, caller)
        except (PinWrongError, TooManyTriesError):
            return ""


@pytest.fixture
def clock() -> FixedClock:
    """A clock that is turned."""
    return FixedClock()


@pytest.fixture
def household() -> OneHousehold:
    """An account with a PIN."""
    return OneHousehold(Controls())


@pytest.fixture
def plain(server: Redis) -> Iterator[redis.Redis]:
    """A client of an empty server."""
    with redis.Redis.from_url(server.url, socket_timeout=5.0) as client:
        client.flushall()
        yield client


@pytest.fixture
def two(
    plain: redis.Redis, household: OneHousehold, clock: FixedClock
) -> tuple[Instance, Instance]:
    """Two instances under one clock."""
    return Instance(plain, household, clock), Instance(plain, household, clock)


def test_of_many_wrong_pins_at_once_five_are_looked_at_and_one_letter_is_sent(
    two: tuple[Instance, Instance], household: OneHousehold
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: two[n % 2].shows(WRONG), range(40)))

    assert sum(len(each.hasher.verified) for each in two) == 5
    assert len(household.told) == 5
    assert sum(len(told.events) for told in household.told) == 1
    assert not two[0].shows(PIN)


def test_what_one_instance_believed_every_other_does(two: tuple[Instance, Instance]) -> None:
    token, desk = two[0].shows(PIN), two[1].desk
    assert desk.proof(token, SOFA)
    assert not desk.proof(token + "x", SOFA)
    assert not desk.proof("", SOFA)
    assert not desk.proof(token, SOFA._replace(session="kitchen"))
    assert not desk.proof(token, SOFA._replace(sub="ben"))


def test_the_clock_says_when_it_is_over_and_not_redis(
    two: tuple[Instance, Instance], clock: FixedClock, plain: redis.Redis
) -> None:
    token, desk = two[0].shows(PIN), two[0].desk
    clock.advance(LIFE - MILLISECOND)
    assert desk.proof(token, SOFA)
    clock.advance(MILLISECOND)
    assert plain.exists(KEY)
    assert not desk.proof(token, SOFA)


def test_what_is_kept_does_not_open_anything(
    two: tuple[Instance, Instance], household: OneHousehold, plain: redis.Redis
) -> None:
    token, kept = two[0].shows(PIN), plain.get(KEY)
    assert isinstance(kept, bytes)
    assert token.encode() not in kept
    assert household.kept.pin_hash is not None
    assert household.kept.pin_hash.encode() not in kept
