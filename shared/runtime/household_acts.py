"""What the endpoints of households make of a request: who asks, for what, what the log says."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from shared.catalog.values import GENRES
from shared.identity.accounts import RESOURCE
from shared.identity.household_desk import Shown
from shared.identity.household_wishes import NewProfile, ProfileChange
from shared.identity.parental import must_be_known
from shared.identity.parental_wishes import ControlsChange
from shared.identity.step_up import must_be_self
from shared.runtime.audit import audit_event

if TYPE_CHECKING:
    from typing import Any

    from shared.runtime.messages import Request

PIN_TOKEN = "x-pin-token"  # noqa: S105 - a header's name
CHANGE = "PREFERENCE_CHANGE"
Wish = TypeVar("Wish", NewProfile, ProfileChange, ControlsChange)


def known(wish: Wish) -> Wish:
    """Return a wish that blocks genres, once the catalog knows them.

    Raises:
        InvalidInputError: Naming the first that it does not.
    """
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
