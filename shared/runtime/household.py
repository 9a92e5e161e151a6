"""The rules of households and of parental controls, joined with what they stand on."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from shared.adapters.redis.pins import RedisGrants
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sealing import IDENTITY, sealer
from shared.adapters.sql.identity.household import SqlHousehold
from shared.adapters.sql.identity.parental import SqlParentalControls
from shared.catalog.values import GENRES
from shared.identity.accounts import RESOURCE
from shared.identity.household_desk import HouseholdDesk, Shown
from shared.identity.household_wishes import NewProfile, ProfileChange
from shared.identity.parental import must_be_known
from shared.identity.parental_pin import PinDesk
from shared.identity.parental_wishes import ControlsChange
from shared.identity.step_up import must_be_self
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import issuing
from shared.runtime.accounts import AccountRules
from shared.runtime.audit import audit_event

if TYPE_CHECKING:
    from typing import Any

    from shared.adapters.outbox import Publisher
    from shared.kernel.clock import Clock
    from shared.runtime.messages import Request

PIN_TOKEN = "x-pin-token"  # noqa: S105 - a header's name
CHANGE = "PREFERENCE_CHANGE"
Wish = TypeVar("Wish", NewProfile, ProfileChange, ControlsChange)


class HouseholdRules:
    """What the endpoints of households and parental controls ask, made when first asked for.

    Args:
        clock: The time.
        publisher: Sends what asks for letters.
        accounts: Compares PINs, and counts tries.
    """

    def __init__(
        self, clock: Clock, publisher: Publisher, accounts: AccountRules | None = None
    ) -> None:
        self.clock, self._publisher = clock, publisher
        self.accounts = accounts or AccountRules(clock)
        self.ids = TimeOrderedIds(clock)

    @cached_property
    def controls(self) -> SqlParentalControls:
        """Parental controls as they are kept."""
        return SqlParentalControls(self._publisher, RedisRevocations(), self.clock)

    @cached_property
    def profiles(self) -> SqlHousehold:
        """Profiles as they are kept."""
        return SqlHousehold(self._publisher, RedisRevocations(), self.clock)

    @cached_property
    def pins(self) -> PinDesk:
        """Believes those who know the PIN.

        Raises:
            UnavailableError: The key that seals its hash cannot be read.
        """
        return PinDesk(
            controls=self.controls,
            hasher=self.accounts.hasher,
            sealer=sealer(IDENTITY),
            throttle=self.accounts.throttle,
            grants=RedisGrants(),
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def desk(self) -> HouseholdDesk:
        """Keeps profiles.

        Raises:
            UnavailableError: No issuer is named, or its keys cannot be read.
        """
        return HouseholdDesk(self.profiles, self.pins, issuing.issuer(), RedisRevocations())


def wish_of(request: Request, model: type[Wish]) -> Wish:
    """Return the body of a request that may block genres, which the catalog has to know.

    Raises:
        MalformedError: It is no JSON.
        InvalidInputError: Naming every field that is not acceptable.
    """
    wish = request.json(model)
    must_be_known(wish.blocked_genres, GENRES)
    return wish


def shown_by(request: Request, action: str, **details: Any) -> Shown:  # noqa: ANN401 - JSON
    """Return who asks for something of their household, and what they show.

    Args:
        request: Theirs.
        action: For the audit log.
        details: What else the log says.

    Raises:
        ActedForError: Somebody acts in their place.
    """
    who = request.principal
    must_be_self(who)
    noted = audit_event(
        request, who, action, resource_type=RESOURCE, resource_id=who.sub, details=details
    )
    return Shown(who, request.headers.get(PIN_TOKEN, ""), noted)
