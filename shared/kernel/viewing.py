"""When a viewer may watch (docs/decisions/0027)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.kernel.errors import DeniedError

if TYPE_CHECKING:
    from datetime import datetime

    from shared.kernel.principal import Principal


class OutsideViewingWindowError(DeniedError):
    """The account's parental controls let nobody watch at this hour."""

    code = "outside-viewing-window"


def must_be_open(viewer: Principal, now: datetime) -> None:
    """Refuse to play anything at an hour at which the viewer may not watch.

    Raises:
        OutsideViewingWindowError: Saying when they may.
    """
    if viewer.viewing is not None and not viewer.may_watch(now):
        opens, closes = (moment.isoformat() for moment in viewer.viewing)
        raise OutsideViewingWindowError(f"watching is from {opens} to {closes}")
