"""Applications in which users look after their account; every other only acts within it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from shared.identity.step_up import must_be_self
from shared.kernel.errors import DeniedError

if TYPE_CHECKING:
    from shared.kernel.principal import Principal

OwnApplication = Literal["mg-web", "mg-mobile"]
OWN = frozenset(get_args(OwnApplication))


class ApplicationDeniedError(DeniedError):
    """The user may do this, and not by way of this application."""

    code = "application-denied"


def must_be_at_home(principal: Principal) -> None:
    """Refuse whoever is not the user themselves, in an application of ours or on our pages.

    An application of others, or a television that somebody else let in, has tokens that are as
    fresh as any; with them it must not change what opens the account.

    Raises:
        ActedForError: Somebody acts for the user.
        ApplicationDeniedError: The token is another application's.
    """
    must_be_self(principal)
    ours = principal.client_id in OWN or not principal.client_id  # no token is without one
    if not ours:
        raise ApplicationDeniedError("do this in an application of ours, or on our pages")
