"""A code for a session: whatever order the steps have, one shown twice leaves no live session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.identity.authorization_code import CodeGrant, Shown, Taking
from shared.identity.authorization_exchange import CodeSpentError, Exchange
from shared.identity.clients import CODE_GRANT, Client
from shared.identity.families import Family
from shared.identity.families import Shown as Kept
from shared.identity.sessions import Device, SessionRefusedError, Subject, TokenSet
from shared.identity.throttle import LocalThrottle
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from tests.fakes.identity import Told

if TYPE_CHECKING:
    from collections.abc import Callable

CLOCK = FixedClock()
CLIENT = Client("film-notes", "Film notes", (CODE_GRANT,), (), timedelta(1), timedelta(1))
GRANT = CodeGrant(
    client_id="film-notes",
    redirect_uri="https://app.example/callback",
    challenge="c" * 43,
    user_id="ada",
    version=3,
    scopes=("openid", "read:content"),
    methods=("pwd",),
    authenticated_at=CLOCK.now(),
)
CODE = "a code"
SESSION = "a session"


@dataclass
class World:
    """One code, one account and its consents and sessions, as `Exchange` asks them.

    Attributes:
        meanwhile: Happens after a session began and before that is noted at the code.
        lost: Redis has gone by then.
        version: Of the account's tokens now.
        allows: What the user still lets the application have.
    """

    meanwhile: Callable[[], object] = lambda: None
    lost: bool = False
    version: int = 3
    allows: tuple[str, ...] = ("read:content",)
    shown: int = 0
    noted: str = ""
    live: set[str] = field(default_factory=set)
    audited: list[str] = field(default_factory=list)

    def take(self, _code_hash: bytes, _now: object) -> Taking:
        """Use the code up."""
        self.shown += 1
        if self.shown > 1:
            return Taking(Shown.AGAIN, family_id=self.noted)
        return Taking(Shown.TAKEN, grant=GRANT)

    def began(self, _code_hash: bytes, family_id: str) -> bool:
        """Note the session."""
        self.meanwhile()
        if self.lost:
            raise UnavailableError("redis does not answer")
        self.noted = family_id
        return self.shown > 1

    def allowed(self, _user_id: str, _client_id: str) -> tuple[str, ...]:
        """Return what the user allows."""
        return self.allows

    def subject(self, user_id: str) -> Subject | None:
        """Return the account."""
        return Subject(user_id, version=self.version) if self.version else None

    def start(self, subject: Subject, _device: Device, **_given: object) -> TokenSet:
        """Begin the session."""
        if subject.version != self.version:
            raise SessionRefusedError("the account's sessions have just been ended")
        self.live.add(SESSION)
        return TokenSet("access", "refresh", 900, "read:content")

    def show(self, _token_hash: bytes) -> Kept:
        """Return what is kept of the session's token."""
        now = CLOCK.now()
        family = Family(Subject("ada"), SESSION, "film-notes", "", ("read:content",), ("pwd",), now)
        return Kept(family, "active", True, now, now, None, None, 0, None)

    def end(self, family_id: str, _reason: str, *_more: object) -> bool:
        """End the session."""
        alive = family_id in self.live
        self.live.discard(family_id)
        return alive

    def exchange(self) -> Exchange:
        """Return the rules over all this."""
        this: Any = self
        event: Any = self.audited.append
        return Exchange(
            codes=this,
            consents=this,
            families=this,
            sessions=this,
            revocations=Told(),
            throttle=LocalThrottle(CLOCK),
            clock=CLOCK,
            noted=event,
            begun=lambda _family: None,
        )

    def run(self, client: Client = CLIENT) -> TokenSet:
        """Show the code, with everything right."""
        exchange = self.exchange()
        tokens, _ = exchange.start(CODE, exchange.take(CODE, client), Device("film-notes"))
        return tokens


def test_a_code_that_is_shown_once_leaves_its_session_alive() -> None:
    world = World()
    assert world.run().refresh_token == "refresh"  # noqa: S105 - of nobody
    assert (world.live, world.audited) == ({SESSION}, [])


def test_a_second_showing_after_the_session_began_ends_it() -> None:
    world = World()
    world.run()
    for _ in range(2):
        with pytest.raises(CodeSpentError):
            world.run()
    assert (world.live, world.audited[:1]) == (set(), [SESSION])


def test_a_second_showing_before_the_session_is_known_ends_it_too() -> None:
    world = World()

    def second() -> None:
        with pytest.raises(CodeSpentError):
            world.exchange().take(CODE, CLIENT)

    world.meanwhile = second
    assert world.run().access_token == "access"  # noqa: S105 - of nobody
    assert (world.live, world.audited) == (set(), [SESSION])


def test_a_session_that_cannot_be_noted_ends() -> None:
    world = World(lost=True)
    with pytest.raises(UnavailableError):
        world.run()
    assert world.live == set()


@pytest.mark.parametrize(
    "world",
    [World(version=4), World(version=0), World(allows=()), World(allows=("write:ratings",))],
)
def test_a_code_gives_nothing_once_account_or_consent_have_changed(world: World) -> None:
    with pytest.raises(CodeSpentError):
        world.run()
    assert (world.live, world.shown) == (set(), 1)


def test_an_application_of_ours_needs_no_consent() -> None:
    world = World(allows=())
    world.run(replace(CLIENT, first_party=True))
    assert world.live == {SESSION}


def test_another_application_burns_a_code_and_gets_nothing() -> None:
    world = World()
    for client in (replace(CLIENT, client_id="another"), CLIENT):
        with pytest.raises(CodeSpentError):
            world.run(client)
    assert world.live == set()
