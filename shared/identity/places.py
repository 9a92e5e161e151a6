"""Whether anybody can have travelled from one sign-in to the next (spec/auth §5.6).

The place is what the edge says of the caller's address: a guess at a city, wrong by tens of
kilometers as a rule and by more behind a mobile network or a tunnel. So it refuses nobody. It takes
the freshness from a proof, and tells the account's mailbox.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Protocol

from shared.identity.proof import MULTIPLE
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.identity.proof import Proof

logger = logging.getLogger(__name__)

FASTEST_KMH = 800.0
BLUR_KM = 100.0
"""Two places no further apart than this tell nothing, and of others so much is taken off."""
EARTH_KM = 6371.0
KEPT = timedelta(hours=26)
"""Half around the Earth takes 25 hours at `FASTEST_KMH`: an older place tells nothing."""
_PARTS = 2


@dataclass(frozen=True)
class Place:
    """Somewhere on Earth, in degrees; north and east are above 0."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Seen:
    """Where somebody was, and when."""

    place: Place
    at: datetime


class LastPlaces(Protocol):
    """Where accounts signed in last, for as long as that tells anything."""

    def of(self, user_id: str) -> Seen | None:
        """Return where an account signed in last.

        Raises:
            UnavailableError: Nobody can tell now.
        """

    def keep(self, user_id: str, seen: Seen) -> None:
        """Keep where an account signed in.

        Raises:
            UnavailableError: It cannot be kept now.
        """


class NewIds(Protocol):
    """Makes ids."""

    def new(self) -> UUID:
        """Return a new id."""


def place_of(said: str) -> Place | None:
    """Return a place as the edge says it, ``52.52,13.40``; None where it says none."""
    try:
        numbers = [float(part) for part in said.split(",")]
    except ValueError:
        return None
    if len(numbers) != _PARTS or not (abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180):  # noqa: PLR2004 - degrees
        return None
    return Place(*numbers)


def kilometers(one: Place, other: Place) -> float:
    """Return how far two places are apart, along the sphere (the haversine formula)."""
    north, north_too = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    chord = sin((north_too - north) / 2) ** 2 + cos(north) * cos(north_too) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def is_impossible(last: Seen, now: Seen) -> bool:
    """Tell whether nobody travels so fast as from one place to the other in the time between."""
    hours = max(0.0, (now.at - last.at).total_seconds()) / 3600
    return kilometers(last.place, now.place) - BLUR_KM > FASTEST_KMH * hours


@dataclass(frozen=True)
class Journeys:
    """Judges where accounts sign in.

    Attributes:
        places: Where they did last.
        ids: Of the letters that are asked for.
    """

    places: LastPlaces
    ids: NewIds

    def is_far(self, proof: Proof, place: Place | None) -> bool:
        """Tell whether a proof came from too far away for whoever gave the last one.

        One with a second factor never does. The new place is kept unless it is too far away: who
        signs in with a stolen password does not become the one whom the others are judged by.
        """
        if place is None:
            return False
        now, user = Seen(place, proof.at), proof.account.id
        try:
            last = None if MULTIPLE in proof.methods else self.places.of(user)
            far = last is not None and is_impossible(last, now)
            if not far:
                self.places.keep(user, now)
        except UnavailableError as error:
            logger.warning("travel.unchecked", extra={"reason": error.message})
            return False
        return far
